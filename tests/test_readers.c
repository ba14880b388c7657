/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of documents, and the small languages that they read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "scraper/licence.h"
#include "scraper/magic.h"
#include "scraper/read.h"
#include "scraper/robots.h"
#include "tests/shared.h"

#define PAGES "web/pages"
#define BASE "http://example.org/dir/page"

static struct doc doc;

static int
release(void **state)
{
	(void)state;
	doc_release(&doc);
	return 0;
}

/* Read a text into doc. */
static void
read_as(const struct read_ask *ask, const char *text, size_t len)
{
	char *copy CLEANUP(freep) = xmalloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = 0;
	doc_release(&doc);
	read_document(ask, copy, len, &doc);
}

static void
read_text(const char *reader, const char *text)
{
	struct read_ask ask = { .reader = (char *)reader,
		.base = (char *)BASE };

	read_as(&ask, text, strlen(text));
}

static void
page(const char *html)
{
	read_text("page", html);
}

/* The images in their order, one URL and '|' each; of BASE's host shortened. */
static const char *
images(void)
{
	static char text[4096];
	size_t i, used = 0;
	const char *url;

	text[0] = 0;
	for (i = 0; i < doc.n_images && used < sizeof(text) - 300; i++) {
		url = doc.images[i].url;
		if (strncmp(url, "http://example.org", 18) == 0)
			url += 18;
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s", i == 0 ? "" : "|", url);
	}
	return text;
}

static void
gives(const char *html, const char *want)
{
	page(html);
	if (strcmp(images(), want) != 0)
		fail_msg("%s\ngives %s, not %s", html, images(), want);
}

static void
is_text(const char *got, const char *want)
{
	assert_non_null(got);
	assert_string_equal(got, want);
}

/* ---- pages ------------------------------------------------------------ */

static void
a_picture_stands_in_a_page_in_many_ways(void **state)
{
	(void)state;
	gives("<img src=a.jpg>", "/dir/a.jpg");
	gives("<IMG SRC='/a.jpg'/>", "/a.jpg");
	gives("<img src=a.jpg><img src='./a.jpg'>", "/dir/a.jpg");
	gives("<img/src=a.jpg>", "/dir/a.jpg");
	gives("<image src=a.jpg>", "/dir/a.jpg");
	gives("<amp-img src=a.jpg></amp-img>", "/dir/a.jpg");
	gives("<table><img src=a.jpg>", "/dir/a.jpg");
	gives("<noscript><img src=a.jpg></noscript>", "/dir/a.jpg");
	gives("<a href=big.jpg><img src=small.jpg></a>", "/dir/big.jpg");
	gives("<a href=big.jpg>look</a>", "/dir/big.jpg");
	gives("<a href=x.html><img src=a.jpg></a>", "/dir/a.jpg");
	gives("<a href='/wiki/File:A.jpg'><img src=a.jpg></a>", "/dir/a.jpg");
	gives("<meta property=og:image content=//c.test/o.jpg>",
	    "http://c.test/o.jpg");
	gives("<meta name='twitter:image' content='t.jpg'>", "/dir/t.jpg");
	gives("<link rel='x image_src' href=l.jpg>", "/dir/l.jpg");
	gives("<base href=/g/><base href=/h/><img src=a.jpg>", "/g/a.jpg");
	gives("<img src='data:image/gif;base64,R0lGOD'>", "");
	gives("<img src='javascript:x'><img alt=x><img src=''>", "");
	gives("<img src=logo.svg?x>", "");
}

