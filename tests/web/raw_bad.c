/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_bad: answers that break HTTP, or go on for ever.
 */
#include <string.h>
#include <sys/socket.h>
#include <zlib.h>

#include "tests/web/raw.h"

#define BOMB_BYTES ((size_t)24 << 20) /* unpacked */
#define JPEG "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
#define HTML "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
#define PNG "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"

/* How a JPEG begins that somebody has made too large. */
static const unsigned char magic[20] = { 0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J',
	'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0 };
static const char zeros[16384];

/* Again and again until somebody has had enough. */
static bool
repeat(struct raw *r, const char *text, int64_t pause_ms)
{
	while (raw_text(r, text))
		if (pause_ms > 0 && !raw_wait(r, pause_ms))
			break;
	return false;
}

/* ---- bodies ------------------------------------------------------------- */

static bool
endless_body(struct raw *r)
{
	if (!raw_text(r, JPEG "\r\n") || !raw_send(r, magic, sizeof(magic)))
		return false;
	while (raw_send(r, zeros, sizeof(zeros)))
		;
	return false;
}

static bool
endless_chunks(struct raw *r)
{
	if (!raw_text(r, JPEG "Transfer-Encoding: chunked\r\n\r\n14\r\n") ||
	    !raw_send(r, magic, sizeof(magic)))
		return false;
	while (raw_text(r, "\r\n4000\r\n") && raw_send(r, zeros, 16384))
		;
	return false;
}

static bool
endless_trailers(struct raw *r)
{
	if (!raw_text(r, JPEG "Transfer-Encoding: chunked\r\n\r\n14\r\n") ||
	    !raw_send(r, magic, sizeof(magic)) || !raw_text(r, "\r\n0\r\n"))
		return false;
	return repeat(r, "X-Trailer: and so on and on and on and on\r\n", 0);
}

static bool
endless_extension(struct raw *r)
{
	return raw_text(r, JPEG "Transfer-Encoding: chunked\r\n\r\n14;x=") &&
	    repeat(r, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", 0);
}

/* It says 100 bytes, and goes on with the rest of a picture. */
static bool
length_short(struct raw *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(RAW_IMAGE_MAX);

	raw_picture(r, &b);
	raw_text(r, PNG "Content-Length: 100\r\n\r\n");
	raw_send(r, b.data, b.len);
	return false;
}

static bool
length_long(struct raw *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(RAW_IMAGE_MAX);
	char *head CLEANUP(freep) = NULL;

	raw_picture(r, &b);
	head = xasprintf(PNG "Content-Length: %zu\r\n\r\n", b.len + 1000);
	raw_text(r, head);
	raw_send(r, b.data, b.len);
	return false;
}

/* Two lengths that differ: a smuggler's. */
static bool
two_lengths(struct raw *r)
{
	return raw_text(r,
		   "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n"
		   "Content-Length: 10\r\n\r\n") &&
	    raw_send(r, magic, sizeof(magic)) && false;
}

static bool
bad_length(struct raw *r)
{
	return raw_text(r, JPEG "Content-Length: -1\r\n\r\n") &&
	    raw_send(r, magic, sizeof(magic)) && false;
}

static bool
bad_chunk(struct raw *r)
{
	return raw_text(r,
		   JPEG "Transfer-Encoding: chunked\r\n\r\n"
			"zz\r\nnothing\r\n") &&
	    false;
}

/* 206 for a whole that nobody has asked a part of. */
static bool
partial(struct raw *r)
{
	return raw_good(r,
	    "206 Partial Content\r\nContent-Type: image/png\r\n"
	    "Content-Range: bytes 0-9/10");
}

static bool
reset(struct raw *r)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	raw_text(r, JPEG "Content-Length: 50000\r\n\r\n");
	raw_send(r, magic, sizeof(magic));
	raw_wait(r, 100);
	setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return false;
}

static bool
hang_up(struct raw *r)
{
	(void)r;
	return false;
}

/* ---- slowness ----------------------------------------------------------- */

static bool
slow_body(struct raw *r)
{
	return raw_text(r, JPEG "Content-Length: 50000\r\n\r\n") &&
	    raw_send(r, magic, sizeof(magic)) && repeat(r, "x", 300);
}

static bool
slow_header(struct raw *r)
{
	return raw_text(r, "HTTP/1.1 200 OK\r\nX: ") && repeat(r, "x", 300);
}

static bool
silent(struct raw *r)
{
	return raw_wait(r, 60000) && false;
}

/* ---- heads -------------------------------------------------------------- */

static bool
endless_header(struct raw *r)
{
	return raw_text(r, "HTTP/1.1 200 OK\r\nX-Long: ") &&
	    repeat(
		r, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0);
}

static bool
many_headers(struct raw *r)
{
	return raw_text(r, "HTTP/1.1 200 OK\r\n") &&
	    repeat(r, "X-Many: and so on and on and on and on\r\n", 0);
}

static bool
endless_100(struct raw *r)
{
	return repeat(r, "HTTP/1.1 100 Continue\r\n\r\n", 0);
}

static bool
endless_103(struct raw *r)
{
	return repeat(r,
	    "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
	    0);
}

static bool
http09(struct raw *r)
{
	return raw_text(r, "this is not HTTP, and was never meant to be\n") &&
	    false;
}

static bool
nul_header(struct raw *r)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\n"
				   "Content-Length: 0\r\n\r\n";

	return raw_send(r, head, sizeof(head) - 1) && false;
}

