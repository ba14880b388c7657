/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds and sitemaps: what is found in them, and what XML can do to a parser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "base/mem.h"
#include "scraper/read.h"

#define BASE "http://example.org/dir/feed.xml"

static struct doc doc;

static int
release(void **state)
{
	(void)state;
	doc_release(&doc);
	return 0;
}

static void
read_bytes(const char *reader, const char *text, size_t len)
{
	struct read_ask ask = { .reader = (char *)reader,
		.base = (char *)BASE };
	char *copy CLEANUP(freep) = xmalloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = 0;
	doc_release(&doc);
	read_document(&ask, copy, len, &doc);
}

static void
web(const char *text)
{
	read_bytes("page", text, strlen(text));
}

static void
join(char *text, size_t size, const char *url)
{
	size_t used = strlen(text);

	if (strncmp(url, "http://example.org", 18) == 0)
		url += 18;
	snprintf(text + used, size - used, "%s%s", used == 0 ? "" : "|", url);
}

static const char *
images(void)
{
	static char text[4096];
	size_t i;

	for (text[0] = 0, i = 0; i < doc.n_images; i++)
		join(text, sizeof(text), doc.images[i].url);
	return text;
}

static const char *
links(void)
{
	static char text[4096];
	size_t i;

	for (text[0] = 0, i = 0; i < doc.n_links; i++)
		join(text, sizeof(text), doc.links[i]);
	return text;
}

static void
gives(const char *xml, const char *want_links, const char *want_images)
{
	web(xml);
	if (strcmp(links(), want_links) != 0)
		fail_msg("%s\nlinks to %s, not %s", xml, links(), want_links);
	if (strcmp(images(), want_images) != 0)
		fail_msg("%s\nhas %s, not %s", xml, images(), want_images);
}

static void
is_text(const char *got, const char *want)
{
	assert_non_null(got);
	assert_string_equal(got, want);
}

/* ---- sitemaps --------------------------------------------------------- */

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define URLSET \
	XML "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" " \
	    "xmlns:i=\"http://www.google.com/schemas/sitemap-image/1.1\">"

static void
a_sitemap_names_pages_and_pictures(void **state)
{
	(void)state;
	gives(URLSET "<url><loc> http://example.org/a </loc><priority>1"
		     "</priority></url><url><loc>http://example.org/b?x=1&amp;"
		     "y=2</loc><i:image><i:loc>/p.jpg</i:loc><i:title>A cat"
		     "</i:title><i:caption>It &amp; I</i:caption><i:license>"
		     "https://creativecommons.org/licenses/by/4.0/</i:license>"
		     "</i:image><i:image><i:loc>/q.jpg</i:loc></i:image></url>"
		     "</urlset>",
	    "/a|/b?x=1&y=2", "/p.jpg|/q.jpg");
	assert_false(doc.is_index);
	is_text(doc.images[0].title, "A cat");
	is_text(doc.images[0].caption, "It & I");
	is_text(doc.images[0].licence, "cc-by-4.0");
	is_text(doc.images[0].page, "http://example.org/b?x=1&y=2");
	assert_null(doc.images[1].title);
}

static void
an_index_names_sitemaps(void **state)
{
	(void)state;
	gives(XML "<sitemapindex><sitemap><loc>http://example.org/1.xml.gz"
		  "</loc><lastmod>2026-01-01</lastmod></sitemap><sitemap><loc>"
		  "<![CDATA[http://example.org/2.xml]]></loc></sitemap>"
		  "</sitemapindex>",
	    "/1.xml.gz|/2.xml", "");
	assert_true(doc.is_index);
}

static void
careless_sitemaps_are_read(void **state)
{
	(void)state;
	gives("\n \xef\xbb\xbf", "", "");
	gives("\xef\xbb\xbf\n  " URLSET "<url><loc>/a</loc></url></urlset>",
	    "/a", "");
	gives("<!-- made by x -->" URLSET "<url><loc>/a</loc></url></urlset>",
	    "/a", "");
	gives("<s:urlset xmlns:s='https://wrong.test/'><s:url><s:loc>/a"
	      "</s:loc></s:url></s:urlset>",
	    "/a", "");
	gives("<s:urlset><s:url><s:loc>/a</s:loc><image:image><image:loc>/p.jpg"
	      "</image:loc></image:image></s:url></s:urlset>",
	    "/a", "/p.jpg");
	gives(URLSET
	    "<url><loc>/a?x=1&y=2&copy=3</loc></url><url><loc>/b&eacute;"
	    "&#39;</loc></url>",
	    "/a?x=1&y=2&copy=3|/b%C3%A9'", "");
	gives(URLSET "<url><loc>/a</loc><url><loc>/b\x01</loc></urlset>",
	    "/a|/b", "");
	gives(URLSET "<url><loc>ftp://x/</loc></url><url><loc></loc></url>"
		     "<url><loc>/a</loc></url></urlset>",
	    "/a", "");
	assert_int_equal(doc.bad_urls, 1);
	gives("http://example.org/a\r\nhttp://example.org/b\n\nnonsense\n",
	    "/a|/b", "");
	assert_int_equal(doc.bad_urls, 1);
}

