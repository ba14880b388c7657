/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of this room, and what each type of source takes.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/address.h"
#include "scraper/label_rule.h"
#include "scraper/list.h"
#include "scraper/preset.h"
#include "scraper/scraper.h"

static const struct opt scraper_opt[] = {
	{ "delay", OPT_FIELD(struct scraper_opts, delay), .def = "1.0",
	    .max = 3600, .unit = "seconds",
	    .text = "Pause between requests to one host; robots.txt may ask "
		    "for more." },
	{ "per_host", OPT_FIELD(struct scraper_opts, per_host), .def = "2",
	    .min = 1, .max = 16,
	    .text = "Requests at once to one host; with a delay it is one." },
	{ "max_transfers", OPT_FIELD(struct scraper_opts, max_transfers),
	    .def = "64", .min = 1, .max = 4096,
	    .text = "Requests at once to all hosts together." },
	{ "timeout", OPT_FIELD(struct scraper_opts, timeout), .def = "60s",
	    .min = 1, .max = 3600, .unit = "s",
	    .text = "Longest time for a request, body and all." },
	{ "connect_timeout", OPT_FIELD(struct scraper_opts, connect_timeout),
	    .def = "10s", .min = 1, .max = 300, .unit = "s",
	    .text = "Longest time until a host takes the connection." },
	{ "low_speed", OPT_FIELD(struct scraper_opts, low_speed), .def = "1000",
	    .max = 1e9, .unit = "bytes",
	    .text = "What comes slower than this, a second, for 15 s is "
		    "given up; 0: never." },
	{ "retries", OPT_FIELD(struct scraper_opts, retries), .def = "2",
	    .max = 10,
	    .text = "Further tries within a run when a failure may pass." },
	{ "snooze", OPT_FIELD(struct scraper_opts, snooze), .def = "30s",
	    .max = 600, .unit = "s",
	    .text = "Pause of a host that fails five times in a row, then "
		    "twice as long; after three, or with 0, the next run "
		    "asks." },
	{ "max_bytes", OPT_FIELD(struct scraper_opts, max_bytes), .def = "20M",
	    .min = 1024, .max = 1 << 30, .unit = "bytes",
	    .text = "Largest image that is taken." },
	{ "max_redirects", OPT_FIELD(struct scraper_opts, max_redirects),
	    .def = "5", .max = 20,
	    .text = "Redirects that are followed for one request." },
	{ "allow_private", OPT_FIELD(struct scraper_opts, allow_private),
	    .text = "Private networks that may be asked, such as "
		    "192.168.1.0/24; none by default." },
	{ "ca_file", OPT_FIELD(struct scraper_opts, ca_file),
	    .text = "Certificates to trust for https, in PEM; by default "
		    "$SSL_CERT_FILE or the system's." },
	{ "robots", OPT_FIELD(struct scraper_opts, robots), .def = "true",
	    .text = "Do as robots.txt asks (RFC 9309)." },
	{ "crawl_delay_max", OPT_FIELD(struct scraper_opts, crawl_delay_max),
	    .def = "30", .max = 3600, .unit = "seconds",
	    .text = "Longest pause that robots.txt can ask for." },
	{ 0 }
};

const struct opt_group scraper_group = {
	.name = "scraper",
	.text = "how to behave on the web",
	.opts = scraper_opt,
	.size = sizeof(struct scraper_opts),
};

static const char *const scopes[] = { "host", "prefix", "any", NULL };
static const char *const formats[] = { "auto", "txt", "csv", "tsv", "jsonl",
	NULL };