static bool
odd_status(struct raw *r)
{
	return raw_text(r, "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n");
}

static bool
encodings(struct raw *r)
{
	int i;

	raw_text(r, HTML "Content-Encoding: ");
	for (i = 0; i < 50; i++)
		raw_text(r, i == 0 ? "gzip" : ", gzip");
	raw_text(r, "\r\nContent-Length: 20\r\n\r\n");
	return raw_send(r, magic, sizeof(magic)) && false;
}

/* ---- bombs -------------------------------------------------------------- */

/* BOMB_BYTES of blanks, packed. */
static bool
pack(struct buf *out)
{
	z_stream z = { 0 };
	char blanks[16384];
	size_t left = BOMB_BYTES;

	if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return false;
	memset(blanks, ' ', sizeof(blanks));
	for (; left > 0; left -= sizeof(blanks)) {
		z.next_in = (unsigned char *)blanks;
		z.avail_in = sizeof(blanks);
		z.next_out = buf_room(out, 65536);
		z.avail_out = 65536;
		deflate(&z, left == sizeof(blanks) ? Z_FINISH : Z_NO_FLUSH);
		out->len += 65536 - z.avail_out;
	}
	deflateEnd(&z);
	return true;
}

static bool
gzip_bomb(struct raw *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(RAW_IMAGE_MAX);

	return pack(&b) &&
	    raw_reply(r,
		"200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip",
		b.data, b.len);
}

/* ---- the table ---------------------------------------------------------- */

const struct raw_row raw_bad[] = {
	{ "endless-body.jpg", endless_body },
	{ "endless-chunks.jpg", endless_chunks },
	{ "endless-trailers.jpg", endless_trailers },
	{ "endless-extension.jpg", endless_extension },
	{ "length-short.png", length_short },
	{ "length-long.png", length_long },
	{ "two-lengths.jpg", two_lengths },
	{ "bad-length.jpg", bad_length },
	{ "bad-chunk.jpg", bad_chunk },
	{ "partial.png", partial },
	{ "reset.jpg", reset },
	{ "hang-up.jpg", hang_up },
	{ "slow-body.jpg", slow_body },
	{ "slow-header.jpg", slow_header },
	{ "silent.jpg", silent },
	{ "endless-header.jpg", endless_header },
	{ "many-headers.jpg", many_headers },
	{ "endless-100.jpg", endless_100 },
	{ "endless-103.jpg", endless_103 },
	{ "http09.jpg", http09 },
	{ "nul-header.jpg", nul_header },
	{ "odd-status.jpg", odd_status },
	{ "encodings.html", encodings },
	{ "encodings.jpg", encodings },
	{ "gzip-bomb.html", gzip_bomb },
	{ "gzip-bomb.jpg", gzip_bomb },
	{ NULL, NULL },
};
