/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scraper: the gather stage, and what it can be told.
 *
 * Sources start from seeds; documents lead to images; the frontier in the
 * store remembers all of it, so a run that ends anywhere is gone on with by
 * the next.  One loop on one thread speaks HTTP (fetch.h) and hands the
 * documents to children (read.h).
 */
#ifndef SCRAPER_SCRAPER_H
#define SCRAPER_SCRAPER_H

#include "base/opt.h"
#include "scraper/gather_why.h"
#include "store/store.h"

/* Section "scraper": how to behave on the web. */
struct scraper_opts {
	double delay;            /* s between requests to one host */
	int64_t per_host;        /* requests at once to one host */
	int64_t max_transfers;   /* requests at once in all */
	int64_t timeout;         /* s for all of a request */
	int64_t connect_timeout; /* s */
	int64_t low_speed;       /* bytes/s below which it is given up */
	int64_t retries;         /* of what may pass, in one run */
	int64_t snooze;          /* s of a host that keeps failing */
	int64_t max_bytes;       /* of an image */
	int64_t max_redirects;
	struct strlist allow_private; /* networks, as CIDR */
	char *ca_file;                /* certificates to trust; or NULL */
	bool robots;
	double crawl_delay_max; /* s; of what robots.txt asks for */
};
extern const struct opt_group scraper_group;

/* Section `source "title"`: where images come from. */
struct source_opts {
	char *type, *preset, *query, *user, *dataset; /* what */
	char *url, *path, *category, *api;            /* where */
	char *client, *secret, *key, *terms;          /* as whom */
	char *label, *format, *scope, *labels, *columns;
	int64_t depth, max_pages, host_pages, limit, every, width;
	struct strlist licence, words;
	bool sitemaps, adult;
};
extern const struct opt_group source_group;

struct source_type {
	const char *name, *help;
	const char *const *needs; /* options, ends with NULL; see needs_one */
	const char *const *takes; /* further ones, besides those of all types */
	bool needs_one;           /* any one of `needs` is enough */
};
/* The end has no name; and options that every type takes, to NULL. */
extern const struct source_type source_types[];
extern const char *const source_common[];

/*
 * Is the section complete, without options that its type does not take?
 * ERR_USAGE says what is wrong with it.  folder: the workspace, for presets.
 */
int source_check(const char *folder, const char *title,
    const struct source_opts *, struct err *);

/* ---- the stage ---------------------------------------------------------- */

struct gather_source {
	const char *name; /* the section's title */
	const struct source_opts *opts;
};

/* An image that would be asked for, in a dry run. */
typedef void gather_would_fn(void *ctx, const char *url, const char *label);

struct gather_conf {
	const struct scraper_opts *scraper;
	const struct gather_source *sources;
	size_t n_sources;
	bool all;                      /* all that there are */
	const struct strlist *classes; /* no others; empty: any */
	int64_t target;                /* images of a class; 0: no end */
	const char *version, *contact; /* for the User-Agent; contact or NULL */
	int64_t limit;                 /* images asked for; 0: no end */
	bool force, dry_run;
	gather_would_fn *would; /* for dry_run */
	gather_found_fn *found; /* first pages of APIs only; or NULL */
	gather_why_fn *why;     /* in the end, for each reason; or NULL */
	void *would_ctx;
};

struct gather_stats {
	int64_t sources;      /* that were due */
	int64_t incomplete;   /* of sources: something of it is left to read */
	int64_t documents;    /* that were read */
	int64_t offered;      /* URLs of images that were not known before */
	int64_t requests;     /* by HTTP, with robots.txt and retries */
	int64_t fetched;      /* images that came */
	int64_t new_images;   /* of them, not held before */
	int64_t not_modified; /* documents and local files */
	int64_t resting;      /* documents that need not be looked at yet */
	int64_t failed;       /* images and documents, each also noted */
	int64_t refused;      /* of failed: by our own rules */
	int64_t waiting;      /* images of these classes left for later */
	int64_t bytes;        /* of images */
	int64_t names, names_failed; /* of hosts that were looked up */
};

/*
 * Gather what is due.  Changes are committed as it goes, failures noted by
 * run_failure() and counts by run_count(); the caller has a run open.
 * ERR_STOPPED when asked to stop, with everything in hand kept.  A dry run
 * reads documents, asks for no image and changes nothing.
 */
int gather_run(struct store *, const struct gather_conf *,
    struct gather_stats *ret, struct err *);

/* `griddle worker document`, `griddle worker list`: return the exit status. */
int scraper_worker(void), list_worker(void);

#endif
