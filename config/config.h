/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config: griddle.conf, read into the option tables that the rooms declare.
 *
 * The file is libconfuse's syntax without its surprises:
 *
 *	target = 1000                 # an option of the group named ""
 *	classes = { pancake, crepe }  // a list; one word will do, too
 *	scraper { delay = 1.0  max_bytes = 20M }
 *	source "blog" { type = page  url = "https://example.org/" }
 *
 * A word needs no quotes unless it has one of {}=,+()$*#'" or a blank in it.
 * Strings end on their line (a \ at its end goes on on the next).  In "..."
 * the escapes are \n \r \t \" \' \\ \$ and \xHH, in '...' only \' and \\.
 * Nothing is expanded or included: "${HOME}" is these seven characters.
 *
 * Every error is ERR_USAGE and one line:
 * `griddle.conf:12: scraper: no option "dely"; did you mean "delay"?`
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"

#define CONFIG_SIZE_MAX (1u << 20) /* bytes of the file */
#define CONFIG_SECTIONS_MAX 4096
#define CONFIG_SET (-1) /* the "line" of what config_override() set */

/* The values of every group, and where each came from. */
struct config;

struct config_section {
	const char *title;  /* NULL when the group is not titled */
	const void *values; /* the group's struct */
	int line;           /* where it begins; 0: it stands nowhere */
};

/*
 * Read path, or text in its place if that is not NULL (path then only names
 * it in errors).  `groups` ends with NULL; both it and the tables in it
 * outlive the config.  What the file does not name has its default.
 */
int config_load(const char *path, const char *text,
    const struct opt_group *const *groups, struct config **ret, struct err *);
void config_free(struct config *);
DEFINE_CLEANUP(struct config, config_free)

const char *config_path(const struct config *);

/* The values of a group without titles; all that is returned is borrowed. */
const void *config_get(const struct config *, const struct opt_group *);

/* The sections of a group with titles, as they stand in the file. */
size_t config_count(const struct config *, const struct opt_group *);
const struct config_section *config_at(
    const struct config *, const struct opt_group *, size_t i);

/*
 * The line on which the option was set; 0: nowhere, it has its default.
 * `section` is -1 for a group without titles.
 */
int config_line(const struct config *, const struct opt_group *, int section,
    const struct opt *);

/*
 * `--set group.key=value`, for groups without titles; "" is the top of the
 * file.  The elements of a list stand between commas.
 */
int config_override(struct config *, const char *group, const char *key,
    const char *value, struct err *);

/*
 * Call `each` for every option of every section, in the order of the tables;
 * section is NULL for a group without titles, `shown` is what opt_show()
 * gives.  What is not 0 ends the walk and is returned.
 */
typedef int config_each_fn(void *ctx, const struct opt_group *,
    const struct config_section *section, const struct opt *, const char *shown,
    int line);
int config_walk(const struct config *, config_each_fn *each, void *ctx);

#endif
