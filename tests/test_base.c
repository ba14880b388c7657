/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The house's own library: text, buf, file, err, sha256.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/text.h"

/* ---- text ------------------------------------------------------------- */

static void
check_safe(const char *from, const char *to)
{
	char *safe CLEANUP(freep) = text_safe(from);

	assert_string_equal(safe, to);
}

static void
plain_text_is_shown_as_it_is(void **state)
{
	(void)state;
	check_safe("", "");
	check_safe(
	    "Crêpe «à la» Ω 餅 \U0001f95e", "Crêpe «à la» Ω 餅 \U0001f95e");
	check_safe("back\\slash", "back\\slash");
}

static void
what_steers_a_terminal_is_shown_as_bytes(void **state)
{
	(void)state;
	check_safe("\033[2Jx", "\\x1b[2Jx");
	check_safe("a\r\nb\t\x7f", "a\\x0d\\x0ab\\x09\\x7f");
	check_safe("\xc2\x9b"
		   "31m",
	    "\\xc2\\x9b31m");
	check_safe("\u202egpj.exe", "\\xe2\\x80\\xaegpj.exe");
	check_safe("\u2066\u2069\u200e\u200f\u061c",
	    "\\xe2\\x81\\xa6\\xe2\\x81\\xa9\\xe2\\x80\\x8e\\xe2\\x80\\x8f"
	    "\\xd8\\x9c");
}

