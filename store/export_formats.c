/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/text.h"
#include "store/export_int.h"

#define DIGITS 16 /* of a SHA-256: 64 bits tell images apart */

char *
export_safe_name(const char *class)
{
	char *name = xstrdup(class);
	size_t i;

	for (i = 0; name[i] != 0; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f ||
		    name[i] == '/' || name[i] == '\\' ||
		    (i == 0 && name[i] == '.'))
			name[i] = '_';
	return name;
}

/* ---- imagefolder: DIR/PART/CLASS/IMAGE.jpg ------------------------------ */

/* As torchvision's ImageFolder and Keras read it: a class has a folder only
 * where it has images, for an empty one is an error there. */
struct image_folder {
	const struct export_folder *folder;
	const struct export_set *set;
	bool parts[PART_COUNT]; /* which folders were made */
	bool *classes;          /* [PART_COUNT * k] */
};

static int
image_folder_begin(const struct export_folder *folder,
    const struct export_set *set, void **ret_state, struct err *e)
{
	struct image_folder *f = xcalloc(1, sizeof(*f));

	(void)e;
	f->folder = folder;
	f->set = set;
	f->classes = xcalloc(PART_COUNT * set->k, sizeof(*f->classes));
	*ret_state = f;
	return 0;
}

static void
image_folder_end(void *state)
{
	struct image_folder *f = state;

	free(f->classes);
	free(f);
}

/* It must be new: a file system may take two names for one. */
static int
make_folder(
    const struct image_folder *f, const char *name, bool *made, struct err *e)
{
	if (*made)
		return 0;
	if (mkdirat(f->folder->fd, name, 0777) != 0)
		return err_sys(e, errno == EEXIST ? ERR_USAGE : ERR_FATAL,
		    "cannot make folder %s/%s", f->folder->partial, name);
	*made = true;
	return 0;
}

static int
image_folder_add(void *state, const struct export_row *row, int64_t copy,
    const void *jpeg, size_t len, struct err *e)
{
	struct image_folder *f = state;
	const char *part = part_names[row->part];
	char *folder CLEANUP(freep) =
	    xasprintf("%s/%s", part, f->set->folders[row->class]);
	char *path CLEANUP(freep) = NULL;
	char hex[SHA256_HEX];

	if (make_folder(f, part, &f->parts[row->part], e) < 0 ||
	    make_folder(f, folder,
		&f->classes[(size_t)row->part * f->set->k + row->class], e) < 0)
		return -1;
	text_to_hex(hex, row->sha256, SHA256_SIZE);
	path = copy == 0 ? xasprintf("%s/%.*s.jpg", folder, DIGITS, hex)
			 : xasprintf("%s/%.*s-%lld.jpg", folder, DIGITS, hex,
			       (long long)copy);
	return export_folder_file(f->folder, path, jpeg, len, e);
}

/* ---- all of them -------------------------------------------------------- */

static const struct export_format formats[] = {
	{ "imagefolder", image_folder_begin, image_folder_add,
	    image_folder_end },
};

const struct export_format *
export_format(const char *name, struct err *e)
{
	const char *names[ARRAY_SIZE(formats) + 1] = { NULL };
	struct buf list CLEANUP(buf_release) = BUF_INIT(256);
	const char *meant;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
		names[i] = formats[i].name;
		buf_addf(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
	}
	meant = text_suggest(name, names);
	err_set(e, ERR_USAGE, "no format \"%.40s\"%s%s%s; there is %s", name,
	    meant == NULL ? "" : ": did you mean \"",
	    meant == NULL ? "" : meant, meant == NULL ? "" : "\"?",
	    (const char *)list.data);
	return NULL;
}
