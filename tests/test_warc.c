/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scraper/warc: what crawls have kept, made here record by record, and the
 * real ones of ../shared/data/web/crawl.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "scraper/warc.h"
#include "tests/shared.h"

#define CRAWL "web/crawl/"
#define GIF "GIF89a0123456789"

static struct buf file;

static int
release(void **state)
{
	(void)state;
	file.cap = 64u << 20;
	buf_release(&file);
	return 0;
}

/* A record of this type; more headers end in \r\n each. */
static void
put(const char *type, const char *url, const char *more, const char *http,
    const void *body, size_t len)
{
	buf_addf(&file,
	    "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\n%s"
	    "Content-Length: %zu\r\n\r\n%s",
	    type, url, more, strlen(http) + len, http);
	buf_add(&file, body, len);
	buf_addf(&file, "\r\n\r\n");
}

static void
put_text(const char *type, const char *url, const char *http, const char *body)
{
	put(type, url, "", http, body, strlen(body));
}

static int
fd_of(const struct buf *b)
{
	int fd = memfd_create("warc", MFD_CLOEXEC);
	struct err e;

	assert_int_equal(file_write_fd(fd, b->data, b->len, &e), 0);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* "url(bytes);" or "url<page;" each, and END or an error. */
static char *
read_from(struct warc *w)
{
	struct buf out = BUF_INIT(1 << 20);
	const struct buf *bytes;
	struct list_entry entry;
	struct err e = { 0 };
	int rc;

	while ((rc = warc_next(w, &entry, &bytes, &e)) > 0) {
		if (rc == 2)
			continue;
		buf_addf(&out, "%s", entry.found.url);
		if (bytes != NULL)
			buf_addf(&out, "(%.*s)", (int)bytes->len,
			    (const char *)bytes->data);
		if (entry.found.page != NULL)
			buf_addf(&out, "<%s", entry.found.page);
		buf_addf(&out, ";");
		found_release(&entry.found);
	}
	buf_addf(&out, "%s", rc < 0 ? e.msg : "END");
	return (char *)out.data;
}

static void
gives(const char *want)
{
	struct warc *w CLEANUP(warc_closep) = warc_of_fd(fd_of(&file));
	char *got CLEANUP(freep) = read_from(w);

	if (strcmp(got, want) != 0)
		fail_msg("gives %.900s\nnot %.900s", got, want);
	buf_release(&file);
}

#define OK_GIF "HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\n\r\n"
#define OK_HTML "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"

static void
pictures_come_with_their_bytes(void **state)
{
	(void)state;
	put_text("warcinfo", "", "", "software: x\r\n");
	put_text(
	    "request", "http://h/a.gif", "GET /a.gif HTTP/1.1\r\n\r\n", "");
	put_text("response", "http://h/a.gif", OK_GIF, GIF);
	put_text("response", "<http://h/b.gif>", OK_GIF, GIF);
	gives("http://h/a.gif(" GIF ");http://h/b.gif(" GIF ");END");
}

static void
pages_give_the_pictures_that_they_show(void **state)
{
	(void)state;
	put_text("response", "http://h/dir/", OK_HTML,
	    "<img src=a.jpg alt=x><img src=/b.jpg>");
	put_text("response", "http://h/other", OK_HTML,
	    "<meta name=robots content=noimageindex><img src=c.jpg>");
	gives("http://h/dir/a.jpg<http://h/dir/;http://h/b.jpg<http://h/dir/;"
	      "END");
}

static void
what_is_no_answer_is_passed_over(void **state)
{
	(void)state;
	put_text("revisit", "http://h/a.gif", OK_GIF, "");
	put_text("metadata", "http://h/a.gif", "", "x: y\r\n");
	put_text("response", "http://h/a.gif",
	    "HTTP/1.1 404 Not Found\r\nContent-Type: image/gif\r\n\r\n", GIF);
	put_text("response", "dns:h", "", "20080430204825\n");
	put_text("response", "http://h/b.gif", OK_GIF, "no picture at all");
	put_text("response", "http://u:p@h/c.gif", OK_GIF, GIF);
	put_text("response", "http://h/d.gif",
	    "HTTP/1.1 200 OK\r\nX-Robots-Tag: noai\r\n\r\n", GIF);
	put_text("response", "http://h/e.gif", "HTTP/1.1 200 OK\r\n", "");
	put_text("response", "http://h/f.gif", "", "");
	gives("END");
}

static void
bodies_are_unpacked(void **state)
{
	unsigned char zipped[256];
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)GIF,
		.avail_in = strlen(GIF),
		.next_out = zipped,
		.avail_out = sizeof(zipped) };

	(void)state;
	deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	put("response", "http://h/a.gif", "",
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", zipped,
	    z.total_out);
	deflateEnd(&z);
	put_text("response", "http://h/b.gif",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
	    "6\r\nGIF89a\r\na;x=y\r\n0123456789\r\n0\r\n\r\n");
	/* Said so, but the crawler has joined and unpacked it. */
	put_text("response", "http://h/c.gif",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
	    "Content-Encoding: gzip\r\n\r\n",
	    GIF);
	gives("http://h/a.gif(" GIF ");http://h/b.gif(" GIF ");"
	      "http://h/c.gif(" GIF ");END");
}