/* gzip as servers make it; the caller frees. */
static unsigned char *
packed(const char *text, size_t len, size_t *ret_len)
{
	size_t size = len + 1000;
	unsigned char *out = xmalloc(size);
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)text,
		.avail_in = (uInt)len,
		.next_out = out,
		.avail_out = (uInt)size };

	assert_int_equal(
	    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY),
	    Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	*ret_len = z.total_out;
	deflateEnd(&z);
	return out;
}

static void
a_packed_sitemap_is_unpacked(void **state)
{
	static const char text[] = URLSET "<url><loc>/a</loc></url></urlset>";
	size_t len;
	unsigned char *gz CLEANUP(freep) = packed(text, sizeof(text) - 1, &len);
	struct buf b CLEANUP(buf_release) = BUF_INIT(1u << 20);

	(void)state;
	read_bytes("page", (char *)gz, len);
	assert_string_equal(links(), "/a");
	read_bytes("sitemap", (char *)gz, len - 9);
	assert_null(doc.error);
	assert_string_equal(links(), "/a");
	buf_add(&b, gz, len);
	buf_add(&b, "rubbish behind it", 17);
	read_bytes("sitemap", (char *)b.data, b.len);
	assert_string_equal(links(), "/a");
	read_bytes("sitemap", (char *)gz, 5);
	is_text(doc.error, "it is no gzip file");
	read_bytes("sitemap", "\x1f\x8bnonsense", 10);
	is_text(doc.error, "it is no gzip file");
}

static void
a_bomb_is_refused(void **state)
{
	size_t size = (size_t)64 << 20, len;
	char *zeros CLEANUP(freep) = xcalloc(size, 1);
	unsigned char *gz CLEANUP(freep) = packed(zeros, size, &len);

	(void)state;
	assert_true(len < 100000);
	read_bytes("sitemap", (char *)gz, len);
	is_text(doc.error, "it unpacks to more than 300 times its size");
}

static void
a_sitemap_has_at_most_50000_addresses(void **state)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
	int i;

	(void)state;
	buf_addf(&b, URLSET);
	for (i = 0; i < 50010; i++)
		buf_addf(&b, "<url><loc>/%d</loc></url>", i);
	buf_addf(&b, "</urlset>");
	web((char *)b.data);
	assert_int_equal(doc.n_links, 50000);
	assert_true(doc.truncated);
}

static void
robots_txt_names_sitemaps(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbfUser-agent: *\r\nSITEMAP : no\r\n"
	    "sitemap:http://example.org/a.xml # comment\rDisallow: /\n"
	    "Sitemap: /b.xml\nSitemap:\nSitemap: ftp://x/\n"
	    "Sitemap: http://example.org/a.xml";

	(void)state;
	read_bytes("robots", text, sizeof(text) - 1);
	assert_true(doc.is_index);
	assert_string_equal(links(), "/a.xml|/b.xml|/dir/feed.xml");
}

static void
what_is_no_sitemap_is_told(void **state)
{
	(void)state;
	read_bytes("sitemap", "<html><a href=b>", 16);
	is_text(doc.error, "it is no sitemap");
	read_bytes("feed", URLSET, strlen(URLSET));
	is_text(doc.error, "it is no feed");
	read_bytes("sitemap", "", 0);
	is_text(doc.error, "it is no sitemap");
}

/* ---- feeds ------------------------------------------------------------ */

#define RSS \
	XML "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"" \
	    " xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">" \
	    "<channel><title>C</title><link>http://example.org/</link>" \
	    "<image><url>/logo.png</url></image>"
#define END "</channel></rss>"