static void
of_several_forms_the_largest_is_taken(void **state)
{
	(void)state;
	gives("<img src=s.jpg srcset='s.jpg 80w, b.jpg 640w, m.jpg 320w'>",
	    "/dir/b.jpg");
	gives("<img src=s.jpg srcset='b.jpg 2x'>", "/dir/b.jpg");
	gives("<img src=s.jpg srcset='data:image/gif;base64,R0 1x, b.jpg 2x'>",
	    "/dir/b.jpg");
	gives("<picture><source srcset='a,b.webp 640w, c.webp 1280w'>"
	      "<img src=s.jpg></picture>",
	    "/dir/c.webp");
	gives("<picture><source type=image/avif srcset='a.avif 2x'>"
	      "<source type=image/jpeg srcset=b.jpg><img src=s.jpg>"
	      "</picture>",
	    "/dir/b.jpg");
	gives("<video><source srcset=v.jpg></video><img src=a.jpg>",
	    "/dir/a.jpg");
	gives("<picture><source srcset=b.jpg><img src=s.jpg></picture>"
	      "<img src=s.jpg>",
	    "/dir/b.jpg");
}

static void
lazy_pictures_are_where_the_script_would_find_them(void **state)
{
	(void)state;
	gives("<img src=ph.gif data-src=a.jpg>", "/dir/a.jpg");
	gives(
	    "<img src=ph.gif data-srcset='a.jpg 1x, b.jpg 2x'>", "/dir/b.jpg");
	gives("<img data-original=a.jpg><img data-lazy-src='b.jpg'>",
	    "/dir/a.jpg|/dir/b.jpg");
	gives("<img src=a.jpg data-lazy=true>", "/dir/a.jpg");
	gives("<img src=ph.gif data-src=a.jpg>"
	      "<noscript><img src=a.jpg></noscript><img src=ph.gif>",
	    "/dir/a.jpg");
}

static void
what_is_no_picture_is_not_taken_for_one(void **state)
{
	(void)state;
	gives("<title><img src=a.jpg></title>", "");
	gives("<textarea><img src=a.jpg></textarea>", "");
	gives("<script>'<img src=a.jpg>'</script>", "");
	gives("<style><img src=a.jpg></style>", "");
	gives("<!-- <img src=a.jpg> -->", "");
	gives("<![CDATA[<img src=a.jpg>]]>", "");
	gives("<p title='<img src=a.jpg>'>", "");
	gives("<img src=a.jpg", "");
	gives("<!--><img src=a.jpg>", "/dir/a.jpg");
	gives("<script>\"</div>\"</script><img src=a.jpg>", "/dir/a.jpg");
	gives("<title>x</title><img src=a.jpg>", "/dir/a.jpg");
}

/* The fixture of the design's notes. */
static void
a_hard_page_is_read_right(void **state)
{
	(void)state;
	page("<base href=\"/g/\"><meta property=\"og:image\" "
	     "content=\"//cdn.test/o.jpg\"><picture><source type=image/avif "
	     "srcset=\"a.avif 1x, a@2x.avif 2x\"><source srcset=\"a,b.webp "
	     "640w, c.webp 1280w\"><img src=\"ph.gif\" data-src=\"a.jpg?x=1"
	     "&amp;y=2\" alt=\"tabby cat\"></picture>\n"
	     "<noscript><img src=\"a.jpg?x=1&amp;y=2\"></noscript><div "
	     "style=\"background:url('b%20c.jpg')\"></div><script "
	     "type=\"application/ld+json\">{\"@graph\":[{\"@type\":"
	     "\"ImageObject\",\"contentUrl\":\"/j.jpg\",\"caption\":"
	     "\"cat\"}]}</script>"
	     "<link rel=next href=\"?p=2\">");
	assert_string_equal(
	    images(), "/g/c.webp|http://cdn.test/o.jpg|/g/b%20c.jpg|/j.jpg");
	is_text(doc.images[3].caption, "cat");
	is_text(doc.images[0].title, "tabby cat");
	is_text(doc.images[0].page, BASE);
	assert_int_equal(doc.n_next, 1);
	/* "?p=2" means the folder that <base> names. */
	assert_string_equal(doc.next[0], "http://example.org/g/?p=2");
}

