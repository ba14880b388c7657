/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What readers load from files is there in the sandbox too: the charsets of
 * the Encoding Standard by the names that pages give them, and host names in
 * any script.  The children are the real worker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "scraper/read.h"
#include "scraper/scraper.h"

#define BASE "http://www.example.org/"

struct asked {
	const char *page;
	size_t len;
	char *charset;
	bool taken;
	struct doc doc;
};

static int
take(void *ctx, struct proc_job *job, struct err *e)
{
	struct asked *a = ctx;
	const struct read_ask ask = {
		.reader = (char *)"page",
		.base = (char *)BASE,
		.charset = a->charset,
	};

	if (a->taken)
		return 0;
	a->taken = true;
	return read_request(&ask, a->page, a->len, job, e) < 0 ? -1 : 1;
}

static int
done(void *ctx, struct proc_job *job, struct err *e)
{
	struct asked *a = ctx;

	assert_int_equal(job->outcome, PROC_ANSWERED);
	return doc_read(&a->doc, &job->answer, e);
}

/* doc_release() it. */
static struct doc
read_page_there(
    struct proc_pool *pool, const char *page, size_t len, const char *charset)
{
	struct asked a = {
		.page = page,
		.len = len,
		.charset = (char *)(uintptr_t)charset,
	};
	struct err err;

	if (proc_pool_run(pool, take, done, &a, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(a.doc.n_images, 1);
	return a.doc;
}

static size_t
convert(const char *charset, const char *text, char *out, size_t size)
{
	iconv_t to = iconv_open(charset, "UTF-8");
	char *in = (char *)(uintptr_t)text, *start = out;
	size_t left = strlen(text);

	assert_true(to != (iconv_t)-1);
	if (iconv(to, &in, &left, &out, &size) == (size_t)-1 ||
	    iconv(to, NULL, NULL, &out, &size) == (size_t)-1)
		fail_msg("%s has no letters for %s", charset, text);
	iconv_close(to);
	return (size_t)(out - start);
}

static void
expect_title(
    struct proc_pool *pool, const char *charset, const char *word, bool by_http)
{
	char text[500], bytes[1000];
	struct doc doc;
	size_t len;

	snprintf(text, sizeof(text),
	    "<html><head>%s%s%s</head><body><img src=a.jpg alt='%s'>",
	    by_http ? "" : "<meta charset=", by_http ? "" : charset,
	    by_http ? "" : ">", word);
	len = convert(charset, text, bytes, sizeof(bytes));
	doc = read_page_there(pool, bytes, len, by_http ? charset : NULL);
	if (doc.images[0].title == NULL ||
	    strcmp(doc.images[0].title, word) != 0)
		fail_msg("%s: %s, not %s", charset,
		    doc.images[0].title ? doc.images[0].title : "nothing",
		    word);
	doc_release(&doc);
}

#define CYRILLIC "Картинка"
#define GREEK "Εικόνα"
#define CHINESE "一幅中文图片"
#define CHINESE_TW "圖片"
#define JAPANESE "カタカナ漢字"
#define KOREAN "그림"
#define POLISH "źródło"
#define FRENCH "été"
#define TURKISH "ışık"
#define HEBREW "תמונה"
#define ARABIC "صورة"
#define THAI "ภาพ"
#define BALTIC "žąsis"

static const struct {
	const char *charset, *word;
} words[] = {
	{ "windows-1251", CYRILLIC },
	{ "cp1251", CYRILLIC },
	{ "koi8-r", CYRILLIC },
	{ "KOI8-U", CYRILLIC },
	{ "ibm866", CYRILLIC },
	{ "cp866", CYRILLIC },
	{ "iso-8859-5", CYRILLIC },
	{ "shift_jis", JAPANESE },
	{ "Shift-JIS", JAPANESE },
	{ "sjis", JAPANESE },
	{ "ms_kanji", JAPANESE },
	{ "windows-31j", JAPANESE },
	{ "euc-jp", JAPANESE },
	{ "gbk", CHINESE },
	{ "GB2312", CHINESE },
	{ "gb18030", CHINESE },
	{ "cp936", CHINESE },
	{ "big5", CHINESE_TW },
	{ "big5-hkscs", CHINESE_TW },
	{ "cn-big5", CHINESE_TW },
	{ "euc-kr", KOREAN },
	{ "cp949", KOREAN },
	{ "uhc", KOREAN },
	{ "iso-8859-2", POLISH },
	{ "latin2", POLISH },
	{ "windows-1250", POLISH },
	{ "iso-8859-16", POLISH },
	{ "iso-8859-1", FRENCH },
	{ "iso-8859-3", "ĝis" },
	{ "iso-8859-4", BALTIC },
	{ "iso-8859-10", "þú" },
	{ "iso-8859-13", BALTIC },
	{ "iso-8859-14", "ŵyn" },
	{ "iso-8859-15", "cœur" },
	{ "latin1", FRENCH },
	{ "windows-1252", FRENCH },
	{ "macintosh", FRENCH },
	{ "iso-8859-7", GREEK },
	{ "greek", GREEK },
	{ "windows-1253", GREEK },
	{ "iso-8859-9", TURKISH },
	{ "latin5", TURKISH },
	{ "windows-1254", TURKISH },
	{ "iso-8859-8", HEBREW },
	{ "windows-1255", HEBREW },
	{ "iso-8859-6", ARABIC },
	{ "windows-1256", ARABIC },
	{ "windows-1257", BALTIC },
	{ "windows-1258", "ảnh" },
	{ "tis-620", THAI },
	{ "cp874", THAI },
};

static void
legacy_charsets_are_read_in_the_sandbox(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		/* One charset must not warm what the next one needs. */
		expect_title(*state, words[i].charset, words[i].word, true);
		expect_title(*state, words[i].charset, words[i].word, false);
	}
}

static void
host_names_are_read_in_any_script(void **state)
{
	static const char page[] = "<img src='http://b\xc3\xbc"
				   "cher.example/a.jpg'>";
	struct doc doc;

	doc = read_page_there(*state, page, sizeof(page) - 1, "UTF-8");
	assert_string_equal(
	    doc.images[0].url, "http://xn--bcher-kva.example/a.jpg");
	doc_release(&doc);
}

static int
open_pool(void **state)
{
	*state = proc_pool_new(&(struct proc_conf){
	    .kind = "document",
	    .children = 1,
	    .deadline_ms = 20000,
	    .memory_bytes = 512 << 20,
	    .jobs_per_child = 1,
	});
	return 0;
}

static int
close_pool(void **state)
{
	proc_pool_free(*state);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legacy_charsets_are_read_in_the_sandbox),
		cmocka_unit_test(host_names_are_read_in_any_script),
	};

	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return scraper_worker();
	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
