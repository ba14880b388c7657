/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label_rule: which class the pictures of an archive are of.
 *
 * The option `labels` of a source says where that stands:
 *
 *   folder               in the folder that the picture lies in (the default)
 *   {label}.#.jpg        in its name
 *   train.csv:id:label   in a file inside; CSV, or JSON Lines (.jsonl)
 *   instances.json       in COCO's annotations
 *   voc                  in Pascal VOC's, one XML file for each picture
 */
#ifndef SCRAPER_LABEL_RULE_H
#define SCRAPER_LABEL_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/opt.h"

enum label_how {
	LABELS_FOLDER,
	LABELS_NAME,
	LABELS_CSV,
	LABELS_JSONL,
	LABELS_COCO,
	LABELS_VOC
};

struct label_rule {
	enum label_how how;
	char *file;       /* that tells; of LABELS_CSV, _JSONL, _COCO */
	char *id, *label; /* its columns; of LABELS_CSV, _JSONL */
	char *pattern;    /* of LABELS_NAME */
};

/* NULL is the default.  ERR_USAGE says what could be written. */
int label_rule_parse(const char *text, struct label_rule *ret, struct err *);
void label_rule_release(struct label_rule *);

/* Does this entry tell of others? */
bool label_rule_reads(const struct label_rule *, const char *entry);

/*
 * The class by folders, as ImageFolder readers see them: the innermost that
 * is one of the classes, else the innermost.  Those that name a part or the
 * kind of their content ("train", "images") count only where they are the
 * innermost and a class.  NULL: there is none.  The caller frees.
 */
char *label_of_folder(const char *entry, const struct strlist *classes);

/*
 * The class by a pattern: {label} is as short as it can be and not empty, *
 * is any text, # digits; it has to fit all of the name's last parts, as many
 * as it has itself.  NULL: it does not fit.  The caller frees.
 */
char *label_of_name(const char *entry, const char *pattern);

/* ---- what files tell ---------------------------------------------------- */

/* Classes by the names of pictures, which files give in several forms. */
struct label_table;
struct label_table *label_table_new(void);
void label_table_free(struct label_table *);

/* One that is given two classes has none.  ERR_INPUT: there are too many. */
int label_table_add(
    struct label_table *, const char *id, const char *label, struct err *);
/* Of exactly this id; NULL: none. */
const char *label_table_get(const struct label_table *, const char *id);
/*
 * Of an entry: by its path, without its first folders, by its base name, and
 * then all of them without the extension.  NULL: none.
 */
const char *label_table_find(const struct label_table *, const char *entry);

/*
 * Give what a file tells to `each`, which may fail it.  bytes end in a 0 and
 * are scribbled on.  ERR_INPUT: it cannot be read.
 */
typedef int label_each_fn(
    void *ctx, const char *id, const char *label, struct err *);
int label_read(const struct label_rule *, const char *entry, char *bytes,
    size_t len, label_each_fn *each, void *ctx, struct err *);

#endif