static const struct opt source_opt[] = {
	{ "type", OPT_FIELD(struct source_opts, type),
	    .text = "What kind of source it is; `griddle source types` "
		    "explains them." },
	{ "url", OPT_FIELD(struct source_opts, url),
	    .text = "Where to start: a page, a sitemap, a feed, or a list of "
		    "images." },
	{ "path", OPT_FIELD(struct source_opts, path),
	    .text = "A folder, archive or list on this machine." },
	{ "preset", OPT_FIELD(struct source_opts, preset),
	    .text = "Name of the description of an API, shipped or in the "
		    "workspace's sources/NAME.conf." },
	{ "query", OPT_FIELD(struct source_opts, query),
	    .text = "What to search for." },
	{ "category", OPT_FIELD(struct source_opts, category),
	    .text = "Category, group or section of a service." },
	{ "user", OPT_FIELD(struct source_opts, user),
	    .text = "Name of a user of a service." },
	{ "dataset", OPT_FIELD(struct source_opts, dataset),
	    .text = "A dataset: owner/name." },
	{ "words", OPT_FIELD(struct source_opts, words),
	    .text = "Further words of a preset: { name=value }." },
	{ "key", OPT_FIELD(struct source_opts, key),
	    .text = "Key of an API: env:NAME, in the environment." },
	{ "client", OPT_FIELD(struct source_opts, client),
	    .text = "Id of your client of an API: env:NAME." },
	{ "secret", OPT_FIELD(struct source_opts, secret),
	    .text = "Its secret: env:NAME." },
	{ "terms", OPT_FIELD(struct source_opts, terms),
	    .text = "accepted: you have read a service's terms, and may." },
	{ "adult", OPT_FIELD(struct source_opts, adult), .def = "false",
	    .text = "Take also what a service holds to be for adults." },
	{ "label", OPT_FIELD(struct source_opts, label),
	    .text = "Class of its images, unless they come with one." },
	{ "labels", OPT_FIELD(struct source_opts, labels),
	    .text = "Where an archive says its classes: folder (by default), "
		    "\"{label}.#.jpg\", \"FILE.csv:ID:LABEL\", "
		    "\"FILE.jsonl:ID:LABEL\", COCO's \"FILE.json\", or "
		    "voc." },
	{ "depth", OPT_FIELD(struct source_opts, depth), .def = "1", .max = 20,
	    .text = "Links to follow away from the first page; its next "
		    "pages come for free." },
	{ "scope", OPT_FIELD(struct source_opts, scope), .def = "host",
	    .choices = scopes,
	    .text = "Pages to follow: on the same host, below the same "
		    "folder (prefix), or any." },
	{ "max_pages", OPT_FIELD(struct source_opts, max_pages), .def = "200",
	    .min = 1, .max = 1e6, .text = "Most documents that are read." },
	{ "host_pages", OPT_FIELD(struct source_opts, host_pages), .def = "0",
	    .max = 1e6,
	    .text = "Most documents of one host in a run; 0: max_pages, and "
		    "half of it where scope is any." },
	{ "sitemaps", OPT_FIELD(struct source_opts, sitemaps), .def = "false",
	    .text = "Start also from the sitemaps that robots.txt names." },
	{ "limit", OPT_FIELD(struct source_opts, limit), .def = "0", .max = 1e9,
	    .text = "Most new images to take note of in a run; 0: all." },
	{ "every", OPT_FIELD(struct source_opts, every), .def = "20h",
	    .unit = "s", .max = 1e9,
	    .text = "How long after it was read it is due again." },
	{ "licence", OPT_FIELD(struct source_opts, licence),
	    .text = "Licences to take, such as { cc0, cc-by, pd }; empty: "
		    "whatever it is." },
	{ "api", OPT_FIELD(struct source_opts, api),
	    .def = "https://commons.wikimedia.org/w/api.php",
	    .text = "Address of the MediaWiki API, of type commons." },
	{ "width", OPT_FIELD(struct source_opts, width), .def = "960",
	    .max = 3840, .unit = "px",
	    .text = "Width to ask for where a service makes smaller ones "
		    "(Commons: 20, 40, 60, 120, 250, 330, 500, 960, 1280, "
		    "1920 or 3840); 0: the original." },
	{ "format", OPT_FIELD(struct source_opts, format), .def = "auto",
	    .choices = formats,
	    .text = "How a list is written, if it cannot be told." },
	{ "columns", OPT_FIELD(struct source_opts, columns),
	    .text = "What the columns of a list are, such as \"url=IMAGE "
		    "label=class\", if their names do not say; url=2 is the "
		    "second of a list without names." },
	{ 0 }
};

const struct opt_group source_group = {
	.name = "source",
	.text = "where images come from",
	.opts = source_opt,
	.size = sizeof(struct source_opts),
	.titled = true,
};

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

const char *const source_common[] = { "type", "label", "limit", "every", NULL };

