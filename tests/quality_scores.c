/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quality_scores: for each file named on standard input, decoded as prep
 * does it, a line with its name, its size and all scores; with a number as
 * its argument, that often, and the processor time of one look in seconds
 * instead of the scores.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "prep/load_int.h"
#include "prep/quality.h"

#define FILE_MAX (64u << 20)
#define FULL_SIDE 512

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* As PREP_PIXELS_RULE has it. */
static int
shrink_of(const struct source *s, const struct header *h)
{
	int shrink = s->format == FORMAT_JPEG ? 8 : 1;

	while (shrink > 1 &&
	    (h->w / shrink < FULL_SIDE || h->h / shrink < FULL_SIDE))
		shrink /= 2;
	return shrink;
}

static bool
decode(struct source *s, struct raster *r, struct quality_facts *facts)
{
	enum prep_reason reason;
	struct header h;

	s->format = format_of(s->data, s->len, &reason);
	if (s->format == FORMAT_NONE || !load_header(s, &h))
		return false;
	facts->width = h.orientation < 5 ? h.w : h.h;
	facts->height = h.orientation < 5 ? h.h : h.w;
	facts->orientation = h.orientation;
	facts->shrink = shrink_of(s, &h);
	facts->bands = h.bands;
	facts->format = format_name(s->format);
	if ((int64_t)h.w * h.h > 100000000 ||
	    load_pixels(s, facts->shrink, r) != REASON_none)
		return false;
	raster_orient(r, h.orientation);
	return true;
}

static void
print_scores(const struct quality *q)
{
	int kind;

	for (kind = 0; kind < QUALITY_COUNT; kind++)
		printf("\t%.6f", (double)q->score[kind]);
}

static void
look(const char *path, const struct buf *file, atomic_bool *doubts, int times)
{
	struct source s = {
		.data = file->data, .len = file->len, .doubts = doubts
	};
	struct quality_facts facts = {
		.placeholder = quality_is_placeholder(file->data, file->len)
	};
	struct raster r = { .px = NULL };
	struct quality q;
	double start;
	int i;

	if (decode(&s, &r, &facts)) {
		start = cpu_seconds();
		for (i = 0; i < (times > 0 ? times : 1); i++)
			quality_of(&r, &facts, &q);
		printf("%s\t%d\t%d", path, r.w, r.h);
		if (times > 0)
			printf("\t%.9f", (cpu_seconds() - start) / times);
		else
			print_scores(&q);
		putchar('\n');
	}
	raster_release(&r);
	load_close(&s);
}

int
main(int argc, char **argv)
{
	struct buf file = BUF_INIT(FILE_MAX);
	atomic_bool doubts = false;
	char path[4096];
	struct err err;

	if (load_start(&doubts) < 0)
		return EXIT_FAILURE;
	while (fgets(path, sizeof(path), stdin) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		buf_clear(&file);
		if (file_read(path, &file, &err) < 0) {
			fprintf(stderr, "%s\n", err.msg);
			continue;
		}
		look(path, &file, &doubts,
		    argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0);
	}
	buf_release(&file);
	return EXIT_SUCCESS;
}
