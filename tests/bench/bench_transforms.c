/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of what happens to a picture on the web the codes of a visit see
 * through: recall for each change of a suite (after INRIA's Copydays and
 * others; the design's section 6), and which pairs of originals they take
 * for one.
 *
 *   bench_transforms recall N LIST   N of the files, spread over the list
 *   bench_transforms pairs LIST      all pairs of all files
 *   bench_transforms compare A B     two files, by all that is known of them
 *
 * Each picture is changed in memory, saved (JPEG of quality 90 where nothing
 * else is said) and visited as the stage does it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vips/vips.h>

#include "base/file.h"
#include "dedup/verify.h"
#include "prep/wire_int.h"
#include "prep/worker_int.h"
#include "tests/bench/changes.h"

#define STEPS "autorotate, resize 64"
#define FILES_MAX 100000
#define FILE_MAX (64u << 20)
#define DUPLICATE 31
#define PROBABLE 51
#define QUALITY_LEAST 50

struct list {
	char *path[FILES_MAX];
	int n;
};

/* What is known of a picture. */
struct codes {
	unsigned char pixel_digest[XXH3_SIZE];
	struct pdq pdq[2]; /* of the whole, and without its border */
	unsigned char phash[PHASH_SIZE];
	struct look look;
};

struct bench {
	struct worker_state state;
	struct prep_opts *opts;
	struct recipe recipe;
};

static void
check(int rc, const struct err *e)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_transforms: %s\n", e->msg);
	exit(EXIT_FAILURE);
}

static void
fail(const char *what, const char *path)
{
	fprintf(stderr, "bench_transforms: %s: %s\n", path, what);
	exit(EXIT_FAILURE);
}

