/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read: documents in, pictures and links out.
 *
 * The readers are pure: bytes and the document's address in, a struct doc
 * out.  They run in children (`griddle worker document`), since the bytes
 * are a stranger's.
 */
#ifndef SCRAPER_READ_H
#define SCRAPER_READ_H

#include "base/proc.h"
#include "scraper/doc.h"
#include "scraper/robots_tag.h"

#define DOCUMENT_MAX ((size_t)8 << 20) /* bytes of a document that is read */

/* What a reader is told beside the bytes; texts may be NULL, but reader. */
struct read_ask {
	char *reader;          /* "page", "sitemap", "feed", ... */
	char *base;            /* the document's address, as of url_resolve() */
	char *charset;         /* that HTTP claims */
	char *format;          /* of a list: "txt", "csv", "tsv", "jsonl" */
	char *columns;         /* of a list: list_columns_parse() */
	char *api;             /* of an API: as of preset_question() */
	struct robots_tag tag; /* what HTTP's X-Robots-Tag asks */
};

void read_ask_release(struct read_ask *);

/* Read with the reader of that name; bytes end in a 0 and are scribbled on. */
void read_document(
    const struct read_ask *, char *bytes, size_t len, struct doc *);

/*
 * HTML pages.  Of the forms in which a page offers one picture (srcset,
 * <picture>, lazy loading, a link around a thumbnail) the largest is taken.
 */
void read_page(const struct read_ask *, char *bytes, size_t len, struct doc *);
/*
 * What a page may turn out to be, by its bytes: a sitemap (XML, lines, or
 * packed by gzip), a feed, or HTML.  And the same where only a sitemap or
 * only a feed will do.
 */
void read_web(const struct read_ask *, char *bytes, size_t len, struct doc *);
void read_only_sitemap(
    const struct read_ask *, char *bytes, size_t len, struct doc *);
void read_only_feed(
    const struct read_ask *, char *bytes, size_t len, struct doc *);
/* The Sitemap lines of robots.txt. */
void read_robots(
    const struct read_ask *, char *bytes, size_t len, struct doc *);
/* Lists of images: list.h. */
void read_list(const struct read_ask *, char *bytes, size_t len, struct doc *);
/* JSON that an API answers, as its preset says (preset.h). */
void read_api(const struct read_ask *, char *bytes, size_t len, struct doc *);

/* The parent's side: put the question into a job; bytes go into job->fd. */
int read_request(const struct read_ask *, const void *bytes, size_t len,
    struct proc_job *, struct err *);

/* In the child, before its sandbox closes: what readers load from files. */
struct read_warm;
struct read_warm *read_warm_new(void);
void read_warm_free(struct read_warm *);

/* ---- parts of readers --------------------------------------------------- */

/* The text of a piece of HTML; the caller frees; NULL when there is none. */
char *html_text(const char *html);

/*
 * The candidates of a srcset attribute (HTML, "parse a srcset attribute"):
 * each gets a score by which the largest picture can be told.
 */
typedef void srcset_fn(void *ctx, const char *url, double score);
void srcset_each(const char *srcset, srcset_fn *each, void *ctx);

#endif
