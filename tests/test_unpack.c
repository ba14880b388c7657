/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scraper/unpack: what is taken from archives, and what is refused by name.
 * The archives are written by libarchive, and then spoilt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "scraper/unpack.h"

static const struct unpack_limits roomy = { .entries = 1000,
	.entry_bytes = 1 << 20,
	.total_bytes = 64 << 20,
	.ratio = 200 };

/* ---- writing ------------------------------------------------------------ */

struct maker {
	int fd;
	struct archive *a;
};

static struct maker
make(const char *format, const char *filter)
{
	struct maker m = { memfd_create("archive", MFD_CLOEXEC),
		archive_write_new() };

	assert_int_equal(
	    archive_write_set_format_by_name(m.a, format), ARCHIVE_OK);
	if (filter != NULL)
		assert_int_equal(
		    archive_write_add_filter_by_name(m.a, filter), ARCHIVE_OK);
	assert_int_equal(archive_write_open_fd(m.a, m.fd), ARCHIVE_OK);
	return m;
}

static struct archive_entry *
entry_new(const char *name, unsigned type)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_copy_pathname(e, name);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, 0644);
	return e;
}

static void
put_entry(struct maker *m, struct archive_entry *e, const void *data, size_t n)
{
	archive_entry_set_size(e, (la_int64_t)n);
	assert_true(archive_write_header(m->a, e) >= ARCHIVE_WARN);
	if (n > 0)
		assert_int_equal(archive_write_data(m->a, data, n), n);
	archive_entry_free(e);
}

static void
put(struct maker *m, const char *name, const char *text)
{
	put_entry(m, entry_new(name, AE_IFREG), text, strlen(text));
}

/* The descriptor, at the start. */
static int
made(struct maker *m)
{
	assert_int_equal(archive_write_close(m->a), ARCHIVE_OK);
	archive_write_free(m->a);
	lseek(m->fd, 0, SEEK_SET);
	return m->fd;
}

static void
put_file(struct maker *m, const char *name, int fd)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(64 << 20);
	struct err e = { 0 };

	assert_int_equal(file_read_fd(fd, name, &b, &e), 0);
	put_entry(m, entry_new(name, AE_IFREG), b.data, b.len);
	close(fd);
}

/* ---- reading ------------------------------------------------------------ */

static bool
want_all(void *ctx, const char *name, const void *start, size_t len)
{
	(void)ctx;
	(void)name;
	(void)start;
	(void)len;
	return true;
}

static bool
want_pictures(void *ctx, const char *name, const void *start, size_t len)
{
	(void)ctx;
	(void)start;
	(void)len;
	return strstr(name, ".jpg") != NULL;
}

/* All that is found, "name=text" or "name!verdict", a line each. */
static char *
read_all(int fd, const struct unpack_limits *limits, unpack_want_fn *want)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);
	struct unpack *u CLEANUP(unpack_closep) = NULL;
	struct unpack_entry entry;
	struct err e = { 0 };
	int rc = unpack_open(fd, limits, want, NULL, &u, &e);

	buf_add(&b, "", 0);
	while (rc >= 0 && (rc = unpack_next(u, &entry, &e)) > 0) {
		if (rc == 2)
			continue;
		buf_addf(&b, "%s", entry.name);
		if (entry.verdict != ENTRY_FINE)
			buf_addf(
			    &b, "!%s\n", unpack_verdict_word(entry.verdict));
		else if (entry.bytes->len > 20)
			buf_addf(&b, "=%zu bytes\n", entry.bytes->len);
		else
			buf_addf(&b, "=%.*s\n", (int)entry.bytes->len,
			    (const char *)entry.bytes->data);
	}
	if (rc < 0)
		buf_addf(&b, "error: %s\n", e.msg);
	close(fd);
	return xstrdup((const char *)b.data);
}

static void
is_read_as(int fd, const char *expected)
{
	char *got CLEANUP(freep) = read_all(fd, &roomy, want_all);

	assert_string_equal(got, expected);
}

static void
has_error(int fd, const struct unpack_limits *limits, const char *text)
{
	char *got CLEANUP(freep) = read_all(fd, limits, want_all);

	if (strstr(got, "error: ") == NULL || strstr(got, text) == NULL)
		fail_msg("no error with \"%s\" in:\n%s", text, got);
}

/* ---- what is taken ------------------------------------------------------ */

static void
files_of_each_format_are_read_in_their_order(void **state)
{
	static const struct {
		const char *format, *filter;
	} kinds[] = {
		{ "zip", NULL },
		{ "gnutar", NULL },
		{ "pax", "gzip" },
		{ "gnutar", "bzip2" },
		{ "gnutar", "xz" },
		{ "gnutar", "zstd" },
		{ "7zip", NULL },
	};
	struct maker m;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		m = make(kinds[i].format, kinds[i].filter);
		put(&m, "train/cat/1.jpg", "one");
		put(&m, "./train//dog/2.jpg", "two");
		is_read_as(
		    made(&m), "train/cat/1.jpg=one\ntrain/dog/2.jpg=two\n");
	}
}