static void
an_rss_item_has_pictures_in_many_ways(void **state)
{
	(void)state;
	gives(RSS
	    "<item><title>A cat</title><link>/1</link><enclosure "
	    "url=\"/e.jpg\" type=\"image/jpeg\" length=\"1\"/></item>" END,
	    "/1", "/e.jpg");
	is_text(doc.images[0].title, "A cat");
	is_text(doc.images[0].page, "http://example.org/1");
	gives(RSS "<item><enclosure url=\"/e.mp3\" type=\"audio/mpeg\"/>"
		  "<media:content url=\"/m\" medium=\"image\"/>"
		  "<media:content url=\"/v\" medium=\"video\"/>"
		  "<media:content url=\"/n.jpg\"/></item>" END,
	    "", "/m|/n.jpg");
	gives(RSS "<item><media:group><media:content url=\"/s.jpg\" "
		  "width=\"100\"/><media:content url=\"/b.jpg\" width=\"900\"/>"
		  "<media:content url=\"/m.jpg\" width=\"300\"/>"
		  "<media:thumbnail url=\"/t.jpg\"/></media:group></item>" END,
	    "", "/b.jpg");
	gives(RSS "<item><media:thumbnail url=\"/t.jpg\"/></item>" END, "",
	    "/t.jpg");
	gives(RSS
	    "<item><media:thumbnail url=\"/t.jpg\" width=\"16\"/></item>" END,
	    "", "");
	gives(RSS
	    "<item><link>/1</link><description>&lt;img src=\"d.jpg\" "
	    "alt=\"A dog\"&gt; text</description><content:encoded><![CDATA"
	    "[<p><img src='c.jpg?a=1&amp;b=2'></p>]]></content:encoded>"
	    "</item>" END,
	    "/1", "/d.jpg|/c.jpg?a=1&b=2");
	is_text(doc.images[0].title, "A dog");
	is_text(doc.images[1].page, "http://example.org/1");
	gives("<rss><channel><item><link>/1</link><media:content url='/u.jpg'/>"
	      "</item></channel></rss>",
	    "/1", "/u.jpg");
}

static void
an_item_says_who_and_what(void **state)
{
	(void)state;
	gives(RSS "<item><media:content url=\"/a.jpg\"/><title>News</title>"
		  "<media:title>A &lt;b&gt;red&lt;/b&gt; cat</media:title>"
		  "<media:description>It sleeps.</media:description>"
		  "<media:credit>Ada</media:credit></item>"
		  "<item><media:content url=\"/b.jpg\"/></item>" END,
	    "", "/a.jpg|/b.jpg");
	is_text(doc.images[0].title, "A red cat");
	is_text(doc.images[0].caption, "It sleeps.");
	is_text(doc.images[0].author, "Ada");
	assert_null(doc.images[1].title);
	assert_null(doc.images[1].author);
}

#define ATOM XML "<feed xmlns=\"http://www.w3.org/2005/Atom\">"

static void
atom_is_read(void **state)
{
	(void)state;
	gives(ATOM
	    "<link rel=\"self\" href=\"/feed\"/><link rel=\"next\" "
	    "href=\"/feed?p=2\"/><entry><title>T</title><link href=\"/1\""
	    "/><link rel=\"enclosure\" type=\"image/png\" href=\"/e\"/>"
	    "<author><name>Ada</name></author><link rel=\"license\" "
	    "href=\"https://creativecommons.org/licenses/by/4.0/\"/>"
	    "</entry></feed>",
	    "/1", "/e");
	assert_int_equal(doc.n_next, 1);
	assert_string_equal(doc.next[0], "http://example.org/feed?p=2");
	is_text(doc.images[0].author, "Ada");
	is_text(doc.images[0].licence, "cc-by-4.0");
	gives(ATOM "<entry><content type=\"html\">&lt;img src=/h.jpg&gt;"
		   "</content></entry></feed>",
	    "", "/h.jpg");
	gives(ATOM "<entry><link href='/1'/><content type=\"xhtml\"><div xmlns="
		   "\"http://www.w3.org/1999/xhtml\"><p>1 &lt; 2 <img src=\"/x"
		   ".jpg?a=1&amp;b=2\" alt='\"q\"'/></p></div></content>"
		   "</entry></feed>",
	    "/1", "/x.jpg?a=1&b=2");
	is_text(doc.images[0].title, "\"q\"");
}

static void
addresses_are_relative_to_xml_base(void **state)
{
	(void)state;
	gives(ATOM
	    "<entry xml:base=\"http://b.test/x/\"><link href=\"1\"/>"
	    "<content type=\"html\" xml:base=\"y/\">&lt;img src=a.jpg&gt;"
	    "</content></entry><entry><link href=\"2\"/></entry></feed>",
	    "http://b.test/x/1|/dir/2", "http://b.test/x/a.jpg");
}

static void
rdf_is_read(void **state)
{
	(void)state;
	gives("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
	      " xmlns='http://purl.org/rss/1.0/'><channel/><item><title>A"
	      "</title><link>/1</link><description>&lt;img src=/d.jpg&gt;"
	      "</description></item></rdf:RDF>",
	    "/1", "/d.jpg");
}

/* ---- hostile XML ------------------------------------------------------ */

