/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How griddle.conf becomes values, in three steps:
 *
 * scan     tokens with their lines; the same text again for libconfuse,
 *          without comments and with every word in quotes
 * outline  which option stands where; every error about names and braces
 * load     libconfuse reads the values, opt_set() takes them
 */
#ifndef CONFIG_CONFIG_INT_H
#define CONFIG_CONFIG_INT_H

#include "base/buf.h"
#include "config/config.h"

struct section {
	struct config_section shown;
	char *title;  /* owned; as in shown */
	void *values; /* owned; as in shown */
	int *lines;   /* of each option of the group */
};

/* A group without titles has one section, which may stand nowhere. */
struct group {
	const struct opt_group *opts;
	struct section *sections;
	size_t n;
};

struct config {
	char *path;
	struct group *groups;
	size_t n;
};

struct group *config_group(const struct config *, const char *name);
struct section *config_add_section(struct group *, char *title, int line);
/* "scraper: ", `source "x": `, or nothing; the caller frees. */
char *config_where(const struct group *, const struct section *);
int *config_line_of(
    const struct group *, const struct section *, const struct opt *);
/* "; did you mean ...?", or nothing; the caller frees. */
char *config_hint(const char *meant);
/* ERR_USAGE, "path:line: " in front. */
int config_fail(struct err *, const char *path, int line, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* ---- scan ---- */

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,
	TOKEN_MARK, /* one of {}=, */
};

struct token {
	enum token_kind kind;
	int line;
	const char *text; /* a part of the file; of a string, its inside */
	size_t len;
};

struct scan {
	const char *path;
	const char *p; /* what comes next */
	int line;
	struct buf clean; /* for libconfuse */
};

int scan_next(struct scan *, struct token *, struct err *);
bool token_is(const struct token *, char mark);

/* ---- outline ---- */

/* `name = ...` at some line of some section. */
struct entry {
	struct group *group;
	size_t section;
	const struct opt *opt;
};

struct outline {
	struct entry *v;
	size_t n;
};

void outline_release(struct outline *);
/* Add all sections to the config, and what is set in them to the outline. */
int outline_read(
    struct config *, struct scan *, struct outline *, struct err *);

/* ---- load ---- */

/* Take the values from the text that scan left for libconfuse. */
int load_values(
    struct config *, const char *clean, const struct outline *, struct err *);

#endif
