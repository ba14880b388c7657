/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What preparing photographs costs, beside libjpeg-turbo alone.  Each mode
 * reads a list of files (one a line) and prints lines of "what<TAB>number",
 * which visit.sh takes together:
 *
 *   bench_visit rows LIST          CPU ms for each image, in this process
 *   bench_visit children N LIST    through N children: CPU ms, wall ms
 *   bench_visit soak N LIST        RSS of one child in MiB, N visits long
 *   bench_visit make LIST DIR N    N pictures of web sizes from photographs
 *   bench_visit enlarge FILE OUT   one of 12 megapixels
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <turbojpeg.h>

#include "base/file.h"
#include "prep/jpeg_int.h"
#include "prep/wire_int.h"
#include "prep/worker_int.h"
#include "tests/codes.h"

#define STEPS "autorotate, crop smart 1:1, resize 224"
#define SIDE 224
#define FILES_MAX 20000
#define FILE_MAX (64u << 20)
#define SOAK_STEP 2000
#define SOAK_LOOK 100

struct list {
	char *path[FILES_MAX];
	int n;
};

static void
check(int rc, const struct err *e)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_visit: %s\n", e->msg);
	exit(EXIT_FAILURE);
}

static void
fail(const char *what, const char *path)
{
	fprintf(stderr, "bench_visit: %s: %s\n", path, what);
	exit(EXIT_FAILURE);
}

static double
cpu_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static struct list *
read_list(const char *path)
{
	struct list *l = xcalloc(1, sizeof(*l));
	struct buf b = BUF_INIT(FILE_MAX);
	struct err err;
	char *line, *rest;

	check(file_read(path, &b, &err), &err);
	rest = (char *)b.data;
	while ((line = strsep(&rest, "\n")) != NULL && l->n < FILES_MAX)
		if (*line != '\0')
			l->path[l->n++] = xstrdup(line);
	buf_release(&b);
	if (l->n == 0)
		fail("lists no files", path);
	return l;
}

static void
list_free(struct list *l)
{
	while (l->n > 0)
		free(l->path[--l->n]);
	free(l);
}

/* ---- rows: the same file by each of them, one after the other ---- */

/* libjpeg-turbo, to pixels of its own; returns them, shrunk by 1..8. */
static const uint8_t *
turbo(tjhandle h, const struct buf *file, bool scaled, int *ret_w, int *ret_h)
{
	static uint8_t *px;
	static size_t size;
	int w, h0, chroma, space, shrink = scaled ? 8 : 1;
	size_t need;

	if (tjDecompressHeader3(
		h, file->data, file->len, &w, &h0, &chroma, &space) != 0)
		return NULL;
	while (shrink > 1 && (w / shrink < SIDE || h0 / shrink < SIDE))
		shrink /= 2;
	*ret_w = (w + shrink - 1) / shrink;
	*ret_h = (h0 + shrink - 1) / shrink;
	need = (size_t)*ret_w * (size_t)*ret_h * 3;
	if (need > size)
		px = xreallocarray(px, size = need, 1);
	return tjDecompress2(h, file->data, file->len, px, *ret_w, 0, *ret_h,
		   TJPF_RGB, 0) == 0
	    ? px
	    : NULL;
}

/* How much of output pixel `to` the source pixel `from` covers. */
static float
cover(int from, int to, float scale)
{
	const float start = (float)to * scale, end = start + scale;
	const float low = (float)from > start ? (float)from : start;
	const float high = (float)from + 1 < end ? (float)from + 1 : end;

	return high > low ? high - low : 0;
}

/* Which source pixels each output pixel covers, and how much of each. */
struct area {
	int first[SIDE], n;
	float *part; /* [SIDE][n], of the whole */
};

