/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where pictures stand in pages, what is said about them there, and what
 * HTML can do to a parser.
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
#include "scraper/read.h"
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

static void
read_bytes(const char *text, size_t len, const char *charset)
{
	struct read_ask ask = { .reader = (char *)"page",
		.base = (char *)BASE,
		.charset = (char *)charset };
	char *copy CLEANUP(freep) = xmalloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = 0;
	doc_release(&doc);
	read_document(&ask, copy, len, &doc);
}

static void
page(const char *html)
{
	read_bytes(html, strlen(html), NULL);
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

/* ---- where pictures stand --------------------------------------------- */

static void
pictures_stand_in_many_elements(void **state)
{
	(void)state;
	gives("<video poster=p.jpg><source src=v.mp4></video>", "/dir/p.jpg");
	gives("<input type=image src=b.jpg alt=Go>", "/dir/b.jpg");
	gives("<input type=text src=b.jpg>", "");
	gives("<object data=o.png></object>", "/dir/o.png");
	gives("<object type=image/png data=o></object>", "/dir/o");
	gives("<object type=text/html data=o.png></object>", "");
	gives("<embed src=e.gif>", "/dir/e.gif");
	gives("<svg><image href=s.jpg /></svg>", "/dir/s.jpg");
	gives("<svg><image xlink:href=s.jpg></image></svg>", "/dir/s.jpg");
	gives("<body background=b.jpg>", "/dir/b.jpg");
	gives("<div data-bg=b.jpg>", "/dir/b.jpg");
	gives("<div data-bg='url(b.jpg)'>", "/dir/b.jpg");
	gives("<link rel=preload as=image href=p.jpg>", "/dir/p.jpg");
	gives("<link rel=preload as=image href=p.jpg imagesrcset='p.jpg 80w, "
	      "q.jpg 640w'>",
	    "/dir/q.jpg");
	gives("<link rel=preload as=script href=p.jpg>", "");
	gives("<meta itemprop=image content=m.jpg>", "/dir/m.jpg");
	gives("<link itemprop=image href=l.jpg>", "/dir/l.jpg");
	gives("<img itemprop=image src=i.jpg>", "/dir/i.jpg");
}

static void
style_sheets_hold_pictures(void **state)
{
	(void)state;
	gives("<div style='background:url(a.jpg)'>", "/dir/a.jpg");
	gives("<p style=\"background : URL( 'a b.jpg' ) no-repeat\">",
	    "/dir/a%20b.jpg");
	gives("<style>.a{background:url(\"a.jpg\")}/* url(no.jpg) */\n"
	      ".b{background:url(b.png)} @font-face{src:url(f.woff)}</style>",
	    "/dir/a.jpg|/dir/b.png");
	gives("<style>.a{background:url(a\\20 b\\(1\\).jpg)}</style>",
	    "/dir/a%20b(1).jpg");
	gives("<style>a{b:url(data:image/png;base64,AA==)} @import "
	      "url(x.css); i{j:url(</style><img src=c.jpg>",
	    "/dir/c.jpg");
	gives("<style>a{b:url('x.jpg</style><img src=c.jpg>",
	    "/dir/c.jpg|/dir/x.jpg");
}

static void
furniture_is_not_taken(void **state)
{
	(void)state;
	gives("<img src=a.jpg width=1 height=1>", "");
	gives("<img src=a.jpg width=600 height=31>", "");
	gives("<img src=a.jpg width=16px>", "");
	gives("<img src=a.jpg width=0>", "");
	gives("<img src=a.jpg width=32 height=100%>", "/dir/a.jpg");
	gives("<img src=a.jpg width=auto height=2em>", "/dir/a.jpg");
	gives("<img src=ph.gif data-src=a.jpg width=1>", "/dir/a.jpg");
	gives("<a href=big.jpg><img src=s.jpg width=16></a>", "/dir/big.jpg");
	gives("<img src=spacer.gif><img src=/i/1x1.png?x><img src=a.svgz>"
	      "<img src=favicon.ico><img src=icons-sprite.png>",
	    "");
	gives("<img src=//www.facebook.com/tr?id=1>"
	      "<img src=//pixel.wp.com/g.gif>",
	    "");
	gives(
	    "<img src=spritely.jpg><img src=blanket.jpg>", "/dir/blanket.jpg");
	gives("<img src=blankets.jpg>", "/dir/blankets.jpg");
}

static void
a_page_offers_pictures_for_sharing(void **state)
{
	(void)state;
	page("<meta property=og:image content=a.jpg>"
	     "<meta property=og:image:secure_url content=https://s.test/a.jpg>"
	     "<meta property=og:image:width content=1200>"
	     "<meta property=og:image:alt content='A cat'>"
	     "<meta property=og:image content=b.jpg>"
	     "<meta property=og:image:height content=16>"
	     "<meta property=og:image content=c.jpg>"
	     "<meta name=twitter:image content=t.jpg>"
	     "<meta name=twitter:image:alt content='A dog'>");
	assert_string_equal(images(), "/dir/a.jpg|/dir/c.jpg|/dir/t.jpg");
	is_text(doc.images[0].title, "A cat");
	assert_null(doc.images[1].title);
	is_text(doc.images[2].title, "A dog");
}

/* ---- JSON-LD ---------------------------------------------------------- */

#define LD(json) "<script type='application/ld+json'>" json "</script>"

static void
json_ld_names_pictures(void **state)
{
	(void)state;
	gives(LD("{\"image\":\"a.jpg\"}"), "/dir/a.jpg");
	gives(LD("{\"image\":[\"a.jpg\",{\"url\":\"b.jpg\"}]}"),
	    "/dir/a.jpg|/dir/b.jpg");
	gives(LD("[{\"image\":{\"@type\":\"ImageObject\",\"url\":\"x.jpg\","
		 "\"contentUrl\":\"c.jpg\"}}]"),
	    "/dir/c.jpg");
	gives(
	    LD("{\"a\":{\"@type\":[\"X\",\"ImageObject\"],\"url\":\"d.jpg\"}}"),
	    "/dir/d.jpg");
	gives(LD("{\"publisher\":{\"logo\":{\"@type\":\"ImageObject\","
		 "\"url\":\"l.jpg\"}}}"),
	    "");
	gives(LD("{\"@type\":\"ImageObject\",\"url\":\"s.jpg\",\"width\":16}")
		  LD("{\"@type\":\"ImageObject\",\"url\":\"t.jpg\","
		     "\"height\":\"20 px\"}"),
	    "");
	gives("<SCRIPT TYPE=\"application/ld+json\">\n//<![CDATA[\n{\"image\":"
	      "\"a.jpg\",\"x\":\"</b> two\nlines\"}\n//]]></SCRIPT>"
	      "<img src=b.jpg>",
	    "/dir/b.jpg|/dir/a.jpg");
	gives(LD("{\"image\":\"a.jpg\"") "<img src=b.jpg>", "/dir/b.jpg");
	gives(LD("nonsense") LD("") LD("[") "<img src=b.jpg>", "/dir/b.jpg");
	gives("<script type=text/plain>{\"image\":\"a.jpg\"}</script>", "");
}

static void
json_ld_says_what_a_picture_is(void **state)
{
	(void)state;
	page("<img src=a.jpg>" LD(
	    "{\"@graph\":[{\"@type\":\"ImageObject\",\"contentUrl\":\"a.jpg\","
	    "\"name\":\"A cat\",\"caption\":\"It sleeps.\",\"creator\":"
	    "{\"@type\":\"Person\",\"name\":\"Ada\"},\"license\":"
	    "\"https://creativecommons.org/licenses/by/4.0/\"},"
	    "{\"@type\":\"Product\",\"name\":\"Chair\",\"image\":[\"b.jpg\"]"
	    "}]}"));
	assert_string_equal(images(), "/dir/a.jpg|/dir/b.jpg");
	is_text(doc.images[0].title, "A cat");
	is_text(doc.images[0].caption, "It sleeps.");
	is_text(doc.images[0].author, "Ada");
	is_text(doc.images[0].licence, "cc-by-4.0");
	is_text(doc.images[1].title, "Chair");
}

/* ---- what is said about them ------------------------------------------ */

static void
captions_and_headings_stand_beside(void **state)
{
	(void)state;
	page("<img src=x.jpg><h1>Cats</h1><img src=a.jpg alt=Tabby>"
	     "<h2>Old <b>ca</b>ts</h2>"
	     "<figure><img src=b.jpg alt=Tom><figcaption>Tom, 1951<br>at home"
	     "</figcaption></figure><img src=c.jpg>");
	assert_null(doc.images[0].caption);
	is_text(doc.images[1].title, "Tabby");
	is_text(doc.images[1].caption, "Cats");
	is_text(doc.images[2].title, "Tom");
	is_text(doc.images[2].caption, "Tom, 1951 at home");
	assert_null(doc.images[3].title);
	is_text(doc.images[3].caption, "Old cats");
}

static void
the_name_of_the_file_is_the_last_resort(void **state)
{
	static const struct {
		const char *src, *title;
	} v[] = {
		{ "red-panda_02.jpg", "red panda" },
		{ "/x/Golden%20Gate.Bridge.webp?w=2", "Golden Gate Bridge" },
		{ "IMG_2041.jpg", NULL },
		{ "a3f9c0deadbeef11.png", NULL },
		{ "thumb-small.jpg", NULL },
		{ "k%C3%A4se.jpg", "k\xc3\xa4se" },
		{ "b.jpg", NULL },
		{ "a%00bcd.jpg", NULL },
	};
	char html[200];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(v); i++) {
		snprintf(html, sizeof(html), "<img src='%s'>", v[i].src);
		page(html);
		assert_int_equal(doc.n_images, 1);
		if (v[i].title == NULL)
			assert_null(doc.images[0].title);
		else
			is_text(doc.images[0].title, v[i].title);
	}
}