static void
entities_are_refused(void **state)
{
	static const char laughs[] =
	    XML "<!DOCTYPE urlset [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">"
		"]><urlset><url><loc>/&b;</loc></url></urlset>";
	static const char outside[] =
	    XML "<!DOCTYPE urlset [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
		"<urlset><url><loc>/&x;</loc></url></urlset>";
	static const char parameter[] =
	    XML "<!DOCTYPE urlset [<!ENTITY % p SYSTEM \"http://x.test/\"> %p;"
		"]><urlset><url><loc>/a</loc></url></urlset>";
	static const char *const v[] = { laughs, outside, parameter };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		read_bytes("sitemap", v[i], strlen(v[i]));
		is_text(doc.error, "it declares entities");
		assert_int_equal(doc.n_links, 0);
	}
	/* A DTD that is only named is not looked for. */
	gives("<!DOCTYPE rss PUBLIC \"-//Netscape//DTD RSS 0.91//EN\" "
	      "\"http://x.test/rss-0.91.dtd\"><rss><channel><item><link>/1"
	      "</link></item></channel></rss>",
	    "/1", "");
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fill(const char *begin, const char *piece, const char *end)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);

	buf_addf(&b, "%s", begin);
	while (b.len < DOCUMENT_MAX - 200)
		buf_add(&b, piece, strlen(piece));
	buf_addf(&b, "%s", end);
	read_bytes("page", (char *)b.data, b.len);
}

static void
no_feed_takes_quadratic_time(void **state)
{
	double start = seconds();

	(void)state;
	fill(URLSET, "<a>", "");
	fill(URLSET, "<url><loc>&", "");
	fill(URLSET, "<![CDATA[", "]]>");
	fill(URLSET "<url ", "a='b' ", ">");
	fill(URLSET "<url><loc>", "x", "</loc>");
	fill(RSS "<item><description>", "&lt;div&gt;", "");
	fill(RSS, "<item><media:content url='/a.jpg'/>", "");
	fill(RSS "<item>", "<media:content url='/a.jpg'/>", "");
	fill(ATOM "<entry><content type='xhtml'>", "<p>", "");
	fill("<!--", "-->  <!--", "");
	if (seconds() - start > 90)
		fail_msg("took %.1f s", seconds() - start);
}

static void
noise_is_survived(void **state)
{
	static const char *const pieces[] = { "<item>", "</item>", "<entry>",
		"</entry>", "<link>", "</link>", "<link href='", "'/>", "<loc>",
		"</loc>", "<url>", "</url>", "<content type='xhtml'>",
		"</content>", "<image:image>", "</image:image>", "<![CDATA[",
		"]]>", "&", "&amp;", "&#", ";", "<!--", "-->", "<!DOCTYPE a [",
		"]>", "<media:group>", "<media:content url='a.jpg'/>",
		"xml:base='x'", "<description>&lt;img src=a.jpg>",
		"</description>", "\xff", "<?xml", "?>", "<a:b xmlns:a='c'>" };
	static const char *const begins[] = { URLSET, RSS, ATOM, "" };
	struct buf b CLEANUP(buf_release) = BUF_INIT(1u << 20);
	uint32_t seed = 1;
	int round, i;

	(void)state;
	for (round = 0; round < 4000; round++) {
		buf_clear(&b);
		buf_addf(&b, "%s", begins[round % 4]);
		for (i = 0; i < 30; i++) {
			seed = seed * 1664525 + 1013904223;
			buf_addf(&b, "%s",
			    pieces[(seed >> 16) %
				(sizeof(pieces) / sizeof(pieces[0]))]);
		}
		read_bytes("page", (char *)b.data, b.len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sitemap_names_pages_and_pictures),
		cmocka_unit_test(an_index_names_sitemaps),
		cmocka_unit_test(careless_sitemaps_are_read),
		cmocka_unit_test(a_packed_sitemap_is_unpacked),
		cmocka_unit_test(a_bomb_is_refused),
		cmocka_unit_test(a_sitemap_has_at_most_50000_addresses),
		cmocka_unit_test(robots_txt_names_sitemaps),
		cmocka_unit_test(what_is_no_sitemap_is_told),
		cmocka_unit_test(an_rss_item_has_pictures_in_many_ways),
		cmocka_unit_test(an_item_says_who_and_what),
		cmocka_unit_test(atom_is_read),
		cmocka_unit_test(addresses_are_relative_to_xml_base),
		cmocka_unit_test(rdf_is_read),
		cmocka_unit_test(entities_are_refused),
		cmocka_unit_test(no_feed_takes_quadratic_time),
		cmocka_unit_test(noise_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