static struct area
area_of(int side)
{
	const float scale = (float)side / SIDE;
	struct area a = { .n = (int)scale + 2 };
	int i, k;

	a.n = a.n > side ? side : a.n;
	a.part = xcalloc((size_t)SIDE * (size_t)a.n, sizeof(*a.part));
	for (i = 0; i < SIDE; i++) {
		a.first[i] = (int)((float)i * scale);
		if (a.first[i] > side - a.n)
			a.first[i] = side - a.n;
		for (k = 0; k < a.n; k++)
			a.part[i * a.n + k] =
			    cover(a.first[i] + k, i, scale) / scale;
	}
	return a;
}

/*
 * The middle square to 224 x 224 by area, plainly: by rows, then along.  It
 * is to be no straw man, so the compiler may do what it can with it.
 */
#pragma GCC push_options
#pragma GCC optimize("O3")
static void
area_resize(const uint8_t *px, int w, int h, uint8_t *to)
{
	const int side = w < h ? w : h;
	struct area a = area_of(side);
	float *row = xcalloc((size_t)side * 3, sizeof(*row));
	const uint8_t *from;
	int x, y, i, k;

	px += ((ptrdiff_t)((h - side) / 2) * w + (w - side) / 2) * 3;
	for (y = 0; y < SIDE; y++) {
		memset(row, 0, (size_t)side * 3 * sizeof(*row));
		for (k = 0; k < a.n; k++) {
			from = px + (ptrdiff_t)(a.first[y] + k) * w * 3;
			for (i = 0; i < side * 3; i++)
				row[i] += a.part[y * a.n + k] * from[i];
		}
		for (x = 0; x < SIDE; x++)
			for (i = 0; i < 3; i++) {
				float sum = 0.5f;

				for (k = 0; k < a.n; k++)
					sum += a.part[x * a.n + k] *
					    row[(a.first[x] + k) * 3 + i];
				*to++ = (uint8_t)sum;
			}
	}
	free(row);
	free(a.part);
}
#pragma GCC pop_options

/* One visit in this process, as a child makes it. */
static double
visit_ms(struct worker_state *state, const struct prep_opts *opts, bool facts,
    const char *path)
{
	struct buf request = BUF_INIT(PROC_REQUEST_MAX);
	struct buf answer = BUF_INIT(PROC_ANSWER_MAX);
	struct recipe recipe;
	struct visit v;
	struct err err;
	double start, ms;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	check(recipe_parse(STEPS, &recipe, &err), &err);
	if (fd < 0 || wire_ask_visit(&request, opts, &recipe, facts) < 0)
		fail("cannot be asked for", path);
	start = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	worker_handle(state, &request, fd, &answer);
	ms = cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - start;
	close(fd);
	if (!wire_read_visit(&answer, opts, facts, &v) ||
	    v.reason != REASON_none || v.jpeg_w != SIDE || v.jpeg_h != SIDE)
		fail("was not prepared", path);
	visit_release(&v);
	buf_release(&request);
	buf_release(&answer);
	return ms;
}

enum row { FULL, SCALED, AREA, PREPARED, WHOLE, ROWS };

static void
time_file(tjhandle h, struct worker_state *state, const struct prep_opts *opts,
    const char *path, double ms[ROWS])
{
	static uint8_t out[SIDE * SIDE * 3];
	struct buf file = BUF_INIT(FILE_MAX);
	struct err err;
	const uint8_t *px;
	double at[4];
	int w, height;

	check(file_read(path, &file, &err), &err);
	at[0] = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	if (turbo(h, &file, false, &w, &height) == NULL)
		fail("cannot be decoded", path);
	at[1] = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	px = turbo(h, &file, true, &w, &height);
	at[2] = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	area_resize(px, w, height, out);
	at[3] = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	ms[FULL] += at[1] - at[0];
	ms[SCALED] += at[2] - at[1];
	ms[AREA] += at[3] - at[1];
	ms[PREPARED] += visit_ms(state, opts, false, path);
	ms[WHOLE] += visit_ms(state, opts, true, path);
	buf_release(&file);
}