const struct source_type source_types[] = {
	{ .name = "page",
	    .help = "web pages and the pages that they link to",
	    .needs = NAMES("url"),
	    .takes = NAMES("depth", "scope", "max_pages", "host_pages",
		"sitemaps", "licence") },
	{ .name = "sitemap",
	    .help = "the pages and images that a sitemap names: XML, plain "
		    "text or packed, or an index of them",
	    .needs = NAMES("url"),
	    .takes =
		NAMES("depth", "scope", "max_pages", "host_pages", "licence") },
	{ .name = "feed",
	    .help = "the entries of an RSS or Atom feed, and their pages",
	    .needs = NAMES("url"),
	    .takes =
		NAMES("depth", "scope", "max_pages", "host_pages", "licence") },
	{ .name = "list",
	    .help = "a list of addresses: one a line, CSV or tabs with a "
		    "column url, or JSON Lines; .gz of each; on this machine "
		    "of any length",
	    .needs = NAMES("url", "path"),
	    .takes = NAMES("format", "columns", "licence"),
	    .needs_one = true },
	{ .name = "api",
	    .help = "what an API gives by the description of a preset; the "
		    "presets are types, too",
	    .needs = NAMES("preset"),
	    .takes = NAMES("query", "category", "user", "dataset", "words",
		"licence", "max_pages", "key", "client", "secret", "terms",
		"adult") },
	{ .name = "warc",
	    .help = "a WARC or ARC file of a crawl on this machine: its "
		    "pictures, and those that its pages show",
	    .needs = NAMES("path"),
	    .takes = NAMES("licence") },
	{ .name = "folder",
	    .help = "a folder on this machine; the first folders in it are "
		    "the labels",
	    .needs = NAMES("path"),
	    .takes = (const char *const[]){ NULL } },
	{ .name = "archive",
	    .help = "the images in a zip, 7z or tar file (packed by gzip, "
		    "bzip2, xz, zstd or lz4); their folders are the labels, "
		    "or what `labels` names",
	    .needs = NAMES("path"),
	    .takes = NAMES("labels") },
	{ .name = NULL },
};

/* ---- checking a section ------------------------------------------------- */

static bool
among(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static bool
is_set(const struct source_opts *o, const char *name)
{
	const char *field =
	    (const char *)o + opt_find(&source_group, name)->offset;
	const char *text = *(char *const *)(const void *)field;

	return text != NULL && *text != 0;
}

static int
check_needs(const char *title, const struct source_opts *o,
    const struct source_type *type, struct err *e)
{
	const char *const *name;
	const char *missing = NULL;
	size_t n = 0;

	for (name = type->needs; *name != NULL; name++)
		if (is_set(o, *name))
			n++;
		else
			missing = *name;
	if (type->needs_one && n == 1)
		return 0;
	if (type->needs_one)
		return err_set(e, ERR_USAGE,
		    "source \"%s\": type %s needs "
		    "either %s or %s",
		    title, type->name, type->needs[0], type->needs[1]);
	if (missing != NULL)
		return err_set(e, ERR_USAGE, "source \"%s\": type %s needs %s",
		    title, type->name, missing);
	return 0;
}

/* An option that the type does not take must stand as the table has it. */
static int
check_takes(const char *title, const struct source_opts *o,
    const struct source_type *type, struct err *e)
{
	void *plain = opt_new(&source_group);
	const struct opt *opt;
	int status = 0;

	for (opt = source_opt; opt->name != NULL && status == 0; opt++) {
		char *is CLEANUP(freep) = opt_show(opt, o);
		char *was CLEANUP(freep) = opt_show(opt, plain);

		if (strcmp(is, was) != 0 && !among(type->needs, opt->name) &&
		    !among(type->takes, opt->name) &&
		    !among(source_common, opt->name))
			status = err_set(e, ERR_USAGE,
			    "source \"%s\": type %s does not take %s", title,
			    type->name, opt->name);
	}
	opt_free(&source_group, plain);
	return status;
}

/* What an API gives is described elsewhere. */
static int
check_api(const char *folder, const char *title, const struct source_opts *o,
    struct err *e)
{
	struct preset *p CLEANUP(preset_freep) = NULL;

	if (preset_name(o) == NULL)
		return err_set(e, ERR_USAGE,
		    "source \"%s\": type api needs preset", title);
	if (preset_load(folder, preset_name(o), &p, e) < 0)
		return err_wrap(e, "source \"%s\"", title);
	return preset_check(p, title, o, e);
}

static int
check_labels(const char *title, const char *labels, struct err *e)
{
	struct label_rule rule CLEANUP(label_rule_release) = { 0 };

	return label_rule_parse(labels, &rule, e) < 0
	    ? err_wrap(e, "source \"%s\"", title)
	    : 0;
}

int
source_check(const char *folder, const char *title, const struct source_opts *o,
    struct err *e)
{
	const struct source_type *type = source_types;
	struct list_columns columns;

	if (o->type == NULL)
		return err_set(e, ERR_USAGE,
		    "source \"%s\": needs a type: page, sitemap, feed, list, "
		    "warc, folder, archive, or one of an API (griddle source "
		    "types)",
		    title);
	if (strcmp(o->type, "api") == 0 || preset_name(o) != NULL)
		return check_api(folder, title, o, e);
	while (strcmp(type->name, o->type) != 0)
		type++;
	if (check_needs(title, o, type, e) < 0 ||
	    check_takes(title, o, type, e) < 0)
		return -1;
	if (list_columns_parse(o->columns, &columns, e) < 0)
		return err_wrap(e, "source \"%s\"", title);
	return check_labels(title, o->labels, e);
}