static void
a_picture_that_was_cut_gives_its_address(void **state)
{
	(void)state;
	put("response", "http://h/a.gif", "WARC-Truncated: length\r\n", OK_GIF,
	    GIF, strlen(GIF));
	gives("http://h/a.gif;END");
}

static void
what_is_damaged_is_told_by_the_record(void **state)
{
	(void)state;
	put_text("response", "http://h/a.gif", OK_GIF, GIF);
	put_text("response", "http://h/b.gif", OK_GIF, GIF);
	file.len -= 12;
	gives("http://h/a.gif(" GIF ");it is broken off in record 2");
	buf_addf(&file, "<html>\nthis is a page");
	gives("record 1 is neither WARC nor ARC");
	buf_addf(&file, "WARC/1.0\r\nContent-Length: -5\r\n\r\n");
	gives("record 1 does not say how long it is");
	buf_addf(&file, "WARC/1.0\r\nWARC-Type: response\r\n");
	gives("record 1 does not say how long it is");
	buf_addf(&file,
	    "WARC/1.0\r\nContent-Length: 9223372036854775807\r\n"
	    "\r\nx");
	gives("it is broken off in record 1");
	put_text("warcinfo", "http://h/", "", "");
	memset(buf_room(&file, 100000), 'x', 100000);
	file.len += 100000;
	gives("behind record 1 a header is too long");
	gives("END");
}

static void
arcs_are_read_too(void **state)
{
	(void)state;
	buf_addf(&file,
	    "filedesc://x.arc 0.0.0.0 20080430204825 text/plain "
	    "5\n1 1 x\n\n");
	buf_addf(&file,
	    "http://h/a.gif 1.2.3.4 20080430204825 image/gif %zu\n" OK_GIF GIF
	    "\n",
	    strlen(OK_GIF GIF));
	gives("http://h/a.gif(" GIF ");END");
}

/* How many pictures a real file has, from the record at `from` on. */
static int
count_real(const char *name, int64_t from, int64_t record, int64_t *half)
{
	char *path CLEANUP(freep) = shared_path(name);
	struct warc *w CLEANUP(warc_closep) =
	    warc_of_fd(open(path, O_RDONLY | O_CLOEXEC));
	const struct buf *bytes;
	struct list_entry entry;
	struct err e;
	int n = 0, rc;

	while (from > 0 && (rc = warc_skip(w, from, record, &e)) == 0)
		;
	while ((rc = warc_next(w, &entry, &bytes, &e)) > 0) {
		if (rc == 1)
			found_release(&entry.found);
		n += bytes != NULL;
		if (half != NULL && n == 30) {
			half[0] = warc_at(w);
			half[1] = warc_record(w);
			half = NULL;
		}
	}
	assert_int_equal(rc, 0);
	return n;
}

static void
real_crawls_are_read_and_gone_on_with(void **state)
{
	static const char *const names[] = { CRAWL "example.warc.gz",
		CRAWL "example.arc.gz" };
	char *folder CLEANUP(freep) = shared_path(CRAWL);
	int64_t half[2];
	size_t i;

	(void)state;
	if (access(folder, R_OK) != 0) {
		print_message("no %s\n", folder);
		skip();
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(count_real(names[i], 0, 0, half), 55);
		assert_int_equal(
		    count_real(names[i], half[0], half[1], NULL), 25);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, release)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pictures_come_with_their_bytes),
		TEST(pages_give_the_pictures_that_they_show),
		TEST(what_is_no_answer_is_passed_over),
		TEST(bodies_are_unpacked),
		TEST(a_picture_that_was_cut_gives_its_address),
		TEST(what_is_damaged_is_told_by_the_record),
		TEST(arcs_are_read_too),
		TEST(real_crawls_are_read_and_gone_on_with),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