static void
titles_are_found_near_by(void **state)
{
	(void)state;
	page("<img src=a.jpg alt=' A \n cat '>");
	is_text(doc.images[0].title, "A cat");
	page("<img src=a.jpg alt='' title='A dog'>");
	is_text(doc.images[0].title, "A dog");
	page("<figure><img src=a.jpg><figcaption>A <b>red</b> cat"
	     "</figcaption></figure><img src=b.jpg>");
	is_text(doc.images[0].title, "A red cat");
	assert_null(doc.images[1].title);
	page("<figure><figcaption>First</figcaption><img src=a.jpg></figure>");
	is_text(doc.images[0].title, "First");
	page("<a href=a.jpg><img src=s.jpg alt='A cat'></a>");
	is_text(doc.images[0].title, "A cat");
	page("<a href=a.jpg>The cat</a>");
	is_text(doc.images[0].title, "The cat");
	page("<meta property=og:image content=a.jpg><img src=a.jpg alt=Cat>");
	assert_string_equal(images(), "/dir/a.jpg");
	is_text(doc.images[0].title, "Cat");
}

static void
links_lead_on(void **state)
{
	(void)state;
	page("<a href=b>b</a><a href=c#x>c</a><a href=c>c</a>"
	     "<a href='#top'>here</a><a rel=nofollow href=d>d</a>"
	     "<a href='mailto:x@y'>m</a><a rel='foo NEXT' href=n>n</a>");
	assert_int_equal(doc.n_links, 2);
	assert_string_equal(doc.links[0], "http://example.org/dir/b");
	assert_string_equal(doc.links[1], "http://example.org/dir/c");
	assert_int_equal(doc.n_next, 1);
	assert_string_equal(doc.next[0], "http://example.org/dir/n");
}

static void
a_page_can_opt_out(void **state)
{
	struct read_ask ask = { .reader = (char *)"page",
		.base = (char *)BASE,
		.tag.no_images = true };
	static const char rest[] = "<img src=a.jpg><a href=b>b</a>";
	static const char *const names[] = { "noindex", "noimageindex",
		"NoAI, x", "noimageai" };
	char html[200];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(html, sizeof(html),
		    "<meta name=robots content='%s'>%s", names[i], rest);
		page(html);
		assert_int_equal(doc.n_images, 0);
		assert_int_equal(doc.n_links, 1);
	}
	page("<img src=a.jpg><a href=b>b</a>"
	     "<meta name=GRIDDLE content=nofollow>");
	assert_int_equal(doc.n_images, 1);
	assert_int_equal(doc.n_links, 0);
	page("<meta name=otherbot content=none><img src=a.jpg>");
	assert_int_equal(doc.n_images, 1);
	read_as(&ask, rest, strlen(rest));
	assert_int_equal(doc.n_images, 0);
}

static void
charsets_are_honoured(void **state)
{
	struct read_ask ask = { .reader = (char *)"page",
		.base = (char *)BASE };
	static const char utf8[] = "<img src=a.jpg alt='\xc3\xbc'>";
	static const char latin1[] = "<img src=a.jpg alt='\xfc'>";
	static const char meta[] = "<meta charset=windows-1251>"
				   "<img src=a.jpg alt='\xea\xee\xf2'>";
	static const char cyrillic[] = "<img src=a.jpg alt='\xea\xee\xf2'>";

	(void)state;
	read_as(&ask, utf8, strlen(utf8));
	is_text(doc.images[0].title, "\xc3\xbc");
	read_as(&ask, latin1, strlen(latin1));
	is_text(doc.images[0].title, "\xc3\xbc");
	read_as(&ask, meta, strlen(meta));
	is_text(doc.images[0].title, "\xd0\xba\xd0\xbe\xd1\x82");
	ask.charset = (char *)"windows-1251";
	read_as(&ask, cyrillic, strlen(cyrillic));
	is_text(doc.images[0].title, "\xd0\xba\xd0\xbe\xd1\x82");
	ask.charset = (char *)"no-such-charset";
	read_as(&ask, utf8, strlen(utf8));
	is_text(doc.images[0].title, "\xc3\xbc");
}