static void
what_nobody_wants_is_passed_over(void **state)
{
	struct maker m = make("zip", NULL);
	char *got CLEANUP(freep) = NULL;

	(void)state;
	put(&m, "notes.txt", "nothing");
	put(&m, "1.jpg", "one");
	put(&m, "LICENSE", "free");
	got = read_all(made(&m), &roomy, want_pictures);
	assert_string_equal(got, "1.jpg=one\n");
}

static void
an_archive_in_an_archive_is_read_but_none_in_that(void **state)
{
	struct maker innermost = make("zip", NULL), inner, outer;

	(void)state;
	put(&innermost, "3.jpg", "three");
	inner = make("gnutar", "gzip");
	put(&inner, "2.jpg", "two");
	put_file(&inner, "deep.zip", made(&innermost));
	outer = make("zip", NULL);
	put(&outer, "1.jpg", "one");
	put_file(&outer, "inner.tar.gz", made(&inner));
	put(&outer, "4.jpg", "four");
	is_read_as(made(&outer),
	    "1.jpg=one\ninner.tar.gz!/2.jpg=two\n"
	    "inner.tar.gz!/deep.zip!nested\n4.jpg=four\n");
}

static void
names_in_other_encodings_stay_apart(void **state)
{
	struct maker m = make("gnutar", NULL);

	(void)state;
	put(&m, "caf\xe9.jpg", "latin");
	put(&m, "caf\xe8.jpg", "another");
	put(&m, "caf\xc3\xa9.jpg", "utf-8");
	is_read_as(made(&m),
	    "caf%E9.jpg=latin\ncaf%E8.jpg=another\ncaf\xc3\xa9.jpg=utf-8\n");
}

/* ---- what is refused ---------------------------------------------------- */

static void
names_that_lead_elsewhere_are_refused(void **state)
{
	struct maker m = make("gnutar", NULL);

	(void)state;
	put(&m, "../up.jpg", "x");
	put(&m, "a/../../up.jpg", "x");
	put(&m, "..\\up.jpg", "x");
	put(&m, "C:\\up.jpg", "x");
	put(&m, "/etc/passwd", "x");
	put(&m, "a/..b/fine.jpg", "fine");
	is_read_as(made(&m),
	    "../up.jpg!outside\na/../../up.jpg!outside\n..\\up.jpg!outside\n"
	    "C:\\up.jpg!outside\n/etc/passwd!outside\na/..b/fine.jpg=fine\n");
}

static void
links_and_devices_are_refused(void **state)
{
	struct maker m = make("gnutar", NULL);
	struct archive_entry *e = entry_new("soft.jpg", AE_IFLNK);

	(void)state;
	archive_entry_set_symlink(e, "/etc/passwd");
	put_entry(&m, e, NULL, 0);
	put(&m, "real.jpg", "real");
	e = entry_new("hard.jpg", AE_IFREG);
	archive_entry_set_hardlink(e, "real.jpg");
	put_entry(&m, e, NULL, 0);
	e = entry_new("null.jpg", AE_IFCHR);
	put_entry(&m, e, NULL, 0);
	put_entry(&m, entry_new("pipe.jpg", AE_IFIFO), NULL, 0);
	put_entry(&m, entry_new("folder", AE_IFDIR), NULL, 0);
	is_read_as(made(&m),
	    "soft.jpg!link\nreal.jpg=real\nhard.jpg!link\nnull.jpg!special\n"
	    "pipe.jpg!special\n");
}

static void
one_that_is_too_large_is_refused_and_the_rest_is_read(void **state)
{
	struct unpack_limits small = roomy;
	struct maker m = make("zip", NULL);
	char *got CLEANUP(freep) = NULL;
	char large[2001];

	(void)state;
	small.entry_bytes = 2000;
	memset(large, 'x', 2000);
	large[2000] = 0;
	put(&m, "fits.jpg", large);
	large[1999] = 0;
	put(&m, "smaller.jpg", large);
	large[1999] = 'x';
	put_entry(&m, entry_new("larger.jpg", AE_IFREG), large, 2001);
	put(&m, "last.jpg", "last");
	got = read_all(made(&m), &small, want_all);
	assert_string_equal(got,
	    "fits.jpg=2000 bytes\nsmaller.jpg=1999 bytes\n"
	    "larger.jpg!too_large\nlast.jpg=last\n");
}

static void
bombs_end_at_a_limit_of_the_whole(void **state)
{
	struct unpack_limits limits = roomy;
	char *zeros CLEANUP(freep) = xcalloc(1, 1 << 20);
	struct maker m = make("zip", NULL);
	char name[32];
	int i, fd;

	(void)state;
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%d.jpg", i);
		put_entry(&m, entry_new(name, AE_IFREG), zeros, 1 << 20);
	}
	fd = made(&m);
	has_error(dup(fd), &limits, "times its size: a bomb");
	limits.ratio = 1 << 20;
	limits.total_bytes = 10 << 20;
	lseek(fd, 0, SEEK_SET);
	has_error(fd, &limits, "unpacks to more than 10485760 bytes");
}