/* ---- the head --------------------------------------------------------- */

static void
a_page_leads_elsewhere(void **state)
{
	(void)state;
	page("<meta http-equiv=Refresh content=\"5; URL='next.html'\">");
	assert_int_equal(doc.n_next, 1);
	assert_string_equal(doc.next[0], "http://example.org/dir/next.html");
	page("<meta http-equiv=refresh content='0;url=/b'>");
	assert_string_equal(doc.next[0], "http://example.org/b");
	page("<meta http-equiv=refresh content='30'>");
	assert_int_equal(doc.n_next, 0);
	page("<link rel=canonical href=/c><a href=/c>c</a><a href=/d>d</a>");
	assert_int_equal(doc.n_links, 1);
	assert_string_equal(doc.links[0], "http://example.org/d");
}

static void
a_page_can_reserve_its_pictures(void **state)
{
	static const char *const no[] = {
		"<meta name=tdm-reservation content=1>",
		"<meta name=robots content='max-image-preview:none'>",
		"<meta name=robots content='index, Max-Image-Preview : NONE'>",
		"<meta name=robots content=noai>",
	};
	static const char *const yes[] = {
		"<meta name=tdm-reservation content=0>",
		"<meta name=robots content='max-image-preview:large'>",
		"<meta name=robots content='max-snippet:0, index'>",
	};
	char html[200];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(no); i++) {
		snprintf(html, sizeof(html), "%s<img src=a.jpg>", no[i]);
		gives(html, "");
	}
	for (i = 0; i < ARRAY_SIZE(yes); i++) {
		snprintf(html, sizeof(html), "%s<img src=a.jpg>", yes[i]);
		gives(html, "/dir/a.jpg");
	}
}