/* ---- hostile pages ---------------------------------------------------- */

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Many times a piece between a beginning and an end. */
static void
read_many(const char *begin, const char *piece, int n, const char *end)
{
	struct read_ask ask = { .reader = (char *)"page",
		.base = (char *)BASE };
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);

	buf_addf(&b, "%s", begin);
	while (n-- > 0 && buf_add(&b, piece, strlen(piece)) == 0)
		;
	buf_addf(&b, "%s", end);
	read_as(&ask, (char *)b.data, b.len);
}

static void
no_page_takes_for_ever(void **state)
{
	double start = seconds();

	(void)state;
	read_many("<img src=a.jpg><p ", "x y=z ", 300000, "><img src=b.jpg>");
	assert_string_equal(images(), "/dir/a.jpg|/dir/b.jpg");
	read_many("<p ", "x", 2000000, "><img src=a.jpg>");
	assert_string_equal(images(), "/dir/a.jpg");
	read_many("", "<div>", 100000, "<img src=a.jpg>");
	assert_string_equal(images(), "/dir/a.jpg");
	read_many("<img src=a.jpg>", "<!--", 500000, "");
	assert_string_equal(images(), "/dir/a.jpg");
	read_many("<img src=a.jpg>", "<", 2000000, "");
	read_many("<img src=a.jpg>", "<a href='", 200000, "");
	read_many("<img src=a.jpg>", "&", 500000, "");
	read_many("<script>", "</scrip", 500000, "");
	read_many("", "<img src=a>", 150000, "");
	read_many("", "<a href=a>", 150000, "");
	read_many("<img srcset='", "a b,", 500000, "'>");
	read_many("<img srcset='", ",", 2000000, "'>");
	read_many("<img srcset='x ", "(", 2000000, "'>");
	/* Quadratic work would take minutes; sanitizers take their share. */
	if (seconds() - start > 90)
		fail_msg("took %.1f s", seconds() - start);
}

static void
a_document_gives_no_more_than_its_share(void **state)
{
	struct read_ask ask = { .reader = (char *)"page",
		.base = (char *)BASE };
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
	int i;

	(void)state;
	for (i = 0; i < DOC_LINKS_MAX + 5; i++)
		buf_addf(&b, "<img src=%d.jpg><a href=%d>x</a>", i, i);
	read_as(&ask, (char *)b.data, b.len);
	assert_int_equal(doc.n_images, DOC_IMAGES_MAX);
	assert_int_equal(doc.n_links, DOC_LINKS_MAX);
	assert_true(doc.truncated);
}

static void
bytes_that_are_no_html_are_survived(void **state)
{
	struct read_ask ask = { .reader = (char *)"page",
		.base = (char *)BASE };
	static const char pieces[] = "<<<>\"'=/! -a&;#\0imgsrc\xff\xc3";
	char noise[5000];
	uint32_t seed = 1;
	int round;
	size_t i;

	(void)state;
	for (round = 0; round < 300; round++) {
		for (i = 0; i < sizeof(noise); i++) {
			seed = seed * 1664525 + 1013904223;
			noise[i] = pieces[(seed >> 20) % sizeof(pieces)];
		}
		read_as(&ask, noise, sizeof(noise));
	}
	read_as(&ask, "", 0);
	assert_int_equal(doc.n_images, 0);
}

/* Pages that people have made: each is read, and together they have images. */
static void
real_pages_are_read(void **state)
{
	struct read_ask ask = { .reader = (char *)"page",
		.base = (char *)BASE };
	struct dirent *entry;
	size_t n = 0, found = 0;
	struct err e;
	char *folder CLEANUP(freep) = shared_path(PAGES);
	DIR *dir = opendir(folder);

	(void)state;
	if (dir == NULL) {
		print_message("no %s\n", folder);
		skip();
	}
	while ((entry = readdir(dir)) != NULL) {
		struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
		char *path CLEANUP(freep) =
		    xasprintf("%s/%s", folder, entry->d_name);

		if (strstr(entry->d_name, ".html") == NULL)
			continue;
		assert_int_equal(file_read(path, &b, &e), 0);
		read_as(&ask, (char *)b.data, b.len);
		assert_null(doc.error);
		found += doc.n_images;
		n++;
	}
	closedir(dir);
	assert_true(n >= 50);
	assert_true(found > 500);
}

