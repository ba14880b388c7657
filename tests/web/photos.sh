#!/bin/sh
# photos.sh DEST: the demo's tree of photographs, DEST/animals/... and
# DEST/plants/... (what grows: food and plants together), copied from
# Debian's tuxpaint-stamps-default.  Its folders cartoon, toys and plastic,
# and stamps marked as colourable, are drawings; the other PNGs are
# photographs.  An existing DEST is filled up, not emptied.
set -eu

stamps=${STAMPS:-/usr/share/tuxpaint/stamps}
if [ $# -ne 1 ]; then
	echo "usage: photos.sh DEST" >&2
	exit 2
fi
if [ ! -d "$stamps/animals" ]; then
	echo "photos.sh: no photographs in $stamps:" \
		"apt-get install tuxpaint-stamps-default" >&2
	exit 2
fi
dest=$1
taken=$(mktemp)
trap 'rm -f "$taken"' EXIT

# take CLASS FOLDER: copy FOLDER's photographs to below DEST/CLASS.  A name
# that is taken gets its folder's name in front.
take() {
	(cd "$stamps/$2" && find . -name '*.png' | sort) |
		grep -vE '/(cartoon|toys|plastic)/' |
		while IFS= read -r path; do
			path=${path#./}
			file=${path##*/}
			folder=${path%"$file"}
			marks=$stamps/$2/${path%.png}.dat
			if [ -f "$marks" ] && grep -q colorable "$marks"; then
				continue
			fi
			if grep -qxF "$file" "$taken"; then
				file=$(basename "$2/${folder%/}")-$file
			fi
			echo "$file" >>"$taken"
			mkdir -p "$dest/$1/$folder"
			cp -p "$stamps/$2/$path" "$dest/$1/$folder$file"
		done
}

take animals animals
take plants food
take plants plants
for class in animals plants; do
	echo "$class $(find "$dest/$class" -name '*.png' | wc -l)"
done
