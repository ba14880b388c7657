/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins of codes, the index file and stars, in processor time, beside holding
 * all against all (measured with a part and scaled).
 *
 *   bench_hamming [CODES [HEX-FILE]]
 *
 * CODES are 1000000 if not said.  Codes are uniform, or pieces of those in a
 * file with one in 64 characters a line, a few bits turned; one in twenty is
 * a neighbour of the one before it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "dedup/hamming_int.h"
#include "dedup/stars.h"

#define SCANNED 50000
#define ADDED 1000
#define DUPLICATE 31
#define TURNED 39
#define PROBABLE 51

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Of the process so far. */
static double
peak_gb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss * 1024 / 1e9;
}

static void
turn_bits(uint8_t *bits, uint64_t n, struct rng *rng)
{
	uint64_t bit;

	for (; n > 0; n--) {
		bit = rng_below(rng, PDQ_BITS);
		bits[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

struct source {
	hamming_code *real; /* NULL: uniform */
	size_t n_real;
};

static void
make_code(const struct source *s, hamming_code code, struct rng *rng)
{
	uint64_t word;
	size_t i;

	for (i = 0; i < PDQ_SIZE; i += 8) {
		word = rng_next(rng);
		memcpy(code + i, &word, sizeof(word));
	}
	if (s->n_real == 0)
		return;
	for (i = 0; i < PDQ_SIZE; i += 2)
		memcpy(code + i, s->real[rng_below(rng, s->n_real)] + i, 2);
	turn_bits(code, 24, rng);
}

static void
make(const struct source *s, hamming_code *codes, size_t n)
{
	struct rng rng;
	size_t i;

	rng_seed(&rng, 1);
	for (i = 0; i < n; i++)
		if (i % 20 == 19) {
			memcpy(codes[i], codes[i - 1], PDQ_SIZE);
			turn_bits(codes[i], 2 * rng_below(&rng, 18), &rng);
		} else {
			make_code(s, codes[i], &rng);
		}
}

static int
count(void *ctx, size_t a, size_t b, int distance)
{
	(void)a;
	(void)b;
	(void)distance;
	++*(size_t *)ctx;
	return 0;
}

static void
measure_self(const hamming_code *codes, size_t n, int radius)
{
	size_t pairs = 0, some = 0, part = n < SCANNED ? n : SCANNED;
	double start = cpu_seconds(), took, whole, factor;
	struct err e;

	hamming_self_join(codes, n, radius, count, &pairs, &e);
	took = cpu_seconds() - start;
	start = cpu_seconds();
	hamming_one_by_one(codes, part, codes, part, radius, count, &some, &e);
	factor = (double)n / (double)part;
	whole = (cpu_seconds() - start) * factor * factor;
	printf("self-join of %zu codes at %d bits: %.2f s, %zu pairs; "
	       "one by one %.0f s%s: %.0f times; peak %.2f GB\n",
	    n, radius, took, pairs, whole, part < n ? " (from a part)" : "",
	    whole / took, peak_gb());
}

/* ---- stars --------------------------------------------------------------- */

struct images {
	const hamming_code *codes;
	struct star_item *items;
	size_t n;
};

/* Turns are noise that is the same each time, as those of others are. */
static int
give(void *ctx, size_t place, bool turns, struct star_codes *ret, struct err *e)
{
	const struct images *images = ctx;
	struct rng rng;
	uint64_t word;
	size_t t, i;

	(void)e;
	ret->plain = true;
	ret->trimmed = place % 20 == 7;
	ret->n_turns = turns ? STARS_TURNS : 1;
	memcpy(ret->turn[0], images->codes[place], PDQ_SIZE);
	memcpy(ret->trim[0], images->codes[place], PDQ_SIZE);
	ret->trim[0][place % PDQ_SIZE] ^= 0x7f;
	if (!turns)
		return 0;
	rng_seed(&rng, place);
	for (t = 1; t < STARS_TURNS; t++)
		for (i = 0; i < PDQ_SIZE; i += 8) {
			word = rng_next(&rng);
			memcpy(ret->turn[t] + i, &word, sizeof(word));
			word = rng_next(&rng);
			memcpy(ret->trim[t] + i, &word, sizeof(word));
		}
	return 0;
}

static size_t
find(struct images *images, int probable, const struct hamming_file *index)
{
	struct stars stars = { .items = images->items,
		.n = images->n,
		.duplicate = DUPLICATE,
		.turned = probable < TURNED ? probable : TURNED,
		.probable = probable,
		.codes = give,
		.ctx = images,
		.index = index };
	size_t i, keepers = 0;
	struct err e;

	stars_find(&stars, &e);
	for (i = 0; i < images->n; i++)
		keepers += images->items[i].keeper == i;
	return keepers;
}

static void
forget(struct images *images, size_t from)
{
	for (; from < images->n; from++)
		images->items[from].keeper = STARS_NONE;
}

static void
measure_stars(struct images *images, int probable)
{
	double start = cpu_seconds();
	size_t keepers;

	forget(images, 0);
	keepers = find(images, probable, NULL);
	printf("stars of %zu images, eight turns, %d bits, %d with a look: "
	       "%.2f s, %zu keepers; peak %.2f GB\n",
	    images->n, DUPLICATE, probable, cpu_seconds() - start, keepers,
	    peak_gb());
}

static void
fill(struct hamming_file *f, struct images *images, size_t n)
{
	struct star_codes codes;
	struct err e;
	size_t i;

	for (i = 0; i < n; i++) {
		give(images, i, false, &codes, &e);
		hamming_file_add(
		    f, codes.turn[0], STARS_OWNER(images->items[i].id, 0), &e);
		if (codes.trimmed)
			hamming_file_add(f, codes.trim[0],
			    STARS_OWNER(images->items[i].id, 1), &e);
	}
}

/* The last 1,000 come when all others stand. */
static void
measure_file(struct images *images)
{
	struct hamming_file *f CLEANUP(hamming_file_freep) = hamming_file_new();
	struct hamming_file *g CLEANUP(hamming_file_freep) = hamming_file_new();
	struct hamming_origin origin = { .mark = 1 };
	const char *path = "bench_hamming.mih", *why;
	double start = cpu_seconds(), opened;
	size_t keepers;
	int64_t mark;
	struct err e = { 0 };

	fill(f, images, images->n - ADDED);
	start = cpu_seconds();
	if (hamming_file_write(f, path, &origin, NULL, NULL, &e) < 0) {
		printf("%s\n", e.msg);
		return;
	}
	printf("the index of %zu codes is written: %.2f s; peak %.2f GB\n",
	    hamming_file_count(f), cpu_seconds() - start, peak_gb());
	forget(images, images->n - ADDED);
	start = cpu_seconds();
	hamming_file_open(g, path, origin.stamp, &mark, &why, &e);
	opened = cpu_seconds() - start;
	keepers = find(images, PROBABLE, g);
	printf("%d images more: %.2f s (the file is opened in %.2f), "
	       "%zu keepers\n",
	    ADDED, cpu_seconds() - start, opened, keepers);
	unlink(path);
}

/* ---- all ----------------------------------------------------------------- */

static void
read_real(struct source *s, const char *path)
{
	struct buf text CLEANUP(buf_release) = BUF_INIT(1u << 30);
	char hex[65] = "";
	struct err e;
	size_t at;

	if (file_read(path, &text, &e) < 0) {
		printf("%s\n", e.msg);
		exit(1);
	}
	s->real = xcalloc(text.len / 64 + 1, sizeof(*s->real));
	for (at = 0; at + 64 <= text.len; at += 65) {
		memcpy(hex, text.data + at, 64);
		s->n_real += text_from_hex(s->real[s->n_real], PDQ_SIZE, hex);
	}
}

int
main(int argc, char **argv)
{
	struct source source = { 0 };
	struct images images = { 0 };
	hamming_code *codes;
	int64_t n = 1000000;
	size_t i;

	if (argc > 1 && (!text_to_int(argv[1], &n) || n <= 2 * ADDED))
		return 1;
	if (argc > 2)
		read_real(&source, argv[2]);
	images.n = (size_t)n;
	images.codes = codes = xcalloc(images.n, sizeof(*codes));
	images.items = xcalloc(images.n, sizeof(*images.items));
	make(&source, codes, images.n);
	for (i = 0; i < images.n; i++)
		images.items[i] = (struct star_item){ .id = (int64_t)i + 1,
			.rank = (int64_t)(i * 7919 % 1000) };
	measure_self(codes, images.n, DUPLICATE);
	measure_stars(&images, DUPLICATE);
	measure_file(&images);
	if (images.n > 1000000)
		return 0;
	measure_self(codes, images.n, PROBABLE);
	measure_stars(&images, PROBABLE);
	free(codes);
	free(images.items);
	free(source.real);
	return 0;
}