/* ---- lists ------------------------------------------------------------ */

static void
a_list_of_lines_is_read(void **state)
{
	(void)state;
	read_text("list",
	    "# a list\nhttp://h/a.jpg\r\n\n  http://h/b.jpg\t "
	    "A cat \nnonsense:x\nc.jpg");
	assert_string_equal(
	    images(), "http://h/a.jpg|http://h/b.jpg|/dir/c.jpg");
	assert_null(doc.images[0].label);
	is_text(doc.images[1].label, "A cat");
	assert_int_equal(doc.bad_urls, 1);
}

static void
a_list_as_csv_is_read(void **state)
{
	(void)state;
	read_text("list",
	    "\xef\xbb\xbfLabel,\"URL\",License,title,x\r\n"
	    "cat,http://h/a.jpg,CC BY-SA 4.0,\"A \"\"big\"\","
	    "\r\ncat\",1\r\n"
	    "dog,\"http://h/b.jpg\"\r\n\r\n"
	    ",,,,\n"
	    "cow,http://h/c.jpg,,\"open to the end");
	assert_string_equal(
	    images(), "http://h/a.jpg|http://h/b.jpg|http://h/c.jpg");
	is_text(doc.images[0].label, "cat");
	is_text(doc.images[0].licence, "cc-by-sa-4.0");
	is_text(doc.images[0].title, "A \"big\", cat");
	is_text(doc.images[1].label, "dog");
	assert_null(doc.images[1].licence);
	is_text(doc.images[2].title, "open to the end");
	assert_int_equal(doc.bad_urls, 1);
}

static void
a_csv_without_addresses_is_an_error(void **state)
{
	struct read_ask ask = { .reader = (char *)"list",
		.format = (char *)"csv" };

	(void)state;
	read_as(&ask, "a,b\n1,2\n", 8);
	is_text(doc.error, "the list has no column \"url\"");
	assert_false(doc.transient);
}

static void
a_list_as_json_lines_is_read(void **state)
{
	(void)state;
	read_text("list",
	    "{\"url\":\"http://h/a.jpg\",\"label\":\"cat\","
	    "\"author\":\"Ada\",\"n\":1}\n\n"
	    "{\"image_url\":\"http://h/b.jpg\",\"licence\":"
	    "\"my own\",\"label\":7}\n"
	    "nonsense\n[1]\n{\"url\":3}");
	assert_string_equal(images(), "http://h/a.jpg|http://h/b.jpg");
	is_text(doc.images[0].author, "Ada");
	is_text(doc.images[0].label, "cat");
	assert_null(doc.images[1].label);
	is_text(doc.images[1].licence, "my own");
	assert_int_equal(doc.bad_urls, 3);
}

/* ---- parts ------------------------------------------------------------ */

