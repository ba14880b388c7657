/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile: one of each thing that a gatherer must live through.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/web/paint.h"
#include "tests/web/photos.h"

#define HUGE_SIZE (UINT64_C(300) << 20)
#define SHORT_SIZE 50000 /* what it says */
#define SHORT_SENT 20000 /* what comes */

/* How a JPEG file with a JFIF header starts. */
static const unsigned char jpeg_magic[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J',
	'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0 };

/*
 * A GIF whose canvas and frame are 65535 x 65535, with data for one pixel.
 * The frame must say so too: libnsgif, which libvips reads GIFs with, takes
 * the frame's size where it finds the canvas' absurd.
 */
static const unsigned char bomb_gif[] = { 'G', 'I', 'F', '8', '9', 'a', 0xff,
	0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0,
	0xff, 0xff, 0xff, 0xff, 0, 2, 2, 0x44, 1, 0, 0x3b };

/* The magic, then zeros. */
static ssize_t
fill_jpeg(uint64_t at, char *out, size_t len)
{
	size_t n = 0;

	for (; n < len && at + n < sizeof(jpeg_magic); n++)
		out[n] = (char)jpeg_magic[at + n];
	memset(out + n, 0, len - n);
	return (ssize_t)len;
}

/* About a megabyte a second, without end. */
static ssize_t
fill_endless(struct web *web, uint64_t at, char *out, size_t max)
{
	size_t len = max < 16384 ? max : 16384;

	if (!web_nap(web, 16))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return fill_jpeg(at, out, len);
}

/* A byte a second, without end. */
static ssize_t
fill_slow(struct web *web, uint64_t at, char *out, size_t max)
{
	if (max == 0 || (at > 0 && !web_nap(web, 1000)))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return fill_jpeg(at, out, 1);
}

static ssize_t
fill_huge(struct web *web, uint64_t at, char *out, size_t max)
{
	if (atomic_load(&web->stopping))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (max > HUGE_SIZE - at)
		max = (size_t)(HUGE_SIZE - at);
	return fill_jpeg(at, out, max);
}

static ssize_t
fill_short(struct web *web, uint64_t at, char *out, size_t max)
{
	(void)web;
	if (at >= SHORT_SENT)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (max > SHORT_SENT - at)
		max = (size_t)(SHORT_SENT - at);
	return fill_jpeg(at, out, max);
}

static enum MHD_Result
jpeg_stream(struct request *r, uint64_t size, fill_fn *fill)
{
	struct head h = { .status = MHD_HTTP_OK, .type = "image/jpeg" };

	return reply_stream(r, &h, size, fill);
}

static enum MHD_Result
endless(struct request *r, const char *name)
{
	(void)name;
	return jpeg_stream(r, MHD_SIZE_UNKNOWN, fill_endless);
}

static enum MHD_Result
slow(struct request *r, const char *name)
{
	(void)name;
	return jpeg_stream(r, MHD_SIZE_UNKNOWN, fill_slow);
}

static enum MHD_Result
huge(struct request *r, const char *name)
{
	(void)name;
	return jpeg_stream(r, HUGE_SIZE, fill_huge);
}

static enum MHD_Result
too_short(struct request *r, const char *name)
{
	(void)name;
	return jpeg_stream(r, SHORT_SIZE, fill_short);
}

/* Each name has a picture of its own. */
static enum MHD_Result
picture(struct request *r, const char *name, const char *type)
{
	struct head h = { .status = MHD_HTTP_OK, .type = type };
	struct buf b CLEANUP(buf_release) = BUF_INIT(IMAGE_MAX);

	made_png(name, 0, &b);
	return reply_bytes(r, &h, &b);
}

static enum MHD_Result
good(struct request *r, const char *name)
{
	return picture(r, name, "image/png");
}

static enum MHD_Result
honest_liar(struct request *r, const char *name)
{
	return picture(r, name, "text/plain");
}

static enum MHD_Result
broken(struct request *r, const char *name)
{
	struct head h = { .status = MHD_HTTP_OK, .type = "image/png" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(IMAGE_MAX);

	made_png(name, 0, &b);
	b.len /= 2;
	return reply_bytes(r, &h, &b);
}

static enum MHD_Result
liar(struct request *r, const char *name)
{
	struct head h = { .status = MHD_HTTP_OK, .type = "image/jpeg" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);

	(void)name;
	buf_addf(&b,
	    "<!DOCTYPE html>\n<html><title>Please log in</title>\n"
	    "<p>This picture is for members.</html>\n");
	return reply_bytes(r, &h, &b);
}

static enum MHD_Result
empty(struct request *r, const char *name)
{
	struct head h = { .status = MHD_HTTP_OK, .type = "image/jpeg" };
	struct buf b = BUF_INIT(0);

	(void)name;
	return reply_bytes(r, &h, &b);
}

static enum MHD_Result
bomb(struct request *r, const char *name)
{
	struct head h = { .status = MHD_HTTP_OK, .type = "image/gif" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);

	(void)name;
	buf_add(&b, bomb_gif, sizeof(bomb_gif));
	return reply_bytes(r, &h, &b);
}

static enum MHD_Result
flaky(struct request *r, const char *name)
{
	struct head h = { .status = MHD_HTTP_SERVICE_UNAVAILABLE,
		.type = "text/html",
		.retry_after_s = 1 };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1024);

	if (atomic_fetch_add(&r->web->flaked, 1) >= 2)
		return good(r, name);
	buf_addf(&b, "<h1>Try again in a second</h1>\n");
	return reply_bytes(r, &h, &b);
}

static enum MHD_Result
missing(struct request *r, const char *name)
{
	(void)name;
	return reply_status(r, MHD_HTTP_NOT_FOUND);
}

static enum MHD_Result
gone(struct request *r, const char *name)
{
	(void)name;
	return reply_status(r, MHD_HTTP_GONE);
}

static enum MHD_Result
error500(struct request *r, const char *name)
{
	(void)name;
	return reply_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
}

/* A relative Location, as RFC 9110 allows. */
static enum MHD_Result
redirect(struct request *r, const char *name)
{
	(void)name;
	return reply_redirect(r, "good.png");
}

static enum MHD_Result
loop(struct request *r, const char *name)
{
	bool there = strcmp(name, "loop.jpg") == 0;

	return reply_redirect(
	    r, there ? "/hostile/loop-back.jpg" : "/hostile/loop.jpg");
}

/* To wherever ?url= says. */
static enum MHD_Result
lead(struct request *r, const char *name)
{
	const char *url = request_arg(r, "url");

	(void)name;
	return url == NULL ? reply_status(r, MHD_HTTP_NOT_FOUND)
			   : reply_redirect(r, url);
}

static enum MHD_Result
private_redirect(struct request *r, const char *name)
{
	(void)name;
	return reply_redirect(r, "http://10.0.0.1/x.jpg");
}

/*
 * A place without an end: each page has a picture of its own, and links to
 * deeper ones, to the same under another session, and to the next month.
 */
enum MHD_Result
serve_trap(struct request *r, const char *rest)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	int64_t month = request_number(r, "month", 0, 0, INT32_MAX);
	int i;

	add_head(&b, "A trap");
	buf_addf(&b, "</head>\n<body>\n");
	buf_addf(&b, "<p><img src=\"/made/trap/%u.png\"></p>\n",
	    (unsigned)(fnv1a(rest, strlen(rest)) + (uint64_t)month) % MADE_MAX);
	for (i = 0; i < 5; i++)
		buf_addf(&b, "<a href=\"/trap/%s%d/\">deeper</a>\n", rest, i);
	for (i = 0; i < 5; i++)
		buf_addf(&b, "<a href=\"?sid=%08x\">again</a>\n",
		    (unsigned)fnv1a(rest, strlen(rest)) ^ (unsigned)i);
	buf_addf(
	    &b, "<a href=\"?month=%" PRId64 "\">next month</a>\n", month + 1);
	buf_addf(&b, "</body>\n</html>\n");
	return reply_page(r, &b);
}