static void
rows(const struct list *l, const struct prep_opts *opts)
{
	static const char *const names[ROWS] = {
		[FULL] = "turbojpeg: full decode",
		[SCALED] = "turbojpeg: scaled decode",
		[AREA] = "turbojpeg: scaled decode, area resize",
		[PREPARED] = "griddle: prepared picture",
		[WHOLE] = "griddle: whole visit",
	};
	struct worker_state state = WORKER_STATE_INIT;
	const tjhandle h = tjInitDecompress();
	double ms[ROWS] = { 0 }, warm[ROWS];
	int i;

	if (h == NULL || worker_start(&state, false) < 0)
		fail("cannot be started", "decoder");
	for (i = 0; i < l->n && i < 10; i++)
		time_file(h, &state, opts, l->path[i], warm);
	for (i = 0; i < l->n; i++)
		time_file(h, &state, opts, l->path[i], ms);
	for (i = 0; i < ROWS; i++)
		printf("%s\t%.4f\n", names[i], ms[i] / l->n);
	tjDestroy(h);
	buf_release(&state.input);
}

/* ---- children ---- */

struct tour {
	const struct list *list;
	int next, visits, done;
	bool shows_memory;
	double rss; /* the most that was seen lately */
};

static int
tour_next(void *ctx, struct prep_item *ret, struct err *e)
{
	struct tour *t = ctx;
	const char *path = t->list->path[t->next % t->list->n];

	if (t->next == t->visits)
		return 0;
	ret->id = t->next++;
	ret->facts = true;
	ret->fd = open(path, O_RDONLY | O_CLOEXEC);
	return ret->fd < 0 ? err_sys(e, ERR_FATAL, "%s", path) : 1;
}

/* A number of /proc/PID/status; -1: there is none. */
static long
status_of(const char *pid, const char *field)
{
	char path[300], line[256];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			value = strtol(line + strlen(field), NULL, 10);
	if (f != NULL)
		fclose(f);
	return value;
}

/* What the child of this process holds in memory, in MiB; 0: none is found. */
static double
child_rss(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	double rss = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (status_of(entry->d_name, "PPid:") == getpid())
			rss = (double)status_of(entry->d_name, "VmRSS:") / 1024;
	if (dir != NULL)
		closedir(dir);
	return rss;
}

static int
tour_each(void *ctx, int64_t id, struct visit *v, struct err *e)
{
	struct tour *t = ctx;
	double rss;

	if (v->reason != REASON_none)
		return err_set(e, ERR_FATAL, "%s: %s",
		    t->list->path[id % t->list->n],
		    prep_reason_name(v->reason));
	t->done++;
	if (!t->shows_memory || t->done % SOAK_LOOK != SOAK_LOOK - 1)
		return 0;
	rss = child_rss();
	t->rss = rss > t->rss ? rss : t->rss;
	if (t->done % SOAK_STEP == SOAK_STEP - 1) {
		printf("RSS, at most, up to visit %d\t%.1f\n", t->done + 1,
		    t->rss);
		t->rss = 0;
	}
	return 0;
}

