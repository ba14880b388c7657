/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scraper/list: lists of any length, in any shape, from anyone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "scraper/list.h"

#define ROOM ((size_t)3 << 20)

/* A file with these bytes, at its start. */
static int
file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("list", MFD_CLOEXEC);
	struct err e;

	assert_int_equal(file_write_fd(fd, bytes, len, &e), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int
packed(const void *bytes, size_t len, int members)
{
	int fd = memfd_create("list", MFD_CLOEXEC);
	size_t part = len / (size_t)members;
	gzFile gz;
	int i;

	for (i = 0; i < members; i++) {
		gz = gzdopen(dup(fd), "ab");
		assert_int_equal(
		    gzwrite(gz, (const char *)bytes + part * (size_t)i,
			(unsigned)part),
		    part);
		gzclose(gz);
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* What a list holds: "url=label;" each, "!line:why;", "END" or an error. */
static char *
read_with(struct list_text *text, const char *name, const char *columns)
{
	const struct list_ask ask = { .name = name, .columns = columns };
	struct buf out = BUF_INIT(8 << 20);
	struct list *l CLEANUP(list_closep) = NULL;
	struct list_entry entry;
	struct err e = { 0 };
	int rc = list_open(&ask, text, &l, &e);

	while (rc == 0 && (rc = list_next(l, &entry, &e)) > 0) {
		if (entry.bad != NULL)
			buf_addf(&out, "!%d:%s;", (int)entry.line, entry.bad);
		if (rc == 1) {
			buf_addf(&out, "%s=%s;", entry.found.url,
			    entry.found.label ? entry.found.label : "");
			found_release(&entry.found);
		}
		rc = 0;
	}
	buf_addf(&out, "%s", rc < 0 ? e.msg : "END");
	return (char *)out.data;
}

static void
gives(struct list_text *text, const char *name, const char *columns,
    const char *want)
{
	char *got CLEANUP(freep) = read_with(text, name, columns);

	if (strcmp(got, want) != 0)
		fail_msg("gives %.900s\nnot %.900s", got, want);
}

static void
text_gives(const char *text, const char *name, const char *want)
{
	gives(list_text_of_bytes(text, strlen(text)), name, NULL, want);
	gives(list_text_of_fd(file_of(text, strlen(text))), name, NULL, want);
	gives(list_text_of_fd(packed(text, strlen(text), 1)), name, NULL, want);
}

static void
every_format_is_told(void **state)
{
	(void)state;
	text_gives("http://h/a\n# no\nhttp://h/b\tcat\n", "x.txt",
	    "http://h/a=;http://h/b=cat;END");
	text_gives("label\turl\ncat\thttp://h/a\n\"a \"\"b\"\"\"\thttp://h/b",
	    "x.tsv.gz", "http://h/a=cat;http://h/b=a \"b\";END");
	text_gives("label\turl\ncat\thttp://h/a\n", "x", "http://h/a=cat;END");
	text_gives(
	    "url;label\nhttp://h/a;\"b;c\"\n", "x.csv", "http://h/a=b;c;END");
	text_gives("{\"URL\":\"http://h/a\",\"class\":\"b\"}\n", "x",
	    "http://h/a=b;END");
	text_gives("a,b\n", "x.csv.gz", "the list has no column \"url\"");
	text_gives("", "x.txt", "END");
	text_gives("", "x.csv", "END");
}

static void
line_ends_and_marks_of_any_system_are_read(void **state)
{
	static const char wide[] = "\xff\xfeu\0r\0l\0,\0l\0a\0b\0e\0l\0\r\0\n\0"
				   "h\0t\0t\0p\0:\0/\0/\0h\0,\0\xea\0\n";

	(void)state;
	text_gives("url,label\rhttp://h/a,b\rhttp://h/b,c\r", "x.csv",
	    "http://h/a=b;http://h/b=c;END");
	text_gives("\xef\xbb\xbfurl,label\r\nhttp://h/a,b\r\n", NULL,
	    "http://h/a=b;END");
	gives(list_text_of_bytes(wide, sizeof(wide)), "x", NULL,
	    "http://h/=\xc3\xaa;END");
	text_gives("url,label\nhttp://h/a,cr\xeape\nhttp://h/b,cr\xc3\xaape\n",
	    NULL, "http://h/a=cr\xc3\xaape;http://h/b=cr\xc3\xaape;END");
}

static void
columns_are_known_by_their_usual_names(void **state)
{
	(void)state;
	text_gives("url,image_url\nhttp://page/,http://h/a\n", NULL,
	    "http://h/a=;END");
	text_gives("ImageID,OriginalURL,OriginalLandingURL\n1,http://h/a,b\n",
	    NULL, "http://h/a=;END");
}

static void
columns_are_as_the_section_says(void **state)
{
	static const char *const text = "url,X,Y\nhttp://p/,http://h/a,cat\n";
	struct list_columns c;
	struct err e = { 0 };

	(void)state;
	gives(list_text_of_bytes(text, strlen(text)), "x.csv", "url=x label=Y",
	    "http://h/a=cat;END");
	gives(list_text_of_bytes(text, strlen(text)), "x.csv", "url=2, label=3",
	    "!1:no http or https address;"
	    "http://h/a=cat;END");
	gives(list_text_of_bytes(text, strlen(text)), "x.csv", "url=none",
	    "the list has no column of the name that columns gives for url");
	assert_int_equal(list_columns_parse("url", &c, &e), -1);
	assert_string_equal(e.msg, "columns: \"url\" is not like url=NAME");
	assert_int_equal(list_columns_parse("size=x", &c, &e), -1);
	assert_int_equal(list_columns_parse("url=", &c, &e), -1);
	assert_int_equal(list_columns_parse(NULL, &c, &e), 0);
}

static void
bad_lines_are_told_by_their_number(void **state)
{
	(void)state;
	text_gives("url,label\nftp://h/a,b\n\nhttp://h/a,\"two\nlines\"\n,x\n",
	    NULL,
	    "!2:no http or https address;http://h/a=two lines;"
	    "!6:no address;END");
	text_gives("{\"url\":1}\n{\n{\"url\":\"http://h/a\"}", NULL,
	    "!1:no address;!2:not JSON;http://h/a=;END");
}

static void
a_quote_that_is_not_closed_costs_one_line(void **state)
{
	(void)state;
	text_gives("url,label\nhttp://h/a,\"b\nhttp://h/b,c\nhttp://h/c,d\n",
	    NULL, "!2:a quote is not closed;http://h/b=c;http://h/c=d;END");
}

static void
a_very_long_line_is_passed_over(void **state)
{
	char *text CLEANUP(freep) = xmalloc(10u << 20);
	size_t n;

	(void)state;
	memset(text, 'x', 10u << 20);
	n = (size_t)snprintf(text, 100, "url,label\nhttp://h/a,1\nhttp://h/");
	text[n] = 'x';
	n = (10u << 20) - 100;
	n += (size_t)snprintf(text + n, 100, "\nhttp://h/c,3\n");
	gives(list_text_of_bytes(text, n), NULL, NULL,
	    "http://h/a=1;!3:its line is longer than 256 KiB;"
	    "http://h/c=3;END");
	gives(list_text_of_fd(file_of(text, n)), NULL, NULL,
	    "http://h/a=1;!3:its line is longer than 256 KiB;"
	    "http://h/c=3;END");
}

static void
zero_bytes_end_nothing(void **state)
{
	static const char text[] = "url,label\nhttp://h/a,b\0c\nhttp://h/b,d";

	(void)state;
	gives(list_text_of_bytes(text, sizeof(text) - 1), NULL, NULL,
	    "http://h/a=b c;http://h/b=d;END");
}

static void
packed_members_follow_each_other(void **state)
{
	static const char text[] = "http://h/a\nhttp://h/b\n";

	(void)state;
	gives(list_text_of_fd(packed(text, sizeof(text) - 1, 2)), NULL, NULL,
	    "http://h/a=;http://h/b=;END");
}

static void
what_is_broken_off_is_read_so_far(void **state)
{
	char *text CLEANUP(freep) = xmalloc(ROOM);
	int fd;
	size_t n = 0;

	(void)state;
	while (n < ROOM - 100)
		n += (size_t)snprintf(
		    text + n, 100, "http://h/%zx\n", n * 2654435761u);
	fd = packed(text, n, 1);
	assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) / 2), 0);
	lseek(fd, 0, SEEK_SET);
	{
		char *got CLEANUP(freep) =
		    read_with(list_text_of_fd(fd), NULL, NULL);

		assert_non_null(strstr(got, "http://h/0=;"));
		assert_non_null(strstr(got, "it is broken off"));
	}
}