static const struct {
	const char *name;
	handler_fn *serve;
	bool hidden; /* not on the page */
} table[] = {
	{ "broken.png", broken, false },
	{ "endless.jpg", endless, false },
	{ "slow.jpg", slow, false },
	{ "missing.jpg", missing, false },
	{ "gone.jpg", gone, false },
	{ "liar.jpg", liar, false },
	{ "honest-liar.txt", honest_liar, false },
	{ "huge.jpg", huge, false },
	{ "short.jpg", too_short, false },
	{ "error500.jpg", error500, false },
	{ "flaky.jpg", flaky, false },
	{ "redirect.jpg", redirect, false },
	{ "loop.jpg", loop, false },
	{ "loop-back.jpg", loop, true },
	{ "lead", lead, true },
	{ "private-redirect.jpg", private_redirect, false },
	{ "empty.jpg", empty, false },
	{ "bomb.gif", bomb, false },
	{ "good.png", good, false },
};

static enum MHD_Result
serve_page(struct request *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	size_t i;

	add_head(&b, "Trouble");
	buf_addf(&b, "</head>\n<body>\n<h1>Trouble</h1>\n");
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (!table[i].hidden)
			buf_addf(&b, "<p><img src=\"%s\" alt=\"%s\"></p>\n",
			    table[i].name, table[i].name);
	buf_addf(&b, "</body>\n</html>\n");
	return reply_page(r, &b);
}

enum MHD_Result
serve_hostile(struct request *r, const char *rest)
{
	size_t i;

	if (*rest == 0)
		return serve_page(r);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(rest, table[i].name) == 0)
			return table[i].serve(r, rest);
	return reply_status(r, MHD_HTTP_NOT_FOUND);
}