static void
entries_without_end_are_counted(void **state)
{
	struct unpack_limits limits = roomy;
	struct maker m = make("gnutar", "gzip");
	char name[32];
	int i;

	(void)state;
	for (i = 0; i < 1001; i++) {
		snprintf(name, sizeof(name), "%d", i);
		put(&m, name, "");
	}
	limits.entries = 1000;
	has_error(made(&m), &limits, "more than 1000 entries");
}

/* Not even their list, which libarchive would hold in memory. */
static void
a_zip_file_that_says_it_has_too_many_is_not_read(void **state)
{
	struct unpack_limits few = roomy;
	struct maker m = make("zip", NULL);
	char *got CLEANUP(freep) = NULL;
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d.jpg", i);
		put(&m, name, "x");
	}
	few.entries = 19;
	got = read_all(made(&m), &few, want_all);
	assert_string_equal(got, "error: it has more than 19 entries\n");
}

static void
encrypted_entries_are_refused(void **state)
{
	struct maker m = { memfd_create("zip", MFD_CLOEXEC), NULL };

	(void)state;
	m.a = archive_write_new();
	archive_write_set_format_zip(m.a);
	if (archive_write_set_options(m.a, "zip:encryption=aes256") !=
		ARCHIVE_OK ||
	    archive_write_set_passphrase(m.a, "secret") != ARCHIVE_OK) {
		archive_write_free(m.a);
		close(m.fd);
		skip();
	}
	assert_int_equal(archive_write_open_fd(m.a, m.fd), ARCHIVE_OK);
	put(&m, "1.jpg", "one");
	is_read_as(made(&m), "1.jpg!encrypted\n");
}

/* ---- what is broken ------------------------------------------------------ */

static void
what_is_no_archive_is_an_error(void **state)
{
	int fd = memfd_create("text", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(fd, "This is only text.\n", 19), 19);
	lseek(fd, 0, SEEK_SET);
	has_error(fd, &roomy, "not a zip, 7z or tar archive");
}

/* Cut anywhere, it gives what came before and an error, or a clean end. */
static void
one_that_is_cut_off_gives_what_came_before(void **state)
{
	struct maker m = make("gnutar", "gzip");
	char *got CLEANUP(freep) = NULL;
	static char noise[400000];
	size_t i;
	uint32_t x = 1;
	struct stat st;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(noise); i++) {
		x = x * 1664525 + 1013904223;
		noise[i] = (char)(x >> 24);
	}
	put(&m, "1.jpg", "one");
	put_entry(&m, entry_new("2.jpg", AE_IFREG), noise, sizeof(noise));
	fd = made(&m);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(ftruncate(fd, st.st_size - 100000), 0);
	got = read_all(fd, &roomy, want_all);
	assert_non_null(strstr(got, "1.jpg=one\n2.jpg!damaged\n"));
	assert_non_null(strstr(got, "error: after"));
}

/* Any byte may be another: it ends, without harm. */
static void
no_spoilt_byte_does_harm(void **state)
{
	struct maker m = make("zip", NULL);
	unsigned char byte, spoilt;
	struct stat st;
	off_t at;
	int fd;

	(void)state;
	put(&m, "train/cat/1.jpg", "one");
	put(&m, "train/dog/2.jpg", "two");
	fd = made(&m);
	assert_int_equal(fstat(fd, &st), 0);
	for (at = 0; at < st.st_size; at++) {
		char *got CLEANUP(freep) = NULL;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		spoilt = (unsigned char)~byte;
		assert_int_equal(pwrite(fd, &spoilt, 1, at), 1);
		lseek(fd, 0, SEEK_SET);
		got = read_all(dup(fd), &roomy, want_all);
		assert_null(strstr(got, "/etc"));
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_each_format_are_read_in_their_order),
		cmocka_unit_test(what_nobody_wants_is_passed_over),
		cmocka_unit_test(
		    an_archive_in_an_archive_is_read_but_none_in_that),
		cmocka_unit_test(names_in_other_encodings_stay_apart),
		cmocka_unit_test(names_that_lead_elsewhere_are_refused),
		cmocka_unit_test(links_and_devices_are_refused),
		cmocka_unit_test(
		    one_that_is_too_large_is_refused_and_the_rest_is_read),
		cmocka_unit_test(bombs_end_at_a_limit_of_the_whole),
		cmocka_unit_test(entries_without_end_are_counted),
		cmocka_unit_test(
		    a_zip_file_that_says_it_has_too_many_is_not_read),
		cmocka_unit_test(encrypted_entries_are_refused),
		cmocka_unit_test(what_is_no_archive_is_an_error),
		cmocka_unit_test(one_that_is_cut_off_gives_what_came_before),
		cmocka_unit_test(no_spoilt_byte_does_harm),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
