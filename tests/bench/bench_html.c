/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MB of real pages read per second of processor time, median of 5: all of a
 * reader's work, the answer's JSON included; and only what libxml2 would take
 * for the same bytes as they are.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "scraper/html_int.h"
#include "scraper/read.h"
#include "tests/shared.h"

#define RUNS 5
#define PAGES_MAX 500

struct pages {
	struct buf v[PAGES_MAX];
	size_t n, bytes;
};

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool
load(struct pages *p)
{
	char *folder CLEANUP(freep) = shared_path("web/pages");
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct err e;

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL && p->n < PAGES_MAX) {
		char *path CLEANUP(freep) =
		    xasprintf("%s/%s", folder, entry->d_name);

		p->v[p->n] = BUF_INIT(DOCUMENT_MAX);
		if (strstr(entry->d_name, ".html") == NULL ||
		    file_read(path, &p->v[p->n], &e) < 0)
			continue;
		p->bytes += p->v[p->n++].len;
	}
	closedir(dir);
	return p->n > 0;
}

static size_t
read_one(char *bytes, size_t len)
{
	struct buf answer CLEANUP(buf_release) = BUF_INIT(1u << 26);
	struct doc doc CLEANUP(doc_release) = { 0 };
	char base[] = "http://example.org/dir/page", reader[] = "page";
	struct read_ask ask = { .reader = reader, .base = base };

	read_document(&ask, bytes, len, &doc);
	doc_write(&doc, &answer);
	return doc.n_images;
}

static size_t
parse_only(char *bytes, size_t len)
{
	static const struct html_handlers nothing = { 0 };

	html_parse(bytes, len, NULL, &nothing, NULL);
	return 0;
}

static void
measure(const struct pages *p, const char *what, size_t (*fn)(char *, size_t))
{
	double rate[RUNS];
	size_t i, images = 0;
	int run;

	for (run = 0; run < RUNS; run++) {
		double start = cpu_seconds();

		for (i = images = 0; i < p->n; i++) {
			char *copy CLEANUP(freep) = xmalloc(p->v[i].len + 1);

			memcpy(copy, p->v[i].data, p->v[i].len + 1);
			images += fn(copy, p->v[i].len);
		}
		rate[run] = (double)p->bytes / 1e6 / (cpu_seconds() - start);
	}
	qsort(rate, RUNS, sizeof(*rate), by_value);
	printf("%-28s %7.1f MB/s  %zu images\n", what, rate[RUNS / 2], images);
}

int
main(void)
{
	struct pages *p = xcalloc(1, sizeof(*p));

	if (!load(p)) {
		printf("no pages to read\n");
		free(p);
		return 0;
	}
	printf("%zu pages, %.1f MB\n", p->n, (double)p->bytes / 1e6);
	measure(p, "read_document", read_one);
	measure(p, "libxml2's parser alone", parse_only);
	while (p->n > 0)
		buf_release(&p->v[--p->n]);
	free(p);
	return 0;
}