/* ---- libxml2's traps -------------------------------------------------- */

static void
html_4_is_not_html_5(void **state)
{
	(void)state;
	gives("<img/src=a.jpg/alt=x>", "/dir/a.jpg/alt=x");
	gives("<img/src='a.jpg'/alt=x>", "/dir/a.jpg");
	gives("<!--><img src=a.jpg>", "/dir/a.jpg");
	gives("<!--->x<img src=a.jpg>-->", "/dir/a.jpg");
	gives("<?php echo '<img src=b.jpg>' ?><img src=a.jpg>", "/dir/a.jpg");
	gives("<![CDATA[<img src=b.jpg>]]><img src=a.jpg>", "/dir/a.jpg");
	gives("<title><img src=b.jpg></title><image src=a.jpg>", "/dir/a.jpg");
	gives("<textarea></textareas><img src=b.jpg></textarea >"
	      "<img src=a.jpg>",
	    "/dir/a.jpg");
	gives("<iframe><img src=b.jpg></iframe><img src=a.jpg>", "/dir/a.jpg");
	gives("<p><table><tr><img src=a.jpg></tr></p></table></div>"
	      "</body></html><img src=b.jpg>",
	    "/dir/a.jpg|/dir/b.jpg");
	gives("<img src='a.jpg?x=1&amp;y=2&reg_id=4&copy=5'>",
	    "/dir/a.jpg?x=1&y=2&reg_id=4&copy=5");
	gives("<img alt='a > b' src=a.jpg>", "/dir/a.jpg");
	gives("<img src=a.jpg src=b.jpg>", "/dir/a.jpg");
	gives("a < b <img src=a.jpg> c <3 <", "/dir/a.jpg");
	gives("<styled><img src=a.jpg></styled>", "/dir/a.jpg");
	gives("<style></styled>url(b.jpg)</style><img src=a.jpg>",
	    "/dir/a.jpg|/dir/b.jpg");
}

