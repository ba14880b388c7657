/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup --explain: the figures behind a verdict.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/curate.h"
#include "cli/pictures.h"
#include "store/pairs.h"

#define FILE_MAX (1u << 30)

struct explained {
	const struct dedup_opts *opts;
	const struct picture *v[2];
	char *name[2], *keeper[2]; /* keeper NULL: no group; or no catalog */
	struct comparison c;
	int said; /* of pair_said() */
};

static void
explained_release(struct explained *x)
{
	int i;

	for (i = 0; i < 2; i++) {
		free(x->name[i]);
		free(x->keeper[i]);
	}
}

/* ---- for people --------------------------------------------------------- */

static const char *
said_text(int said)
{
	return said == 1 ? "the same" : said == 0 ? "not the same" : NULL;
}

static void
put_distance(const struct explained *x)
{
	const struct comparison *c = &x->c;
	const char *border = c->trimmed[0] && c->trimmed[1]
	    ? ", both without a border"
	    : c->trimmed[0] ? ", the first without its border"
	    : c->trimmed[1] ? ", the second without its border"
			    : "";

	if (c->flat)
		printf("  code        means nothing: there is too little to "
		       "see (quality under %lld)\n",
		    (long long)x->opts->quality);
	else
		printf("  code        %d of 256 bits%s%s%s; as they are %d\n",
		    c->distance, c->turn != 0 ? ", the first " : "",
		    turn_text(c->turn), border, c->plain);
	if (c->phash >= 0)
		printf("  pHash       %d of 256 bits\n", c->phash);
	if (c->similar >= 0)
		printf(
		    "  likeness    %.3f, laid over each other\n", c->similar);
}

static void
put_verdict(const struct explained *x)
{
	const struct dedup_opts *o = x->opts;
	int i;

	printf("  thresholds  duplicate %lld, probable %lld, similar %g, "
	       "quality %lld\n",
	    (long long)o->duplicate, (long long)o->probable, o->similar,
	    (long long)o->quality);
	printf("  verdict     %s\n", verdict_name(x->c.verdict));
	if (said_text(x->said) != NULL)
		printf("  a person    says: %s\n", said_text(x->said));
	for (i = 0; i < 2; i++)
		if (x->keeper[i] != NULL)
			printf("  the %s  %s %.12s\n",
			    i == 0 ? "first " : "second",
			    x->v[i]->code.keeper_id == x->v[i]->code.id
				? "keeps its group,"
				: "is kept by",
			    x->keeper[i]);
}

static void
put_explained(const struct explained *x)
{
	char size[16];
	int i;

	for (i = 0; i < 2; i++) {
		text_put_safe(stdout, x->name[i]);
		printf("\n  %lld pixels, %s, quality %d, compression %d%s\n",
		    (long long)x->v[i]->code.pixels,
		    text_size(size, sizeof(size), x->v[i]->code.bytes),
		    x->v[i]->code.pdq_quality, x->v[i]->code.compression,
		    x->v[i]->code.trimmed ? ", with a border" : "");
	}
	printf("together\n  bytes       %s\n  pixels      %s\n",
	    x->c.verdict == VERDICT_BYTES ? "equal" : "differ",
	    memcmp(x->v[0]->code.pixel_digest, x->v[1]->code.pixel_digest,
		XXH3_SIZE) == 0
		? "equal"
		: "differ");
	put_distance(x);
	put_verdict(x);
}

/* ---- for programs ------------------------------------------------------- */

static json_t *
one_json(const struct explained *x, int i)
{
	const struct sample_code *c = &x->v[i]->code;
	char *name CLEANUP(freep) = text_safe(x->name[i]);

	return json_pack("{s:s, s:I, s:I, s:i, s:i, s:b, s:s?, s:o}", "image",
	    name, "pixels", (json_int_t)c->pixels, "bytes",
	    (json_int_t)c->bytes, "quality", c->pdq_quality, "compression",
	    c->compression, "trimmed", c->trimmed, "keeper", x->keeper[i],
	    "trim_quality",
	    c->trimmed ? json_integer(c->trim_quality) : json_null());
}

