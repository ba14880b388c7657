/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preset: a JSON API described by a file, config/sources/NAME.conf.
 *
 * The shipped ones are inside the program, so that it needs no files; one
 * in WORKSPACE/sources/ comes before a shipped one of its name.  What a file
 * can say is the table in preset.c, paths in answers are of json_path.h.
 *
 * A {word} of the file is a word of the source's section: an option of its
 * (query, category, width), or one of `words = { name=value }`.
 */
#ifndef SCRAPER_PRESET_H
#define SCRAPER_PRESET_H

#include "base/buf.h"
#include "base/mem.h"
#include "scraper/scraper.h"

struct preset {
	char *help, *tested; /* against which real answers; or why not */
	char *terms;         /* address of what is to be accepted; or NULL */
	/* the question */
	char *url;
	struct strlist args, needs, takes, defaults, widths;
	bool needs_one, robots;
	double delay; /* s between its pages */
	/* who asks */
	char *auth, *auth_name, *token_url;
	bool auth_optional;
	char *denied; /* what to do about 401 and 403 */
	/* the answer */
	char *items, *parts, *adult;
	char *image, *page, *title, *caption, *tags, *author, *label,
	    *label_names, *licence, *licence_url;
	struct strlist licences, rewrite, html;
	bool file_titles;
	char *next, *next_arg, *more;
	int64_t first, step;
	/* what went wrong */
	char *error, *error_text;
	struct strlist transient;
};
extern const struct opt_group preset_group;

void preset_free(struct preset *);
DEFINE_CLEANUP(struct preset, preset_free)

/* folder: the workspace, or NULL.  ERR_USAGE: none of that name, or wrong. */
int preset_load(
    const char *folder, const char *name, struct preset **ret, struct err *);
/* The file's text as it is shipped; NULL: none of that name. */
const char *preset_shipped(const char *name);
/* The names of all, sorted; added to the list. */
void preset_names(const char *folder, struct strlist *);

/* The preset that a section asks for: by `preset`, or by its type; or NULL. */
const char *preset_name(const struct source_opts *);
/* Does the section say all that is needed, and nothing that is not taken? */
int preset_check(const struct preset *, const char *title,
    const struct source_opts *, struct err *);

/* Put the section's words into the preset's texts: once, before the next. */
void preset_fill(struct preset *, const struct source_opts *);
/* The first address to ask; NULL when it is none.  The caller frees. */
char *preset_seed(const struct preset *);
/* What the reader in a child needs of it, as JSON; the caller frees. */
char *preset_question(const struct preset *);
struct preset *preset_of_question(const char *json);

#endif
