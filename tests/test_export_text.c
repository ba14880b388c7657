/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "store/crc32c.h"
#include "store/export_file.h"

typedef void quote_fn(struct buf *, const char *);

static void
quotes(quote_fn *quote, const char *text, const char *wanted)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(4096);

	quote(&b, text);
	assert_string_equal((const char *)b.data, wanted);
}

static void
csv_one(struct buf *b, const char *text)
{
	export_csv_record(b, &text, 1);
}

static void
a_csv_field_is_quoted_where_rfc_4180_asks(void **state)
{
	static const char *const row[] = { "a", "", "b c" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(4096);

	(void)state;
	export_csv_record(&b, row, ARRAY_SIZE(row));
	assert_string_equal((const char *)b.data, "a,,b c\r\n");
	quotes(csv_one, "a,b", "\"a,b\"\r\n");
	quotes(csv_one, "say \"a\"", "\"say \"\"a\"\"\"\r\n");
	quotes(csv_one, "two\nlines", "\"two\nlines\"\r\n");
	quotes(csv_one, "\r", "\"\r\"\r\n");
	quotes(csv_one, " a", "\" a\"\r\n");
	quotes(csv_one, "a ", "\"a \"\r\n");
	quotes(csv_one, "\"", "\"\"\"\"\r\n");
}

static void
nothing_acts_in_markdown(void **state)
{
	(void)state;
	quotes(export_markdown, "a | b", "a \\| b");
	quotes(export_markdown, "<b>&", "&lt;b&gt;&amp;");
	quotes(export_markdown, "`x` *y* _z_", "\\`x\\` \\*y\\* \\_z\\_");
	quotes(export_markdown, "[a](b)", "\\[a\\](b)");
	quotes(export_markdown, "two\nlines", "two\\\\x0alines");
	quotes(export_markdown, "\\|", "\\\\\\|");
	quotes(export_markdown, "http://x", "http\\://x");
	quotes(export_markdown, "\xc3\xa9", "\xc3\xa9");
	quotes(export_markdown, "\xe2\x80\xae", "\\\\xe2\\\\x80\\\\xae");
}

static void
yaml_escapes_what_it_takes_for_a_break_or_none_of_its_own(void **state)
{
	(void)state;
	quotes(export_yaml, "yes: #no", "\"yes: #no\"");
	quotes(export_yaml, "a\"b\\", "\"a\\\"b\\\\\"");
	quotes(export_yaml, "a\nb\t", "\"a\\u000ab\\u0009\"");
	quotes(export_yaml, "\x7f\xc2\x85\xc2\x9f\xc2\xa0",
	    "\"\\u007f\\u0085\\u009f\xc2\xa0\"");
	quotes(export_yaml, "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
	    "\"\\u2028\\u2029\xe2\x80\xaa\"");
	quotes(export_yaml, "\xef\xbb\xbf\xef\xbf\xbf", "\"\\ufeff\\uffff\"");
	quotes(export_yaml, "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"");
}

static void
is_safe(const char *class, const char *wanted)
{
	char *name CLEANUP(freep) = export_safe_name(class);

	assert_string_equal(name, wanted);
}

static void
a_folder_is_neither_hidden_nor_elsewhere(void **state)
{
	(void)state;
	is_safe("AC/DC", "AC_DC");
	is_safe("..", "_.");
	is_safe("../../x", "_._.._x");
	is_safe(".hidden", "_hidden");
	is_safe("a\\b\n\x7f", "a_b__");
	is_safe("__private", "_-private");
	is_safe("._x", "_-x");
	is_safe("_", "_");
}

static void
a_licence_has_its_text_only_where_that_is_sure(void **state)
{
	char b[128];

	(void)state;
	assert_string_equal(export_licence_link("cc-by-sa-4.0", b, sizeof(b)),
	    "https://creativecommons.org/licenses/by-sa/4.0/");
	assert_string_equal(export_licence_link("cc0", b, sizeof(b)),
	    "https://creativecommons.org/publicdomain/zero/1.0/");
	assert_null(export_licence_link("cc-by", b, sizeof(b)));
	assert_null(export_licence_link("cc-by-4.0-x", b, sizeof(b)));
	assert_null(export_licence_link("cc-by4.0", b, sizeof(b)));
	assert_null(export_licence_link("unknown", b, sizeof(b)));
	assert_null(export_licence_link("", b, sizeof(b)));
	assert_string_equal(export_licence_hf("cc-by-4.0"), "cc-by-4.0");
	assert_string_equal(export_licence_hf("cc-by-9.0"), "other");
}

/* A comment, a byte of filling, a progressive frame of 3 by 258. */
static const unsigned char jpeg[] = { 0xff, 0xd8, 0xff, 0xfe, 0, 4, 'h', 'i',
	0xff, 0xff, 0xc2, 0, 17, 8, 1, 2, 0, 3, 3, 1, 0x11, 0, 2, 0x11, 1, 3,
	0x11, 1 };

static void
a_jpegs_size_is_that_of_its_frame(void **state)
{
	int width = 0, height = 0, depth = 0;

	(void)state;
	assert_true(
	    export_jpeg_size(jpeg, sizeof(jpeg), &width, &height, &depth));
	assert_int_equal(width, 3);
	assert_int_equal(height, 258);
	assert_int_equal(depth, 3);
}

/* Each in memory of its own, so that a sanitizer sees a byte too many. */
static void
a_jpeg_that_is_cut_off_has_no_size(void **state)
{
	int width, height, depth;
	size_t len;

	(void)state;
	for (len = 0; len < 19; len++) {
		unsigned char *cut CLEANUP(freep) = xmalloc(len + 1);

		memcpy(cut, jpeg, len);
		assert_false(
		    export_jpeg_size(cut, len, &width, &height, &depth));
	}
	assert_false(
	    export_jpeg_size("\xff\xd8\xff\xe0\xff\xff\x00\x00\x00\x00\x00\x00",
		12, &width, &height, &depth));
	assert_false(export_jpeg_size(
	    "\x89PNG\r\n\x1a\n\0\0\0\0", 12, &width, &height, &depth));
}

/* RFC 3720, appendix B.4, and the check value that catalogues of CRCs give. */
static void
crc32c_gives_the_values_of_the_standard(void **state)
{
	struct crc32c_table t;
	unsigned char bytes[32];
	size_t i;

	(void)state;
	crc32c_init(&t);
	assert_int_equal(crc32c(&t, "123456789", 9), 0xe3069283u);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(crc32c(&t, bytes, 0), 0);
	assert_int_equal(crc32c(&t, bytes, 32), 0x8a9136aau);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(crc32c(&t, bytes, 32), 0x62a8ab43u);
	for (i = 0; i < 32; i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(crc32c(&t, bytes, 32), 0x46dd794eu);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_csv_field_is_quoted_where_rfc_4180_asks),
		cmocka_unit_test(nothing_acts_in_markdown),
		cmocka_unit_test(
		    yaml_escapes_what_it_takes_for_a_break_or_none_of_its_own),
		cmocka_unit_test(a_folder_is_neither_hidden_nor_elsewhere),
		cmocka_unit_test(
		    a_licence_has_its_text_only_where_that_is_sure),
		cmocka_unit_test(a_jpegs_size_is_that_of_its_frame),
		cmocka_unit_test(a_jpeg_that_is_cut_off_has_no_size),
		cmocka_unit_test(crc32c_gives_the_values_of_the_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
