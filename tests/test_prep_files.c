/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Visits to real files, where the folder with them is there: nothing in it
 * brings the parent down, and known truths come out.
 */
#include "tests/pictures.h"

#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/file.h"
#include "tests/shared.h"

#define FILES_MAX 1000
#define TIME_MS 20000

struct files {
	char *path[FILES_MAX];
	int n, next;
	int64_t until_ms;
	int used, refused, seen[FILES_MAX];
};

/* The data folder with name behind it; skips the test without. */
static char *
data(const char *name)
{
	char *path = shared_path(name);

	if (access(path, R_OK) == 0)
		return path;
	print_message("skipped: there is no %s\n", path);
	free(path);
	skip();
	return NULL;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void
collect(struct files *files, char *folder)
{
	char *const roots[] = { folder, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;

	assert_non_null(tree);
	while ((entry = fts_read(tree)) != NULL)
		if (entry->fts_info == FTS_F && files->n < FILES_MAX)
			files->path[files->n++] = xstrdup(entry->fts_path);
	fts_close(tree);
	free(folder);
}

static void
files_release(struct files *files)
{
	while (files->n > 0)
		free(files->path[--files->n]);
}

static int
next_file(void *ctx, struct prep_item *ret, struct err *e)
{
	struct files *files = ctx;

	if (files->next == files->n || clock_ms() > files->until_ms)
		return 0;
	ret->fd = open(files->path[files->next], O_RDONLY | O_CLOEXEC);
	ret->id = files->next++;
	ret->facts = true;
	return ret->fd < 0 ? err_sys(e, ERR_FATAL, "open") : 1;
}

static int
count_visit(void *ctx, int64_t id, struct visit *v, struct err *e)
{
	struct files *files = ctx;

	(void)e;
	files->seen[id]++;
	if (v->reason == REASON_none)
		files->used++;
	else
		files->refused++;
	assert_int_equal(v->reason == REASON_none, v->jpeg.len > 0);
	if (v->reason == REASON_decoder_crashed ||
	    v->reason == REASON_decoder_timed_out)
		fail_msg(
		    "%s: %s", files->path[id], prep_reason_name(v->reason));
	return 0;
}

static void
visit_odd_files(struct fixture *f)
{
	struct files files = { .until_ms = clock_ms() + TIME_MS };
	struct recipe recipe;
	struct err err;
	int i;

	collect(&files, data("odd-images"));
	f->opts.min_side = 1;
	assert_int_equal(recipe_parse(DEFAULT_STEPS, &recipe, &err), 0);
	if (prep_visits(f->pool, &f->opts, &recipe, next_file, count_visit,
		&files, &err) < 0)
		fail_msg("%s", err.msg);
	print_message("%d of %d files: %d used, %d refused\n", files.next,
	    files.n, files.used, files.refused);
	for (i = 0; i < files.n; i++)
		assert_int_equal(files.seen[i], i < files.next);
	assert_true(files.used > 0 && files.refused > 0);
	files_release(&files);
}

/* Shadow memory is not the decoder's. */
#if defined(__SANITIZE_ADDRESS__)
#	define SHADOWED true
#else
#	define SHADOWED false
#endif

static void
odd_files_end_in_a_picture_or_a_reason(void **state)
{
	struct fixture *f = *state;
	struct rusage children;

	visit_odd_files(f);
	proc_pool_free(TAKE(f->pool));
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &children), 0);
	print_message(
	    "largest child: %ld MB\n", (long)(children.ru_maxrss >> 10));
	assert_true(SHADOWED || children.ru_maxrss < 512 << 10);
}

static void
so_they_do_with_every_format_allowed(void **state)
{
	char *all[] = { (char *)"jpeg", (char *)"png", (char *)"gif",
		(char *)"webp", (char *)"tiff", (char *)"heif", (char *)"avif",
		(char *)"jxl" };
	struct fixture *f = *state;

	f->opts.formats = (struct strlist){ all, ARRAY_SIZE(all) };
	f->pool = replace_pool(f);
	visit_odd_files(f);
}