static struct list *
read_list(const char *path)
{
	struct list *l = xcalloc(1, sizeof(*l));
	struct buf b CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
	struct err err;
	char *line, *rest;

	check(file_read(path, &b, &err), &err);
	rest = (char *)b.data;
	while ((line = strsep(&rest, "\n")) != NULL && l->n < FILES_MAX)
		if (*line != '\0')
			l->path[l->n++] = xstrdup(line);
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

/* ---- visits ---- */

/* One visit in this process, as a child makes it; false: refused. */
static bool
visit(struct bench *b, const void *file, size_t len, struct codes *ret)
{
	struct buf request CLEANUP(buf_release) = BUF_INIT(PROC_REQUEST_MAX);
	struct buf answer CLEANUP(buf_release) = BUF_INIT(PROC_ANSWER_MAX);
	struct visit v CLEANUP(visit_release) = { .reason = REASON_none };
	struct err err;
	int fd CLEANUP(closep) = -1;

	check(file_in_memory("image", file, len, &fd, &err), &err);
	if (wire_ask_visit(&request, b->opts, &b->recipe, true) < 0)
		fail("is too long", "recipe");
	worker_handle(&b->state, &request, fd, &answer);
	if (!wire_read_visit(&answer, b->opts, true, &v) ||
	    v.reason != REASON_none)
		return false;
	memcpy(ret->pixel_digest, v.pixel_digest, sizeof(v.pixel_digest));
	memcpy(ret->phash, v.phash, sizeof(v.phash));
	ret->pdq[0] = v.pdq;
	ret->pdq[1] = v.trim_pdq;
	ret->look = v.look;
	return true;
}

static void
visit_file(struct bench *b, const char *path, struct codes *ret)
{
	struct buf file CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
	struct err err;

	check(file_read(path, &file, &err), &err);
	if (!visit(b, file.data, file.len, ret))
		fail("was refused", path);
}

/* ---- how near two are ---- */

static const struct look_view *
view_of(const struct codes *c, int trim)
{
	return trim ? &c->look.trim : &c->look.whole;
}

static bool
has_view(const struct codes *c, int trim)
{
	return (trim == 0 || c->look.trimmed) &&
	    c->pdq[trim].quality >= QUALITY_LEAST;
}

static const uint8_t *
code_of(const struct codes *c, int trim, int turn)
{
	return turn == 0 ? c->pdq[trim].bits
			 : view_of(c, trim)->turned[turn - 1];
}

struct near {
	int distance, turn, trim[2];
	double likeness; /* -1: not looked at */
};

/* Of all ways to lay one over the other, the nearest, and the most alike. */
static struct near
near_of(const struct codes *a, const struct codes *b)
{
	struct near best = { .distance = PDQ_BITS, .likeness = -1 };
	int i, turn, d;
	double like;

	for (i = 0; i < 4; i++) {
		const int of_a = i & 1, of_b = i >> 1;

		if (!has_view(a, of_a) || !has_view(b, of_b))
			continue;
		for (turn = 0; turn < PDQ_TURNS; turn++) {
			d = pdq_distance(
			    code_of(a, of_a, turn), b->pdq[of_b].bits);
			if (d < best.distance) {
				best.distance = d;
				best.turn = turn;
				best.trim[0] = of_a;
				best.trim[1] = of_b;
			}
			if (d <= DUPLICATE || d > PROBABLE)
				continue;
			like = verify_likeness(view_of(a, of_a)->gray,
			    view_of(b, of_b)->gray, turn);
			if (like > best.likeness)
				best.likeness = like;
		}
	}
	return best;
}

static bool
is_same(const struct near *n)
{
	return n->distance <= DUPLICATE || n->likeness >= VERIFY_LIKE;
}

/* ---- recall ---- */

struct row {
	int n, plain[2], phash[2], near[2], same;
};

static void
count(const struct codes *a, const struct codes *b, struct row *r)
{
	const int plain = has_view(a, 0) && has_view(b, 0)
	    ? pdq_distance(a->pdq[0].bits, b->pdq[0].bits)
	    : PDQ_BITS;
	const int phash = pdq_distance(a->phash, b->phash);
	const struct near n = near_of(a, b);

	r->n++;
	r->plain[0] += plain <= DUPLICATE;
	r->plain[1] += plain <= PROBABLE;
	r->phash[0] += phash <= DUPLICATE;
	r->phash[1] += phash <= PROBABLE;
	r->near[0] += n.distance <= DUPLICATE;
	r->near[1] += n.distance <= PROBABLE;
	r->same += is_same(&n);
}

static void
change_one(struct bench *b, const char *path, struct row *rows)
{
	struct buf file CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
	struct codes original, changed;
	struct err err;
	size_t i, len;
	void *data;

	check(file_read(path, &file, &err), &err);
	if (!visit(b, file.data, file.len, &original))
		fail("was refused", path);
	for (i = 0; i < changes_n; i++) {
		data = changes_apply(i, file.data, file.len, &len);
		if (data == NULL)
			fail(changes_name(i), path);
		if (visit(b, data, len, &changed))
			count(&original, &changed, &rows[i]);
		g_free(data);
	}
}

static void
recall(struct bench *b, const struct list *l, int n)
{
	struct row *rows = xcalloc(changes_n, sizeof(*rows));
	size_t i;
	int k;

	n = n < l->n ? n : l->n;
	for (k = 0; k < n; k++)
		change_one(b, l->path[(int64_t)k * l->n / n], rows);
	printf("%-26s %4s  %-11s  %-11s  %-11s  %s\n", "", "", "PDQ as it is",
	    "pHash-256", "turns, trim", "verified");
	printf("%-26s %4s  %5s %5s  %5s %5s  %5s %5s  %8s\n", "change", "n",
	    "31", "51", "31", "51", "31", "51", "31..51");
	for (i = 0; i < changes_n; i++) {
		const struct row *r = &rows[i];
		const double all = r->n > 0 ? r->n : 1;

		printf("%-26s %4d  %5.3f %5.3f  %5.3f %5.3f  %5.3f %5.3f  "
		       "%8.3f\n",
		    changes_name(i), r->n, r->plain[0] / all, r->plain[1] / all,
		    r->phash[0] / all, r->phash[1] / all, r->near[0] / all,
		    r->near[1] / all, r->same / all);
	}
	free(rows);
}

/* ---- pairs ---- */

static void
show(const char *what, const char *a, const char *b, const struct near *n)
{
	printf("%s\t%d\t%d\t%d%d\t%.3f\t%s\t%s\n", what, n->distance, n->turn,
	    n->trim[0], n->trim[1], n->likeness, a, b);
}

static void
pairs(struct bench *b, const struct list *l)
{
	struct codes *c = xcalloc((size_t)l->n, sizeof(*c));
	int i, j, found[4] = { 0 }, trimmed = 0;
	struct near n;

	for (i = 0; i < l->n; i++) {
		visit_file(b, l->path[i], &c[i]);
		trimmed += c[i].look.trimmed;
	}
	for (i = 0; i < l->n; i++)
		for (j = i + 1; j < l->n; j++) {
			if (memcmp(c[i].pixel_digest, c[j].pixel_digest,
				XXH3_SIZE) == 0) {
				found[0]++;
				continue;
			}
			n = near_of(&c[i], &c[j]);
			if (n.distance > PROBABLE)
				continue;
			found[n.distance <= DUPLICATE ? 1
				: is_same(&n)         ? 2
						      : 3]++;
			show(n.distance <= DUPLICATE ? "near"
				: is_same(&n)        ? "verified"
						     : "not",
			    l->path[i], l->path[j], &n);
		}
	printf("%d pictures, %d with a border; pairs with equal pixels %d, "
	       "within %d %d, within %d verified %d, not %d\n",
	    l->n, trimmed, found[0], DUPLICATE, found[1], PROBABLE, found[2],
	    found[3]);
	free(c);
}

static void
compare(struct bench *b, const char *paths[2])
{
	struct codes c[2];
	struct near n;

	visit_file(b, paths[0], &c[0]);
	visit_file(b, paths[1], &c[1]);
	n = near_of(&c[0], &c[1]);
	show("compare", paths[0], paths[1], &n);
	printf("pHash-256\t%d\n", pdq_distance(c[0].phash, c[1].phash));
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	struct bench b = { .state = WORKER_STATE_INIT,
		.opts = opt_new(&prep_group) };
	struct list *l = NULL;
	struct err err;
	int status = EXIT_SUCCESS;

	b.opts->min_side = 1;
	check(recipe_parse(STEPS, &b.recipe, &err), &err);
	if (worker_start(&b.state, false) < 0)
		fail("cannot be started", "decoder");
	if (strcmp(mode, "recall") == 0 && argc == 4) {
		l = read_list(argv[3]);
		recall(&b, l, (int)strtol(argv[2], NULL, 10));
	} else if (strcmp(mode, "pairs") == 0 && argc == 3) {
		l = read_list(argv[2]);
		pairs(&b, l);
	} else if (strcmp(mode, "compare") == 0 && argc == 4) {
		compare(&b, (const char *[]){ argv[2], argv[3] });
	} else {
		fprintf(stderr, "usage: see the top of bench_transforms.c\n");
		status = 2;
	}
	if (l != NULL)
		list_free(l);
	buf_release(&b.state.input);
	opt_free(&prep_group, b.opts);
	return status;
}