static void
tour(struct tour *t, const struct prep_opts *opts)
{
	struct proc_pool *pool = prep_pool_new(opts);
	struct recipe recipe;
	struct rusage used;
	struct err err;
	double start = cpu_ms(CLOCK_MONOTONIC), cpu;

	check(recipe_parse(STEPS, &recipe, &err), &err);
	check(prep_visits(pool, opts, &recipe, tour_next, tour_each, t, &err),
	    &err);
	start = cpu_ms(CLOCK_MONOTONIC) - start;
	proc_pool_free(pool);
	getrusage(RUSAGE_CHILDREN, &used);
	cpu = 1e3 * (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    1e-3 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	printf("%d children: CPU\t%.4f\n", (int)opts->children, cpu / t->done);
	printf(
	    "%d children: wall\t%.4f\n", (int)opts->children, start / t->done);
}

/* ---- pictures to measure with ---- */

static struct raster
photograph(const char *path)
{
	struct buf file = BUF_INIT(FILE_MAX);
	struct jpeg_header header;
	struct jpeg *j;
	struct raster r;
	struct err err;

	check(file_read(path, &file, &err), &err);
	if (jpeg_open(file.data, file.len, &j, &header) != JPEG_PLAIN ||
	    jpeg_decode(j, 1, &r) < 0)
		fail("cannot be decoded", path);
	jpeg_close(j);
	buf_release(&file);
	return r;
}

static void
write_jpeg(const struct raster *r, const char *path)
{
	struct buf jpeg = BUF_INIT(FILE_MAX);
	struct err err;

	if (jpeg_encode(r, 85, false, &jpeg) < 0)
		fail("is too large", path);
	check(file_replace(path, jpeg.data, jpeg.len, &err), &err);
	buf_release(&jpeg);
}

/* A part of the photograph, of the shape w:h and scaled to that size. */
static void
cut(struct raster *r, uint32_t *seed, int w, int h)
{
	const int most = r->w * h < r->h * w ? r->w : r->h * w / h;
	const int part = most - (int)(noise(seed) % (uint32_t)(most / 4 + 1));
	const int part_h = part * h / w;

	raster_crop(r, (int)(noise(seed) % (uint32_t)(r->w - part + 1)),
	    (int)(noise(seed) % (uint32_t)(r->h - part_h + 1)), part, part_h);
	raster_resize(r, w, h);
}

static void
make(const struct list *l, const char *folder, int n)
{
	static const int sizes[][2] = { { 640, 427 }, { 640, 480 },
		{ 800, 533 }, { 800, 600 }, { 1024, 683 }, { 1024, 768 },
		{ 1200, 800 }, { 1280, 853 }, { 1600, 1067 }, { 1600, 1200 } };
	uint32_t seed = 1;
	struct raster r;
	char *path;
	int i;

	for (i = 0; i < n; i++) {
		const int *size = sizes[noise(&seed) % ARRAY_SIZE(sizes)];

		r = photograph(l->path[i % l->n]);
		cut(&r, &seed, size[0], size[1]);
		path = xasprintf("%s/%04d.jpg", folder, i);
		write_jpeg(&r, path);
		free(path);
		raster_release(&r);
	}
}

static void
enlarge(const char *from, const char *to)
{
	struct raster r = photograph(from);

	raster_resize(&r, 4000, 3000);
	write_jpeg(&r, to);
	raster_release(&r);
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	struct prep_opts *opts = opt_new(&prep_group);
	struct list *l = argc > 2 && strcmp(mode, "enlarge") != 0 &&
		strcmp(mode, "worker") != 0
	    ? read_list(argv[strcmp(mode, "make") == 0 ? 2 : argc - 1])
	    : NULL;
	struct tour t = { .list = l };
	int status = EXIT_SUCCESS;

	opts->children = 1;
	if (strcmp(mode, "worker") == 0) {
		status = prep_worker();
	} else if (strcmp(mode, "rows") == 0 && argc == 3) {
		rows(l, opts);
	} else if (strcmp(mode, "children") == 0 && argc == 4) {
		opts->children = strtol(argv[2], NULL, 10);
		t.visits = l->n;
		tour(&t, opts);
	} else if (strcmp(mode, "soak") == 0 && argc == 4) {
		t.visits = (int)strtol(argv[2], NULL, 10);
		t.shows_memory = true;
		tour(&t, opts);
	} else if (strcmp(mode, "make") == 0 && argc == 5) {
		make(l, argv[3], (int)strtol(argv[4], NULL, 10));
	} else if (strcmp(mode, "enlarge") == 0 && argc == 4) {
		enlarge(argv[2], argv[3]);
	} else {
		fprintf(stderr, "usage: see the top of bench_visit.c\n");
		status = 2;
	}
	if (l != NULL)
		list_free(l);
	opt_free(&prep_group, opts);
	return status;
}