static void
pictures_of_every_mode_are_prepared(void **state)
{
	struct fixture *f = *state;
	struct files files = { .until_ms = clock_ms() + TIME_MS };
	struct recipe recipe;
	struct err err;

	collect(&files, data("hashes/pdq/misc-images/modes"));
	assert_int_equal(recipe_parse(DEFAULT_STEPS, &recipe, &err), 0);
	if (prep_visits(f->pool, &f->opts, &recipe, next_file, count_visit,
		&files, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(files.used, files.n - 1); /* all but README.md */
	files_release(&files);
}

static struct visit
visit_path(struct fixture *f, char *path, const char *steps)
{
	struct buf file CLEANUP(buf_release) = BUF_INIT(64u << 20);
	struct err err;
	struct visit v;

	if (file_read(path, &file, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
	v = visited(f, &file, steps, true);
	assert_int_equal(v.reason, REASON_none);
	return v;
}

/* The largest mean difference of the eight to the first, by a recipe. */
static double
spread_of_orientations(struct fixture *f, const char *name, const char *steps)
{
	double most = 0, d;
	struct visit first, v;
	char path[64];
	int o;

	snprintf(
	    path, sizeof(path), "odd-images/exif-orientation/%s_1.jpg", name);
	first = visit_path(f, data(path), steps);
	for (o = 0; o <= 8; o++) {
		snprintf(path, sizeof(path),
		    "odd-images/exif-orientation/%s_%d.jpg", name, o);
		v = visit_path(f, data(path), steps);
		assert_int_equal(v.width, first.width);
		assert_int_equal(v.jpeg_w, first.jpeg_w);
		assert_int_equal(v.jpeg_h, first.jpeg_h);
		assert_true(pdq_distance(v.pdq.bits, first.pdq.bits) <= 20);
		d = difference(f, &v.jpeg, &first.jpeg);
		most = d > most ? d : most;
		visit_release(&v);
	}
	visit_release(&first);
	return most;
}

/* They were turned before they were compressed, and bear their number. */
static void
the_eight_orientations_of_a_photograph_are_one_picture(void **state)
{
	static const char *const names[] = { "Landscape", "Portrait" };
	static const struct {
		const char *steps;
		double most;
	} cases[] = {
		{ "autorotate, crop centre 1:1, resize 224", 3 },
		{ "autorotate, crop smart 1:1, resize 224", 3 },
		/* The window moves by up to two pixels of the 224. */
		{ "autorotate, crop attention 1:1, resize 224", 20 },
		{ "autorotate, trim, normalise, resize 224", 3 },
	};
	double d;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		for (k = 0; k < ARRAY_SIZE(cases); k++) {
			d = spread_of_orientations(
			    *state, names[i], cases[k].steps);
			print_message("%s, %s: %.2f levels\n", names[i],
			    cases[k].steps, d);
			assert_true(d < cases[k].most);
		}
}

/* What the reference gave; exact where nothing was shrunk or blended. */
static void
codes_are_those_of_the_reference(void **state)
{
	static const struct {
		const char *name;
		int most;
		const char *first, *second; /* halves of the code */
	} cases[] = {
		{ "bridge-mods/aaa-orig.jpg", 0,
		    "d8f8f0cee0f4a84f0637022a078f67f0",
		    "b36e2ed596621e1d33e6339c4e9c9b22" },
		{ "bridge-mods/high-saturation.jpg", 0,
		    "d8f8f0cee0f4a84f0637022a038f67f0",
		    "b36e2ed596631e1d33e6339c4e9c9b22" },
		{ "bridge-mods/sharpen-a-lot.jpg", 0,
		    "d0f8f0cec0f4a84f0e370a22238f67f0",
		    "b36a2ef596231e1d73e6a39c4e9c9b22" },
		{ "bridge-mods/shrink-a-lot.jpg", 0,
		    "d0f8f1ccc0f4a84d0a370a3a228f67f0",
		    "b36e2ed5b6623e1d33e6339c4e9c9b22" },
		{ "bridge-mods/square-512x512.jpg", 0,
		    "d8f8f0cec0f4a84f0637022a278f67f0",
		    "b36e2ed596621e1d33e6339c4e9c9b22" },
		{ "dih/bridge-2-rotate-90.jpg", 0,
		    "30a10efdf1c83f429013d48d0ffffc52",
		    "e34e0e35ada952a9d29605215aa9e5af" },
		{ "dih/bridge-7-flip-plus-1.jpg", 0,
		    "f0a1e10271ccc0bd90530b720fff038d",
		    "e34ef1e8ada9a956d6967ade5ea91a50" },
		{ "exif-rotn/exif-rotn-1.jpg", 10,
		    "dc399924da5621d4c63973a56acfc926",
		    "cf53db341b18367d318666cf9b142649" },
		{ "labelme-subset/q0122.jpg", 0,
		    "cfb2009ddd21c6dab0046a7745b59847",
		    "57a8a4535b3377aea2591d32b33ff940" },
		{ "labelme-subset/q0746.jpg", 0,
		    "1049d96239e24d4dca2c55512b8bdb77",
		    "425f4dbcf575a0a95555aaab5554aaaa" },
		{ "misc-images/modes/1.png", 0,
		    "d8f871cec0f4a84f0a370822038f67f0",
		    "b36e2ed596633e1d33e6b39c4e9c9b22" },
		{ "misc-images/modes/L.png", 0,
		    "d8f8f0cee0f4a84f0637022a078f67f0",
		    "b36e2ed596621e1d33e6339c4e9c9b22" },
		{ "misc-images/modes/P.png", 0,
		    "d8f8f0cee0f4a84f0637022a078f67f0",
		    "b36e2ed596621e1d33e6339c4e9c9b22" },
		{ "misc-images/modes/RGBA.png", 0,
		    "d8f8f0cee0f4a84f0637022a078f67f0",
		    "b36e2ed596621e1d33e6339c4e9c9b22" },
		{ "misc-images/modes/CMYK.jpg", 20,
		    "d8f8f0cee0f4a84f0637022a078f67f0",
		    "b36e2ed596621e1d33e6339c4e9c9b22" },
		{ "misc-images/wee.jpg", 0, "6227401f601ff4ccafcc9fad4b0d95d3",
		    "71a2eb7265a3285234d228ca94deeb2d" },
	};
	struct fixture *f = *state;
	uint8_t expected[PDQ_SIZE];
	struct visit v;
	char path[64], code[PDQ_HEX];
	size_t i;
	int off;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(code, sizeof(code), "%s%s", cases[i].first,
		    cases[i].second);
		snprintf(path, sizeof(path), "hashes/pdq/%s", cases[i].name);
		v = visit_path(f, data(path), DEFAULT_STEPS);
		assert_true(pdq_from_hex(expected, code));
		off = pdq_distance(v.pdq.bits, expected);
		if (off > cases[i].most)
			fail_msg("%s is off by %d bits", cases[i].name, off);
		assert_int_equal(v.pdq.quality, 100);
		visit_release(&v);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_pool)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(odd_files_end_in_a_picture_or_a_reason),
		TEST(so_they_do_with_every_format_allowed),
		TEST(pictures_of_every_mode_are_prepared),
		TEST(the_eight_orientations_of_a_photograph_are_one_picture),
		TEST(codes_are_those_of_the_reference),
	};

	if (is_worker(argc, argv))
		return image_worker(argv);
	start_vips(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
