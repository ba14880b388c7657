/* SPDX-License-Identifier: Apache-2.0 */
/*
 * made: pictures of any class and number, painted when they are asked for.
 */
#include "tests/web/photos.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tests/web/paint.h"

#define CLASS_MAX 64
#define ON_PAGE_MAX 10000

static void
add_figure(struct buf *b, const char *class, int64_t number, bool copy)
{
	buf_addf(b, "<figure><img src=\"/made/");
	add_url(b, class);
	buf_addf(
	    b, "/%" PRId64 ".png%s\" alt=\"", number, copy ? "?copy=1" : "");
	add_html(b, class);
	buf_addf(b, "\"><figcaption>");
	add_html(b, class);
	buf_addf(b, " %" PRId64 "%s</figcaption></figure>\n", number,
	    copy ? ", again" : "");
}

static enum MHD_Result
serve_page(struct request *r, const char *class)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	int64_t n = request_number(r, "n", 20, 0, ON_PAGE_MAX);
	int64_t copies = request_number(r, "copies", 0, 0, n);
	int64_t i;

	add_head(&b, class);
	buf_addf(&b, "</head>\n<body>\n<h1>");
	add_html(&b, class);
	buf_addf(&b, "</h1>\n");
	for (i = 0; i < n; i++)
		add_figure(&b, class, i, false);
	for (i = 0; i < copies; i++)
		add_figure(&b, class, i, true);
	buf_addf(&b, "</body>\n</html>\n");
	return reply_page(r, &b);
}

static enum MHD_Result
serve_picture(struct request *r, const char *class, uint32_t number)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(IMAGE_MAX);
	const char *copy = request_arg(r, "copy");
	struct head h = { .status = MHD_HTTP_OK, .type = "image/png" };
	struct picture whole, small;
	char etag[48];

	snprintf(etag, sizeof(etag), "\"%016" PRIx64 "-%" PRIu32 "%s\"",
	    fnv1a(class, strlen(class)), number, copy == NULL ? "" : "-copy");
	h.etag = etag;
	h.modified = 1767225600; /* long ago: the pictures never change */
	picture_paint(&whole, class, number);
	if (copy != NULL) {
		picture_scale(&whole, &small, 4, 5);
		picture_png(&small, &b);
		picture_release(&small);
	} else {
		picture_png(&whole, &b);
	}
	picture_release(&whole);
	return reply_bytes(r, &h, &b);
}

/* rest: CLASS/ or CLASS/N.png */
enum MHD_Result
serve_made(struct request *r, const char *rest)
{
	size_t len = strcspn(rest, "/");
	char *class CLEANUP(freep) = xstrndup(rest, len);
	const char *name = rest + len;
	char *digits CLEANUP(freep) = NULL;
	int64_t number;

	if (*name++ != '/' || len == 0 || len > CLASS_MAX)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	if (*name == 0)
		return serve_page(r, class);
	digits = xstrndup(name, strspn(name, "0123456789"));
	if (strcmp(name + strlen(digits), ".png") != 0 ||
	    !text_to_int(digits, &number) || number >= MADE_MAX)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	return serve_picture(r, class, (uint32_t)number);
}