static void
licences_are_known_when_they_are_sure(void **state)
{
	static const struct {
		const char *text, *url, *want;
	} table[] = {
		{ "CC BY-SA 4.0", NULL, "cc-by-sa-4.0" },
		{ "CC BY 2.0", NULL, "cc-by-2.0" },
		{ "cc-by-sa-3.0-de", NULL, "cc-by-sa-3.0" },
		{ "CC BY-NC-ND 4.0", NULL, "cc-by-nc-nd-4.0" },
		{ "CC-BY-SA", NULL, "cc-by-sa" },
		{ "CC0", NULL, "cc0" },
		{ "CC0 1.0", NULL, "cc0" },
		{ "Public domain", NULL, "pd" },
		{ "GFDL 1.2", NULL, "gfdl" },
		{ "CC BY-SA 4.0,3.0,2.5", NULL, NULL },
		{ "CC BY-SA 4.0 and mine", NULL, NULL },
		{ "GPL-2.0", NULL, NULL },
		{ "", NULL, NULL },
		{ NULL, NULL, NULL },
		{ NULL, "https://creativecommons.org/licenses/by/2.0/",
		    "cc-by-2.0" },
		{ "x", "http://creativecommons.org/licenses/by-sa/3.0/de/",
		    "cc-by-sa-3.0" },
		{ NULL, "http://creativecommons.org/licenses/by/4.0/deed.en",
		    "cc-by-4.0" },
		{ NULL, "https://creativecommons.org/publicdomain/zero/1.0/",
		    "cc0" },
		{ NULL, "https://creativecommons.org/publicdomain/mark/1.0/",
		    "pd" },
		{ NULL, "https://example.org/licenses/by/4.0/", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		char *word CLEANUP(freep) =
		    licence_word(table[i].text, table[i].url);

		if (table[i].want == NULL)
			assert_null(word);
		else
			is_text(word, table[i].want);
	}
}

static void
licences_are_wanted_by_their_family(void **state)
{
	struct strlist list = { 0 };

	(void)state;
	assert_true(licence_wanted(&list, NULL));
	strlist_add(&list, "cc-by");
	strlist_add(&list, "cc-by-sa-3.0");
	assert_true(licence_wanted(&list, "cc-by"));
	assert_true(licence_wanted(&list, "cc-by-4.0"));
	assert_true(licence_wanted(&list, "cc-by-sa-3.0"));
	assert_false(licence_wanted(&list, "cc-by-sa-4.0"));
	assert_false(licence_wanted(&list, "cc-by-nc-4.0"));
	assert_false(licence_wanted(&list, "cc0"));
	assert_false(licence_wanted(&list, NULL));
	strlist_release(&list);
}

static void
licences_may_be_wanted_as_spdx_writes_them(void **state)
{
	struct strlist list = { 0 };

	(void)state;
	strlist_add(&list, "CC0-1.0");
	strlist_add(&list, "by-sa");
	strlist_add(&list, "CC-BY-4.0");
	strlist_add(&list, "my own");
	assert_true(licence_wanted(&list, "cc0"));
	assert_true(licence_wanted(&list, "cc-by-sa-2.0"));
	assert_true(licence_wanted(&list, "cc-by-4.0"));
	assert_true(licence_wanted(&list, "my own"));
	assert_false(licence_wanted(&list, "cc-by-2.0"));
	assert_false(licence_wanted(&list, "pd"));
	strlist_release(&list);
}

static void
words_of_licences_have_their_spdx_names(void **state)
{
	static const struct {
		const char *word, *want;
	} table[] = {
		{ "cc0", "CC0-1.0" },
		{ "cc-by-4.0", "CC-BY-4.0" },
		{ "cc-by-nc-sa-2.5", "CC-BY-NC-SA-2.5" },
		{ "cc-by-9.0", NULL },
		{ "cc-by", NULL },
		{ "pd", NULL },
		{ "", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		char *id CLEANUP(freep) = licence_spdx(table[i].word);

		if (table[i].want == NULL)
			assert_null(id);
		else
			is_text(id, table[i].want);
	}
}

static void
images_are_told_by_their_first_bytes(void **state)
{
	(void)state;
	is_text(magic_image("\xff\xd8\xff\xe0", 4), "jpeg");
	is_text(magic_image("GIF89a", 6), "gif");
	is_text(magic_image("RIFF\0\0\0\0WEBP", 12), "webp");
	assert_null(magic_image("RIFF\0\0\0\0WAVE", 12));
	assert_null(magic_image("\x89PNG\r\n\x1a", 7));
	assert_null(magic_image("<html>", 6));
	assert_null(magic_image("", 0));
}

static void
texts_are_kept_clean(void **state)
{
	char long_text[3000];
	char *text;

	(void)state;
	text = doc_text(" a\n\t b\x01"
			"c\xff\xc3\xbc\x7f ");
	is_text(text, "a b c\xef\xbf\xbd\xc3\xbc");
	free(text);
	assert_null(doc_text(" \n "));
	assert_null(doc_text(NULL));
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	memcpy(long_text + DOC_TEXT_MAX - 1, "\xc3\xbc", 2);
	text = doc_text(long_text);
	assert_int_equal(strlen(text), DOC_TEXT_MAX - 1);
	free(text);
}

/* ---- between parent and child ----------------------------------------- */

static void
a_document_survives_the_way_to_the_parent(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PROC_ANSWER_MAX);
	struct doc back = { 0 };
	struct err e;

	(void)state;
	page("<img src=a.jpg alt='\xc3\xbc \"x\"'><a href=b>b</a>"
	     "<link rel=next href=n>");
	doc_write(&doc, &b);
	assert_int_equal(doc_read(&back, &b, &e), 0);
	assert_int_equal(back.n_images, 1);
	is_text(back.images[0].url, doc.images[0].url);
	is_text(back.images[0].title, "\xc3\xbc \"x\"");
	is_text(back.images[0].page, BASE);
	assert_int_equal(back.n_links, 1);
	assert_int_equal(back.n_next, 1);
	assert_null(back.error);
	doc_release(&back);
}

static void
take(const char *answer, struct doc *back)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PROC_ANSWER_MAX);
	struct err e;

	doc_release(back);
	buf_addf(&b, "%s", answer);
	assert_int_equal(doc_read(back, &b, &e), 0);
}