static json_t *
known(int n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static void
json_explained(const struct explained *x)
{
	const struct comparison *c = &x->c;
	const struct dedup_opts *o = x->opts;

	cli_put_json(json_pack(
	    "{s:[o, o], s:s, s:b, s:b, s:o, s:i, s:i, s:[b, b], s:o, s:o,"
	    " s:s?, s:{s:I, s:I, s:f, s:I}}",
	    "images", one_json(x, 0), one_json(x, 1), "verdict",
	    verdict_name(c->verdict), "equal_bytes",
	    c->verdict == VERDICT_BYTES, "equal_pixels",
	    memcmp(x->v[0]->code.pixel_digest, x->v[1]->code.pixel_digest,
		XXH3_SIZE) == 0,
	    "distance", known(c->distance), "plain", c->plain, "turn", c->turn,
	    "trimmed", c->trimmed[0], c->trimmed[1], "phash", known(c->phash),
	    "similar", c->similar < 0 ? json_null() : json_real(c->similar),
	    "said", said_text(x->said), "thresholds", "duplicate",
	    (json_int_t)o->duplicate, "probable", (json_int_t)o->probable,
	    "similar", o->similar, "quality", (json_int_t)o->quality));
}

static void
explain(struct cli *c, struct explained *x)
{
	pictures_compare(x->opts, x->v[0], x->v[1], &x->c);
	if (c->json)
		json_explained(x);
	else
		put_explained(x);
}

/* ---- two files, or two images -------------------------------------------- */

static int
hash_file(const char *path, unsigned char ret[SHA256_SIZE], struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(FILE_MAX);

	if (file_read(path, &b, e) < 0)
		return -1;
	sha256_of(b.data, b.len, ret);
	return 0;
}

static int
explain_files(struct cli *c, struct err *e)
{
	struct pictures p CLEANUP(pictures_release) = { 0 };
	struct explained x CLEANUP(explained_release) = { .said = -2 };
	struct dedup_opts *opts;
	int i, rc;

	if (pictures_read(c->argv, 2, &p, e) < 0)
		return -1;
	if (p.n != 2)
		return err_set(e, ERR_INPUT,
		    "dedup --explain: two images are to be compared");
	for (i = 0; i < 2; i++) {
		x.v[i] = &p.v[i];
		x.name[i] = xstrdup(p.files[i].path);
		if (hash_file(x.name[i], p.v[i].code.sha256, e) < 0)
			return -1;
	}
	rc = dedup_defaults(c, &opts, e);
	if (rc < 0)
		return -1;
	x.opts = opts;
	explain(c, &x);
	opt_free(&dedup_group, opts);
	return 0;
}

/* An image's name and the one that is kept for it. */
static int
find_names(struct cli *c, const struct picture *p, char **name, char **keeper,
    struct err *e)
{
	struct sample_code k;
	char hex[SHA256_HEX];
	int rc;

	text_to_hex(hex, p->code.sha256, SHA256_SIZE);
	*name = xstrdup(hex);
	if (p->code.keeper_id == 0)
		return 0;
	rc = sample_code(c->store, p->code.keeper_id, &k, e);
	if (rc == 1) {
		text_to_hex(hex, k.sha256, SHA256_SIZE);
		*keeper = xstrdup(hex);
	}
	return rc < 0 ? -1 : 0;
}

static int
explain_images(struct cli *c, struct err *e)
{
	struct picture *v CLEANUP(freep) = xcalloc(2, sizeof(*v));
	struct explained x CLEANUP(explained_release) = { .v = { v, v + 1 } };
	int64_t id[2];
	int i;

	if (cli_open(c, NEEDS_CONFIG | NEEDS_READ, e) < 0)
		return -1;
	for (i = 0; i < 2; i++)
		if (image_prepared(c->store, c->argv[i], &id[i], e) < 0 ||
		    picture_get(c->store, id[i], &v[i], e) < 0 ||
		    find_names(c, &v[i], &x.name[i], &x.keeper[i], e) < 0)
			return -1;
	x.said = pair_said(c->store, id[0], id[1], e);
	if (x.said == -1)
		return -1;
	x.opts = cli_opts(c, dedup_group);
	explain(c, &x);
	return 0;
}

int
dedup_explain(struct cli *c, struct err *e)
{
	if (c->argc != 2)
		return err_set(e, ERR_USAGE, "dedup --explain: of which two?");
	return pictures_are_there(c->argv, 2) ? explain_files(c, e)
					      : explain_images(c, e);
}
