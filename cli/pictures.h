/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pictures: files outside a workspace, as dedup compares them.
 */
#ifndef CLI_PICTURES_H
#define CLI_PICTURES_H

#include "cli/cli.h"
#include "dedup/compare.h"

struct picture_file {
	char *path, *format;
	int width, height;
	int64_t bytes;
};

struct pictures {
	struct picture_file *files;
	struct picture *v; /* v[i] is of files[i] */
	size_t n;
	size_t failed; /* files that could not be read, which was said */
};
void pictures_release(struct pictures *);

/*
 * Look at files and at all that is in folders, in the order of names, side
 * by side and sandboxed; nothing is kept on disk.  What is in a folder and no
 * image at all is passed over in silence; other files that cannot be read are
 * told on stderr and left out.  ERR_INPUT: a path is not there.
 */
int pictures_read(
    char *const *paths, size_t n, struct pictures *ret, struct err *);

/* Are all of them paths of something that is there? */
bool pictures_are_there(char *const *paths, int n);

/* "turned by 90 degrees"; "" for none. */
const char *turn_text(int turn);

/* The options of dedup by default, with the command's --threshold; owned. */
int dedup_defaults(struct cli *, struct dedup_opts **ret, struct err *);

/* dups DIR... */
int dups_folders(struct cli *, struct err *);
/* dedup --explain A B */
int dedup_explain(struct cli *, struct err *);

#endif