static void
a_bomb_is_given_up(void **state)
{
	char *zeros CLEANUP(freep) = xcalloc(1, 1 << 20);
	int fd = memfd_create("bomb", MFD_CLOEXEC), i;
	gzFile gz = gzdopen(dup(fd), "wb9");

	(void)state;
	for (i = 0; i < 200; i++)
		gzwrite(gz, zeros, 1 << 20);
	gzclose(gz);
	lseek(fd, 0, SEEK_SET);
	gives(list_text_of_fd(fd), NULL, NULL,
	    "it unpacks to more than 300 times its size");
}

/* Read up to a record in the middle; go on there with a new reader. */
static void
goes_on(int first, int second)
{
	const struct list_ask ask = { .name = "x.csv" };
	struct list *l CLEANUP(list_closep) = NULL;
	struct list *m CLEANUP(list_closep) = NULL;
	struct list_entry entry;
	struct err e;
	int64_t at, line;
	int i, rc;

	assert_int_equal(list_open(&ask, list_text_of_fd(first), &l, &e), 0);
	for (i = 0; i < 50000; i++) {
		assert_int_equal(list_next(l, &entry, &e), 1);
		found_release(&entry.found);
	}
	at = list_text_at(list_text(l));
	line = list_text_line(list_text(l));
	assert_int_equal(line, 50002);
	assert_int_equal(list_open(&ask, list_text_of_fd(second), &m, &e), 0);
	while ((rc = list_text_skip(list_text(m), at, line, &e)) == 0)
		;
	assert_int_equal(rc, 1);
	assert_int_equal(list_next(m, &entry, &e), 1);
	assert_string_equal(entry.found.url, "http://h/50000");
	assert_int_equal(entry.line, 50002);
	found_release(&entry.found);
}

static void
a_list_is_gone_on_with_where_it_was_left(void **state)
{
	char *text CLEANUP(freep) = xmalloc(ROOM);
	size_t n = (size_t)snprintf(text, ROOM, "label,url\n");
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		n += (size_t)snprintf(
		    text + n, ROOM - n, "\"c,%d\",http://h/%d\n", i % 7, i);
	goes_on(file_of(text, n), file_of(text, n));
	goes_on(packed(text, n, 1), packed(text, n, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_told),
		cmocka_unit_test(line_ends_and_marks_of_any_system_are_read),
		cmocka_unit_test(columns_are_known_by_their_usual_names),
		cmocka_unit_test(columns_are_as_the_section_says),
		cmocka_unit_test(bad_lines_are_told_by_their_number),
		cmocka_unit_test(a_quote_that_is_not_closed_costs_one_line),
		cmocka_unit_test(a_very_long_line_is_passed_over),
		cmocka_unit_test(zero_bytes_end_nothing),
		cmocka_unit_test(packed_members_follow_each_other),
		cmocka_unit_test(what_is_broken_off_is_read_so_far),
		cmocka_unit_test(a_bomb_is_given_up),
		cmocka_unit_test(a_list_is_gone_on_with_where_it_was_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