static void
bytes_that_are_not_utf8_are_shown_as_bytes(void **state)
{
	(void)state;
	check_safe("\xff\xfe", "\\xff\\xfe");
	check_safe("\xc0\xaf", "\\xc0\\xaf");
	check_safe("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	check_safe("\xed\xa0\x80", "\\xed\\xa0\\x80");
	check_safe("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	check_safe("end\xe9", "end\\xe9");
	check_safe("\xe9t\xe9", "\\xe9t\\xe9");
}

static void
utf8_is_told_from_other_bytes(void **state)
{
	(void)state;
	assert_true(text_is_utf8("", 0));
	assert_true(text_is_utf8("\xf4\x8f\xbf\xbf", 4));
	assert_false(text_is_utf8("a\0b", 3));
	assert_false(text_is_utf8("\xed\xbf\xbf", 3));
	assert_false(text_is_utf8("\xe2\x82", 2));
	assert_false(text_is_utf8("\x80", 1));
}

static void
a_near_word_is_suggested_and_a_far_one_is_not(void **state)
{
	static const char *const words[] = { "delay", "depth", "max_bytes",
		NULL };
	static const char *const none[] = { NULL };
	char endless[400];

	(void)state;
	assert_string_equal(text_suggest("dely", words), "delay");
	assert_string_equal(text_suggest("dealy", words), "delay");
	assert_string_equal(text_suggest("depht", words), "depth");
	assert_string_equal(text_suggest("max-bytes", words), "max_bytes");
	assert_null(text_suggest("quality", words));
	assert_null(text_suggest("delay", none));
	memset(endless, 'z', sizeof(endless));
	endless[sizeof(endless) - 1] = 0;
	assert_null(text_suggest(endless, words));
}

static void
whole_strings_are_numbers_or_not(void **state)
{
	static const char *const not_int[] = { "", " 1", "1 ", "1.0", "0x10",
		"9223372036854775808", "--1", "one" };
	static const char *const not_real[] = { "", " 1", "1 ", "0x1p3", "inf",
		"nan", "1e999", "1,5", "." };
	int64_t n = 7;
	double x = 7;
	size_t i;

	(void)state;
	assert_true(text_to_int("-42", &n));
	assert_int_equal(n, -42);
	assert_true(text_to_int("9223372036854775807", &n));
	assert_true(n == INT64_MAX);
	for (i = 0; i < ARRAY_SIZE(not_int); i++)
		assert_false(text_to_int(not_int[i], &n));
	assert_true(text_to_real("1.5e-3", &x));
	assert_true(x == 1.5e-3);
	assert_true(text_to_real("-7", &x));
	for (i = 0; i < ARRAY_SIZE(not_real); i++)
		assert_false(text_to_real(not_real[i], &x));
}

static void
sizes_and_durations_have_units(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_true(text_to_size("300", &n) && n == 300);
	assert_true(text_to_size("20k", &n) && n == 20 << 10);
	assert_true(text_to_size("20M", &n) && n == 20 << 20);
	assert_true(text_to_size("2G", &n) && n == (int64_t)2 << 30);
	assert_false(text_to_size("M", &n));
	assert_false(text_to_size("", &n));
	assert_false(text_to_size("-1", &n));
	assert_false(text_to_size("20 M", &n));
	assert_false(text_to_size("20MB", &n));
	assert_false(text_to_size("9223372036854775807G", &n));
	assert_true(text_to_duration("90", &n) && n == 90);
	assert_true(text_to_duration("90s", &n) && n == 90);
	assert_true(text_to_duration("15m", &n) && n == 900);
	assert_true(text_to_duration("20h", &n) && n == 72000);
	assert_true(text_to_duration("7d", &n) && n == 604800);
	assert_true(text_to_duration("2w", &n) && n == 1209600);
	assert_false(text_to_duration("1y", &n));
	assert_false(text_to_duration("-5m", &n));
}

static void
sizes_are_shown_for_people(void **state)
{
	static const struct {
		int64_t bytes;
		const char *shown;
	} cases[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 1234567, "1.2 MB" },
		{ 999949, "999.9 kB" },
		{ 999999, "1.0 MB" },
		{ 999999999999, "1.0 TB" },
		{ INT64_MAX, "9223372.0 TB" },
	};
	char buf[16];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(text_size(buf, sizeof(buf), cases[i].bytes),
		    cases[i].shown);
}

static void
hex_goes_there_and_back(void **state)
{
	static const unsigned char bytes[] = { 0x00, 0x9f, 0xff, 0x10 };
	unsigned char back[4] = { 0 };
	char hex[9];

	(void)state;
	text_to_hex(hex, bytes, sizeof(bytes));
	assert_string_equal(hex, "009fff10");
	assert_true(text_from_hex(back, 4, "009FfF10"));
	assert_memory_equal(back, bytes, 4);
	assert_false(text_from_hex(back, 4, "009fff1"));
	assert_false(text_from_hex(back, 4, "009fff101"));
	assert_false(text_from_hex(back, 4, "009fff1g"));
	assert_false(text_from_hex(back, 4, " 09fff10"));
}

static void
white_space_is_cut_from_both_ends(void **state)
{
	char text[] = " \t a b \r\n", empty[] = "", blank[] = " \n";

	(void)state;
	assert_string_equal(text_trim(text), "a b");
	assert_string_equal(text_trim(empty), "");
	assert_string_equal(text_trim(blank), "");
}

/* ---- buf -------------------------------------------------------------- */

static void
a_buffer_keeps_its_cap(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(10);

	(void)state;
	assert_int_equal(buf_add(&b, "12345", 5), 0);
	assert_int_equal(buf_addf(&b, "%d", 678901), -1);
	assert_string_equal(b.data, "12345");
	assert_int_equal(buf_addf(&b, "%d", 67890), 0);
	assert_string_equal(b.data, "1234567890");
	assert_int_equal(buf_add(&b, "", 0), 0);
	assert_int_equal(buf_add(&b, "x", 1), -1);
	assert_null(buf_room(&b, 1));
	assert_null(buf_room(&b, SIZE_MAX));
	buf_clear(&b);
	assert_string_equal(b.data, "");
	assert_int_equal(buf_add(&b, "1234567890", 10), 0);
	buf_release(&b);
	assert_null(b.data);
	assert_int_equal(b.cap, 10);
}

static void
a_zero_follows_the_bytes_also_after_making_room(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(100000);

	(void)state;
	assert_non_null(buf_room(&b, 90000));
	assert_int_equal(b.data[0], 0);
	buf_addf(&b, "abc");
	assert_int_equal(b.data[3], 0);
}

/* ---- file ------------------------------------------------------------- */

struct folder {
	char path[64];
	int home;
};

static int
enter_folder(void **state)
{
	struct folder *f = xcalloc(1, sizeof(*f));

	memcpy(f->path, "/tmp/test_base.XXXXXX", 22);
	f->home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return mkdtemp(f->path) == NULL || chdir(f->path) != 0 ? -1 : 0;
}

static int
leave_folder(void **state)
{
	struct folder *f = *state;
	int status = fchdir(f->home);

	close(f->home);
	status |= rmdir(f->path);
	free(f);
	return status;
}

static void
a_file_is_replaced_whole(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(100);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(file_replace("f", "old words", 9, &err), 0);
	assert_int_equal(file_replace("f", "new", 3, &err), 0);
	assert_int_equal(file_read("f", &b, &err), 0);
	assert_string_equal(b.data, "new");
	assert_int_equal(file_read("f", &b, &err), 0);
	assert_string_equal(b.data, "newnew");
	assert_int_equal(err.kind, ERR_NONE);
	assert_int_equal(unlink("f"), 0);
}

static void
a_failed_replacement_leaves_the_old_file_and_nothing_else(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(mkdir("d", 0777), 0);
	assert_int_equal(file_replace("d", "x", 1, &err), -1);
	assert_int_equal(err.kind, ERR_FATAL);
	assert_int_equal(file_replace("none/f", "x", 1, &err), -1);
	assert_string_equal(
	    err.msg, "none/f: cannot create: No such file or directory");
	/* leave_folder() would fail if a temporary file stood here. */
	assert_int_equal(rmdir("d"), 0);
}

static void
a_file_up_to_the_cap_is_read(void **state)
{
	struct buf exact CLEANUP(buf_release) = BUF_INIT(5);
	struct buf small CLEANUP(buf_release) = BUF_INIT(4);
	struct buf none CLEANUP(buf_release) = BUF_INIT(5);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(file_replace("f", "12345", 5, &err), 0);
	assert_int_equal(file_read("f", &exact, &err), 0);
	assert_string_equal(exact.data, "12345");
	assert_int_equal(file_read("f", &small, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_string_equal(err.msg, "f: larger than 4 bytes");
	assert_int_equal(file_read("f", &exact, &err), -1);
	assert_int_equal(file_replace("f", "", 0, &err), 0);
	assert_int_equal(file_read("f", &none, &err), 0);
	assert_int_equal(none.len, 0);
	assert_int_equal(unlink("f"), 0);
	assert_int_equal(file_read("f", &small, &err), -1);
	assert_string_equal(err.msg, "f: No such file or directory");
	assert_int_equal(file_read(".", &small, &err), -1);
	assert_string_equal(err.msg, ".: Is a directory");
}

static void
folders_are_made_with_their_parents(void **state)
{
	struct stat st;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(file_make_dirs("a/b/c/", &err), 0);
	assert_int_equal(file_make_dirs("a/b/c", &err), 0);
	assert_int_equal(file_make_dirs("a", &err), 0);
	assert_int_equal(file_make_dirs("/tmp", &err), 0);
	assert_int_equal(stat("a/b/c", &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(file_replace("a/f", "x", 1, &err), 0);
	assert_int_equal(file_make_dirs("a/f", &err), -1);
	assert_string_equal(err.msg, "cannot make folder a/f: File exists");
	assert_int_equal(file_make_dirs("a/f/g", &err), -1);
	assert_int_equal(file_make_dirs("", &err), -1);
	assert_int_equal(
	    unlink("a/f") | rmdir("a/b/c") | rmdir("a/b") | rmdir("a"), 0);
}

/* ---- err -------------------------------------------------------------- */

static void
errors_keep_their_kind_and_gain_context(void **state)
{
	struct err err = { 0 };
	char longer[2000];

	(void)state;
	assert_int_equal(err_set(&err, ERR_INPUT, "bad %s", "marker"), -1);
	assert_int_equal(err_wrap(&err, "image %d", 42), -1);
	assert_string_equal(err.msg, "image 42: bad marker");
	assert_int_equal(err.kind, ERR_INPUT);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	err_wrap(&err, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	errno = ENOENT;
	err_sys(&err, ERR_FATAL, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void
a_full_disk_is_damage_whatever_the_caller_thinks(void **state)
{
	static const int full[] = { ENOSPC, EDQUOT, EROFS };
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(full); i++) {
		errno = full[i];
		err_sys(&err, ERR_RETRY, "blobs");
		assert_int_equal(err.kind, ERR_DAMAGED);
	}
	errno = EACCES;
	err_sys(&err, ERR_RETRY, "blobs");
	assert_int_equal(err.kind, ERR_RETRY);
	assert_string_equal(err.msg, "blobs: Permission denied");
}

static void
kinds_have_the_exit_status_that_is_documented(void **state)
{
	static const int status[] = {
		[ERR_NONE] = 0,
		[ERR_RETRY] = 1,
		[ERR_INPUT] = 1,
		[ERR_USAGE] = 2,
		[ERR_BUSY] = 75,
		[ERR_DAMAGED] = 5,
		[ERR_STOPPED] = 130,
		[ERR_FATAL] = 1,
	};
	struct err err = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(status); i++) {
		err.kind = (enum err_kind)i;
		assert_int_equal(err_exit_status(&err), status[i]);
	}
}

/* ---- sha256 ----------------------------------------------------------- */

static void
check_digest(const unsigned char *digest, const char *expected)
{
	char hex[SHA256_HEX];

	text_to_hex(hex, digest, SHA256_SIZE);
	assert_string_equal(hex, expected);
}

/* The examples of FIPS 180. */
static void
digests_are_those_of_the_standard(void **state)
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *h = sha256_new();
	char thousand[1000];
	int i;

	(void)state;
	sha256_of("", 0, digest);
	check_digest(digest,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	sha256_of("abc", 3, digest);
	check_digest(digest,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	memset(thousand, 'a', sizeof(thousand));
	for (i = 0; i < 1000; i++)
		sha256_add(h, thousand, sizeof(thousand));
	sha256_end(h, digest);
	check_digest(digest,
	    "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
	sha256_free(NULL);
	sha256_free(sha256_new());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_is_shown_as_it_is),
		cmocka_unit_test(what_steers_a_terminal_is_shown_as_bytes),
		cmocka_unit_test(bytes_that_are_not_utf8_are_shown_as_bytes),
		cmocka_unit_test(utf8_is_told_from_other_bytes),
		cmocka_unit_test(a_near_word_is_suggested_and_a_far_one_is_not),
		cmocka_unit_test(whole_strings_are_numbers_or_not),
		cmocka_unit_test(sizes_and_durations_have_units),
		cmocka_unit_test(sizes_are_shown_for_people),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(white_space_is_cut_from_both_ends),
		cmocka_unit_test(a_buffer_keeps_its_cap),
		cmocka_unit_test(
		    a_zero_follows_the_bytes_also_after_making_room),
		cmocka_unit_test_setup_teardown(
		    a_file_is_replaced_whole, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(
		    a_failed_replacement_leaves_the_old_file_and_nothing_else,
		    enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(
		    a_file_up_to_the_cap_is_read, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(
		    folders_are_made_with_their_parents, enter_folder,
		    leave_folder),
		cmocka_unit_test(errors_keep_their_kind_and_gain_context),
		cmocka_unit_test(
		    a_full_disk_is_damage_whatever_the_caller_thinks),
		cmocka_unit_test(kinds_have_the_exit_status_that_is_documented),
		cmocka_unit_test(digests_are_those_of_the_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