static void
odd_encodings_are_read(void **state)
{
	static const char le[] = "\xff\xfe<\0i\0m\0g\0 \0s\0r\0c\0=\0a\0 \0"
				 "a\0l\0t\0=\0\xfc\0\x3d\xd8\x31\xdc>\0";
	static const char nuls[] = "<im\0g src=b><img\0src=a\0>";
	static const char be[] = "\0<\0i\0m\0g\0 \0s\0r\0c\0=\0a\0>\0";

	(void)state;
	read_bytes(le, sizeof(le) - 1, NULL);
	assert_string_equal(images(), "/dir/a");
	is_text(doc.images[0].title, "\xc3\xbc\xf0\x9f\x90\xb1");
	read_bytes(be, sizeof(be) - 1, "UTF-16BE");
	assert_string_equal(images(), "/dir/a");
	gives("<meta charset=utf-16><img src=a alt='\xc3\xbc'>", "/dir/a");
	is_text(doc.images[0].title, "\xc3\xbc");
	read_bytes("\xff\xfe", 2, NULL);
	assert_int_equal(doc.n_images, 0);
	read_bytes(nuls, sizeof(nuls) - 1, NULL);
	assert_string_equal(images(), "/dir/a");
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As often as it fits, between a beginning and an end. */
static void
fill(const char *begin, const char *piece, const char *middle,
    const char *second, const char *end)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);

	buf_addf(&b, "%s", begin);
	while (b.len < DOCUMENT_MAX / 2 - 100)
		buf_add(&b, piece, strlen(piece));
	buf_addf(&b, "%s", middle);
	while (b.len < DOCUMENT_MAX - 100)
		buf_add(&b, second, strlen(second));
	buf_addf(&b, "%s", end);
	read_bytes((char *)b.data, b.len, NULL);
}

/* Quadratic work would take hours; the sanitizers take their share. */
static void
no_page_takes_quadratic_time(void **state)
{
	static const struct {
		const char *begin, *piece, *middle, *second, *end, *want;
	} v[] = {
		{ "", "<div>", "", "<div>", "<img src=a.jpg>", "/dir/a.jpg" },
		{ "", "<x-y>", "", "</x-z>", "<img src=a.jpg>", "/dir/a.jpg" },
		{ "", "<figure>", "", "</picture>", "<img src=a.jpg>",
		    "/dir/a.jpg" },
		{ "", "<figure></a>", "", "</figure>", "<img src=a.jpg>",
		    "/dir/a.jpg" },
		{ "", "<source><a></a>", "", "</figure>", "<img src=a.jpg>",
		    "/dir/a.jpg" },
		{ "", "<z style=url(>", "", "</figure></a>", "<img src=a.jpg>",
		    "/dir/a.jpg" },
		{ "<img src=a.jpg><style>", "url(", "", "</styl", "",
		    "/dir/a.jpg" },
		{ "<img src=a.jpg>", LD("{\"a\":["), "", LD("[[[[[["), "",
		    "/dir/a.jpg" },
		{ "<img src=a.jpg>" LD("x") "<script type=ld+json>", "[", "",
		    "{\"a\":", "", "/dir/a.jpg" },
		{ "", "<h1>x", "", "</h1>", "<img src=a.jpg>", "/dir/a.jpg" },
		{ "", "<!--", "-->", "<a href='#'>", "<img src=a.jpg></a>",
		    "/dir/a.jpg" },
		{ "<p ", "style='url(a' ", ">", "<p style=x>",
		    "<img src=a.jpg>", "/dir/a.jpg" },
	};
	double start = seconds();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(v); i++) {
		double before = seconds();

		fill(
		    v[i].begin, v[i].piece, v[i].middle, v[i].second, v[i].end);
		if (strstr(images(), v[i].want) == NULL)
			fail_msg("%s, %s: got %s", v[i].piece, v[i].second,
			    images());
		print_message("%5.2f s: %s %s\n", seconds() - before,
		    v[i].piece, v[i].second);
	}
	if (seconds() - start > 120)
		fail_msg("took %.1f s", seconds() - start);
}

