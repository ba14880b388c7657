/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/label_rule.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define LABEL "{label}"
#define LABEL_LEN (sizeof(LABEL) - 1)

static bool
ends_in(const char *text, const char *ending)
{
	size_t len = strlen(text), n = strlen(ending);

	return len > n && strcasecmp(text + len - n, ending) == 0;
}

/* ---- the rule ----------------------------------------------------------- */

/* FILE:ID:LABEL; the file's name may have colons itself. */
static bool
parse_columns(const char *text, struct label_rule *ret)
{
	char *file CLEANUP(freep) = xstrdup(text);
	char *label = strrchr(file, ':'), *id;

	if (label == NULL)
		return false;
	*label++ = 0;
	id = strrchr(file, ':');
	if (id == NULL)
		return false;
	*id++ = 0;
	if (ends_in(file, ".csv"))
		ret->how = LABELS_CSV;
	else if (ends_in(file, ".jsonl") || ends_in(file, ".ndjson"))
		ret->how = LABELS_JSONL;
	else
		return false;
	if (*id == 0 || *label == 0)
		return false;
	ret->id = xstrdup(id);
	ret->label = xstrdup(label);
	ret->file = TAKE(file);
	return true;
}

int
label_rule_parse(const char *text, struct label_rule *ret, struct err *e)
{
	const char *once = text == NULL ? NULL : strstr(text, LABEL);

	*ret = (struct label_rule){ .how = LABELS_FOLDER };
	if (text == NULL || strcmp(text, "folder") == 0)
		return 0;
	if (strcmp(text, "voc") == 0) {
		ret->how = LABELS_VOC;
	} else if (once != NULL && strstr(once + 1, LABEL) == NULL) {
		ret->how = LABELS_NAME;
		ret->pattern = xstrdup(text);
	} else if (ends_in(text, ".json") && strchr(text, ':') == NULL) {
		ret->how = LABELS_COCO;
		ret->file = xstrdup(text);
	} else if (!parse_columns(text, ret)) {
		return err_set(e, ERR_USAGE,
		    "labels = \"%s\": it is folder, voc, a pattern such as "
		    "\"{label}.#.jpg\", \"FILE.csv:ID:LABEL\", "
		    "\"FILE.jsonl:ID:LABEL\" or COCO's \"FILE.json\"",
		    text);
	}
	return 0;
}

void
label_rule_release(struct label_rule *r)
{
	free(r->file);
	free(r->id);
	free(r->label);
	free(r->pattern);
	*r = (struct label_rule){ 0 };
}

bool
label_rule_reads(const struct label_rule *r, const char *entry)
{
	size_t len, n;

	if (r->how == LABELS_VOC)
		return ends_in(entry, ".xml");
	if (r->file == NULL)
		return false;
	len = strlen(entry);
	n = strlen(r->file);
	return len >= n && strcmp(entry + len - n, r->file) == 0 &&
	    (len == n || entry[len - n - 1] == '/');
}

/* ---- by folders --------------------------------------------------------- */

/* Folders that say of which part, or what lies in them. */
static bool
says_nothing(const char *folder)
{
	static const char *const words[] = { "train", "training", "val",
		"valid", "validation", "dev", "test", "testing", "images",
		"image", "imgs", "img", "jpegimages", "pictures", "photos",
		"data", "dataset" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(folder, words[i]) == 0)
			return true;
	return false;
}

/* Cut the last part off a path; NULL when none is left. */
static char *
last_folder(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		return *path == 0 ? NULL : path;
	return slash + 1;
}

char *
label_of_folder(const char *entry, const struct strlist *classes)
{
	const char *end = strrchr(entry, '/');
	char *path CLEANUP(freep) = NULL, *innermost CLEANUP(freep) = NULL;
	char *folder;
	bool first = true;

	if (end == NULL)
		return NULL;
	path = xstrndup(entry, (size_t)(end - entry));
	while ((folder = last_folder(path)) != NULL) {
		/* "inner.zip!" is an archive, not a folder. */
		bool is_archive = ends_in(folder, "!");
		bool is_empty = says_nothing(folder);

		if (!is_archive && (first || !is_empty) &&
		    strlist_has(classes, folder))
			return xstrdup(folder);
		if (!is_archive && !is_empty && innermost == NULL)
			innermost = xstrdup(folder);
		first = false;
		if (folder == path)
			break;
		folder[-1] = 0;
	}
	return TAKE(innermost);
}

/* ---- by names ----------------------------------------------------------- */

/* As many last parts of the path as the pattern has. */
static const char *
last_parts(const char *entry, const char *pattern)
{
	const char *at = entry + strlen(entry);
	size_t slashes = 0;

	for (; *pattern != 0; pattern++)
		slashes += *pattern == '/';
	for (; at > entry; at--)
		if (at[-1] == '/' && slashes-- == 0)
			break;
	return at;
}

/* Where matching goes on: after a wildcard, which then takes one more. */
struct fit {
	const char *pattern, *name;    /* what is left of each */
	const char *back, *back_name;  /* of the last wildcard */
	const char *label, *label_end; /* NULL: not yet */
	bool back_is_label;
};

/* Begin with a wildcard, if the pattern is at one. */
static bool
begin_wildcard(struct fit *f)
{
	bool is_label = strncmp(f->pattern, LABEL, LABEL_LEN) == 0;

	if (!is_label && *f->pattern != '*')
		return false;
	f->pattern += is_label ? LABEL_LEN : 1;
	f->back = f->pattern;
	f->back_is_label = is_label;
	if (is_label) {
		f->label = f->name;
		f->name += *f->name != 0;
		f->label_end = f->name;
	}
	f->back_name = f->name;
	return true;
}

/* One character, or a run of digits. */
static bool
take_one(struct fit *f)
{
	if (*f->pattern == '#' && isdigit((unsigned char)*f->name)) {
		while (isdigit((unsigned char)*f->name))
			f->name++;
	} else if (*f->pattern == 0 || *f->pattern != *f->name) {
		return false;
	} else {
		f->name++;
	}
	f->pattern++;
	return true;
}

char *
label_of_name(const char *entry, const char *pattern)
{
	struct fit f = { .pattern = pattern,
		.name = last_parts(entry, pattern) };

	/* Between two wildcards the first fit is as good as any later. */
	while (*f.name != 0 || *f.pattern != 0) {
		if (begin_wildcard(&f) || take_one(&f))
			continue;
		if (f.back == NULL || *f.back_name == 0)
			return NULL;
		f.name = ++f.back_name;
		f.pattern = f.back;
		if (f.back_is_label)
			f.label_end = f.name;
	}
	if (f.label == NULL || f.label_end == f.label ||
	    memchr(f.label, '/', (size_t)(f.label_end - f.label)) != NULL)
		return NULL;
	return xstrndup(f.label, (size_t)(f.label_end - f.label));
}