static void
a_child_that_has_gone_bad_is_not_believed(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(PROC_ANSWER_MAX);
	struct doc back = { 0 };
	struct err e;

	(void)state;
	take("{\"images\":[{\"url\":\"file:///etc/passwd\"},{\"url\":"
	     "\"http://u@h/\"},{\"title\":\"x\"},7,{\"url\":\"http://h/a\","
	     "\"title\":\"a\\nb\",\"page\":\"javascript:x\"}],\"links\":["
	     "\"ftp://h/\",3,\"http://h/b\"],\"bad_urls\":-5}",
	    &back);
	assert_int_equal(back.n_images, 1);
	is_text(back.images[0].url, "http://h/a");
	is_text(back.images[0].title, "a b");
	assert_null(back.images[0].page);
	assert_int_equal(back.n_links, 1);
	assert_int_equal(back.bad_urls, 4);
	take("{\"images\":{},\"links\":\"x\"}", &back);
	assert_int_equal(back.n_images, 0);
	buf_addf(&b, "no JSON");
	assert_int_equal(doc_read(&back, &b, &e), -1);
	assert_int_equal(e.kind, ERR_INPUT);
	doc_release(&back);
}

#define TEST(name) cmocka_unit_test_teardown(name, release)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_picture_stands_in_a_page_in_many_ways),
		TEST(of_several_forms_the_largest_is_taken),
		TEST(lazy_pictures_are_where_the_script_would_find_them),
		TEST(what_is_no_picture_is_not_taken_for_one),
		TEST(a_hard_page_is_read_right),
		TEST(titles_are_found_near_by),
		TEST(links_lead_on),
		TEST(a_page_can_opt_out),
		TEST(charsets_are_honoured),
		TEST(no_page_takes_for_ever),
		TEST(a_document_gives_no_more_than_its_share),
		TEST(bytes_that_are_no_html_are_survived),
		TEST(real_pages_are_read),
		TEST(a_list_of_lines_is_read),
		TEST(a_list_as_csv_is_read),
		TEST(a_csv_without_addresses_is_an_error),
		TEST(a_list_as_json_lines_is_read),
		TEST(licences_are_known_when_they_are_sure),
		TEST(licences_are_wanted_by_their_family),
		TEST(licences_may_be_wanted_as_spdx_writes_them),
		TEST(words_of_licences_have_their_spdx_names),
		TEST(images_are_told_by_their_first_bytes),
		TEST(texts_are_kept_clean),
		TEST(a_document_survives_the_way_to_the_parent),
		TEST(a_child_that_has_gone_bad_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