static void
noise_is_survived(void **state)
{
	static const char *const pieces[] = { "<img src=a>", "<a href=b.jpg>",
		"</a>", "<", ">", "\"", "'", "=", "<style>", "</style>",
		"<script type=ld+json>", "</script>", "{\"image\":\"", "[", "]",
		"}", "url(", ")", "<!--", "-->", "<picture>", "</picture>",
		"<source srcset=", " 2x,", "<figure>", "<figcaption>",
		"</figure>", "<h1>", "</h1>", "&amp;", "\\", "\xff", "\xc3",
		"<meta http-equiv=refresh content=", "<base href=", "<title>",
		"<div style=", "<p data-bg=", "<![CDATA[" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1u << 20);
	uint32_t seed = 1;
	int round, i;

	(void)state;
	for (round = 0; round < 3000; round++) {
		buf_clear(&b);
		for (i = 0; i < 40; i++) {
			seed = seed * 1664525 + 1013904223;
			buf_addf(&b, "%s",
			    pieces[(seed >> 16) % ARRAY_SIZE(pieces)]);
		}
		read_bytes((char *)b.data, b.len, NULL);
	}
}

/* ---- pages that people have made -------------------------------------- */

struct tally {
	size_t pages, bytes, images, named, captioned, links;
};

static void
count_page(const char *path, struct tally *t)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
	struct err e;
	size_t i;

	assert_int_equal(file_read(path, &b, &e), 0);
	read_bytes((char *)b.data, b.len, NULL);
	assert_null(doc.error);
	t->pages++;
	t->bytes += b.len;
	t->images += doc.n_images;
	t->links += doc.n_links;
	for (i = 0; i < doc.n_images; i++) {
		t->named += doc.images[i].title != NULL;
		t->captioned += doc.images[i].caption != NULL;
	}
}

static void
real_pages_give_pictures_with_names(void **state)
{
	struct tally t = { 0 };
	struct dirent *entry;
	char *folder CLEANUP(freep) = shared_path(PAGES);
	DIR *dir = opendir(folder);

	(void)state;
	if (dir == NULL) {
		print_message("no %s\n", folder);
		skip();
	}
	while ((entry = readdir(dir)) != NULL) {
		char *path CLEANUP(freep) =
		    xasprintf("%s/%s", folder, entry->d_name);

		if (strstr(entry->d_name, ".html") != NULL)
			count_page(path, &t);
	}
	closedir(dir);
	print_message("%zu pages, %zu bytes: %zu pictures, %zu with a name, "
		      "%zu with a caption; %zu links\n",
	    t.pages, t.bytes, t.images, t.named, t.captioned, t.links);
	assert_true(t.images > 5 * t.pages);
	assert_true(t.named > t.images / 2);
	assert_true(t.links > 20 * t.pages);
}

/*
 * Answers as crawlers keep them: each record of a WARC or ARC file is a page
 * with HTTP's head in front, or something else altogether.
 */
static void
whatever_a_crawl_holds_is_survived(void **state)
{
	static const char *const names[] = { "example.arc.gz",
		"badexample.arc.gz", "example.warc.gz", "example.docs.warc.gz",
		"example.txt.warc.gz", "example.pdf.warc.gz" };
	size_t i, n = 0, images = 0;
	struct err e;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
		char *name CLEANUP(freep) = xasprintf("web/crawl/%s", names[i]);
		char *path CLEANUP(freep) = shared_path(name);

		if (file_read(path, &b, &e) < 0)
			continue;
		read_bytes((char *)b.data, b.len, NULL);
		assert_null(doc.error);
		print_message("%s: %zu bytes, %zu pictures, %zu links\n",
		    names[i], b.len, doc.n_images, doc.n_links);
		images += doc.n_images;
		n++;
	}
	if (n == 0)
		skip();
	assert_true(images > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_stand_in_many_elements),
		cmocka_unit_test(style_sheets_hold_pictures),
		cmocka_unit_test(furniture_is_not_taken),
		cmocka_unit_test(a_page_offers_pictures_for_sharing),
		cmocka_unit_test(json_ld_names_pictures),
		cmocka_unit_test(json_ld_says_what_a_picture_is),
		cmocka_unit_test(captions_and_headings_stand_beside),
		cmocka_unit_test(the_name_of_the_file_is_the_last_resort),
		cmocka_unit_test(a_page_leads_elsewhere),
		cmocka_unit_test(a_page_can_reserve_its_pictures),
		cmocka_unit_test(html_4_is_not_html_5),
		cmocka_unit_test(odd_encodings_are_read),
		cmocka_unit_test(no_page_takes_quadratic_time),
		cmocka_unit_test(noise_is_survived),
		cmocka_unit_test(whatever_a_crawl_holds_is_survived),
		cmocka_unit_test(real_pages_give_pictures_with_names),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
