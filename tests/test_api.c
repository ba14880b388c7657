/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of APIs: paths, presets, and recorded answers of the services.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "scraper/json_path.h"
#include "scraper/preset.h"
#include "scraper/read.h"
#include "tests/shared.h"

#define APIS "apis/openverse-providers"
#define BASE "http://api.test/v1/x?limit=50"

static struct doc doc;

static int
release(void **state)
{
	(void)state;
	doc_release(&doc);
	return 0;
}

/* A section with options of name, value, ..., NULL. */
static struct source_opts *
section(const char *const *words)
{
	struct source_opts *o = opt_new(&source_group);
	struct err e;

	for (; *words != NULL; words += 2)
		assert_int_equal(
		    opt_set(opt_find(&source_group, words[0]), o, words[1], &e),
		    0);
	return o;
}
#define SECTION(...) section((const char *const[]){ __VA_ARGS__, NULL })

/* Read len bytes with the preset that the section, which is freed, names. */
static void
read_bytes(
    struct source_opts *o, const char *base, const char *json, size_t len)
{
	struct preset *p = NULL;
	struct read_ask ask = { .reader = (char *)"api", .base = (char *)base };
	char *copy CLEANUP(freep) = xmalloc(len + 1);
	struct err e;

	assert_int_equal(preset_load(NULL, preset_name(o), &p, &e), 0);
	preset_fill(p, o);
	ask.api = preset_question(p);
	memcpy(copy, json, len);
	copy[len] = 0;
	doc_release(&doc);
	read_document(&ask, copy, len, &doc);
	free(ask.api);
	preset_free(p);
	opt_free(&source_group, o);
}

static void
read_text(struct source_opts *o, const char *json)
{
	read_bytes(o, BASE, json, strlen(json));
}

static struct source_opts *
commons(void)
{
	return SECTION("type", "commons", "category", "Cats");
}

/* Read an answer that somebody recorded; skips the test without it. */
static void
recorded(struct source_opts *o, const char *base, const char *name)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
	char *path CLEANUP(freep) = shared_path(name);
	struct err e;

	if (file_read(path, &b, &e) < 0) {
		opt_free(&source_group, o);
		buf_release(&b);
		print_message("no recorded answer ../shared/data/%s\n", name);
		skip();
	}
	read_bytes(o, base, (char *)b.data, b.len);
}

static void
is_text(const char *got, const char *want)
{
	assert_non_null(got);
	assert_string_equal(got, want);
}

/* ---- paths -------------------------------------------------------------- */

static void
gives(const char *expr, const char *want)
{
	static const char text[] =
	    "{\"a\":{\"b\":[{\"k\":\"x\",\"v\":1},{\"k\":\"yes\",\"v\":2.5}],"
	    "\"o\":{\"p\":true,\"q\":null}},\"e\":\"\",\"s\":\"word\"}";
	json_t *root = json_loads(text, 0, NULL);
	struct json_scope at = { .root = root, .item = root };
	char *got CLEANUP(freep) = json_path_text(expr, &at);

	json_decref(root);
	if (want == NULL)
		assert_null(got);
	else
		is_text(got, want);
}

static void
paths_lead_to_texts(void **state)
{
	(void)state;
	gives("s", "word");
	gives("$.a.b[0].k", "x");
	gives("a.b[-1].v", "2.5");
	gives("a.b[*][k=y*].v", "2.5");
	gives("a.b[*][k=*s].v", "2.5");
	gives("a.b[*][k!=x].v", "2.5");
	gives("a[o.p=true].b[0].v", "1");
	gives("a.o[*]", "true");
	gives("e | s", "word");
	gives("a.o.q | 'pd'", "pd");
	gives("http://h/{s}/{a.b[0].v}.jpg", "http://h/word/1.jpg");
	gives("http://h/{none} | s", "word");
	gives("a.b", NULL);
	gives("a.b[9].k", NULL);
	gives("a.b[-9].k", NULL);
	gives("s.t.u", NULL);
	gives("a.b[99999999999999999999]", NULL);
	gives(NULL, NULL);
}

static void
faults_in_paths_are_told(void **state)
{
	static const char *const bad[] = { "a[0", "a]", "{a", "a | ", "",
		"a[b[0]]", "'x" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(json_path_fault(bad[i]));
	assert_null(json_path_fault("a[*][b!=c*] | x/{d} | 'e | f'"));
}

/* ---- presets ------------------------------------------------------------ */

static void
every_preset_that_is_shipped_can_be_used(void **state)
{
	struct strlist names = { 0 };
	struct preset *p;
	struct err e;
	size_t i;

	(void)state;
	preset_names(NULL, &names);
	assert_true(names.n >= 8);
	for (i = 0; i < names.n; i++) {
		if (preset_load(NULL, names.v[i], &p, &e) < 0)
			fail_msg("%s", e.msg);
		assert_non_null(p->help);
		assert_non_null(p->tested);
		preset_free(p);
	}
	strlist_release(&names);
}

static char *
seed(struct source_opts *o)
{
	struct preset *p = NULL;
	struct err e;
	char *url;

	assert_int_equal(preset_load(NULL, preset_name(o), &p, &e), 0);
	assert_int_equal(preset_check(p, "x", o, &e), 0);
	preset_fill(p, o);
	url = preset_seed(p);
	preset_free(p);
	opt_free(&source_group, o);
	return url;
}

static void
words_of_the_section_make_the_question(void **state)
{
	char *url;

	(void)state;
	url = seed(commons());
	assert_non_null(strstr(url, "gcmtitle=Category%3ACats"));
	assert_non_null(strstr(url, "iiurlwidth=960"));
	assert_null(strstr(url, "gsr"));
	free(url);
	url = seed(
	    SECTION("type", "commons", "query", "a cat&b=c", "width", "0"));
	assert_non_null(strstr(url, "generator=search"));
	assert_non_null(strstr(url, "cat%26b%3Dc"));
	assert_null(strstr(url, "gcm"));
	assert_null(strstr(url, "iiurlwidth"));
	free(url);
	url = seed(SECTION("type", "api", "preset", "openverse", "query", "x",
	    "words", "page_size=5"));
	assert_non_null(strstr(url, "page_size=5"));
	free(url);
}

static void
what_is_wrong_with_a_section_is_told(void **state)
{
	static const struct {
		const char *words[8], *why;
	} table[] = {
		{ { "type", "commons" }, "needs one of category, query" },
		{ { "type", "commons", "category", "a", "query", "b" },
		    "needs one of" },
		{ { "type", "commons", "category", "a", "width", "800" },
		    "no width 800" },
		{ { "type", "openverse", "query", "a", "user", "b" },
		    "does not take user" },
		{ { "type", "openverse", "query", "a", "client", "sesame" },
		    "write env:NAME" },
		{ { "type", "flickr", "query", "a" }, "needs key" },
		{ { "type", "flickr", "query", "a", "key",
		      "env:GRIDDLE_NO_SUCH_KEY" },
		    "nothing is in the environment" },
		{ { "type", "reddit", "category", "aww" }, "terms = accepted" },
		{ { "type", "pinterest" }, "no preset \"pinterest\"" },
		{ { "type", "../etc/passwd" }, "no preset" },
		{ { "type", "api" }, "needs preset" },
	};
	struct source_opts *o;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		o = section(table[i].words);
		assert_int_equal(source_check(NULL, "x", o, &e), -1);
		if (strstr(e.msg, table[i].why) == NULL)
			fail_msg("%s: %s", table[i].why, e.msg);
		opt_free(&source_group, o);
	}
}

/* ---- Commons ------------------------------------------------------------ */

#define PAGE \
	"{\"pageid\":1,\"ns\":6,\"title\":\"File:A cat.jpg\",\"imageinfo\":" \
	"[{\"url\":\"http://up.test/a.jpg\",\"thumburl\":\"http://up.test/" \
	"960px-a.jpg\",\"mime\":\"image/jpeg\",\"descriptionurl\":\"http://" \
	"commons.test/wiki/File:A_cat.jpg\",\"extmetadata\":{\"Artist\":{" \
	"\"value\":\"<a href=\\\"//x\\\">Ada &amp; <b>Bo</b></a>\"}," \
	"\"LicenseShortName\":{\"value\":\"CC BY-SA 4.0\"},\"LicenseUrl\":{" \
	"\"value\":\"https://creativecommons.org/licenses/by-sa/4.0\"}}}]}"

static void
both_formats_of_mediawiki_are_read(void **state)
{
	static const char *const answers[] = {
		"{\"query\":{\"pages\":[" PAGE "]}}",
		"{\"query\":{\"pages\":{\"1\":" PAGE "}}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		read_text(commons(), answers[i]);
		assert_int_equal(doc.n_images, 1);
		is_text(doc.images[0].url, "http://up.test/960px-a.jpg");
		is_text(doc.images[0].title, "A cat");
		is_text(doc.images[0].author, "Ada & Bo");
		is_text(doc.images[0].licence, "cc-by-sa-4.0");
		is_text(doc.images[0].licence_url,
		    "https://creativecommons.org/licenses/by-sa/4.0");
		is_text(doc.images[0].page,
		    "http://commons.test/wiki/File:A_cat.jpg");
		assert_int_equal(doc.n_next, 0);
	}
}

static void
all_keys_of_continue_are_copied(void **state)
{
	(void)state;
	read_text(commons(),
	    "{\"continue\":{\"gcmcontinue\":\"file|4a|1\",\"n\":7,\"continue\":"
	    "\"gcmcontinue||\"},\"query\":{\"pages\":[]}}");
	assert_int_equal(doc.n_next, 1);
	assert_string_equal(doc.next[0],
	    BASE "&gcmcontinue=file%7C4a%7C1&n=7&continue=gcmcontinue%7C%7C");
}

static void
only_pictures_are_taken(void **state)
{
	(void)state;
	read_text(commons(),
	    "{\"query\":{\"pages\":[{\"title\":\"File:A.ogg\","
	    "\"imageinfo\":[{\"url\":\"http://up.test/a.ogg\",\"mime\":"
	    "\"audio/ogg\"}]},{\"title\":\"File:B.pdf\",\"imageinfo\":[{"
	    "\"url\":\"http://up.test/b.pdf\",\"mime\":\"application/pdf"
	    "\"}]},{\"title\":\"File:C.jpg\"},{\"title\":\"File:D.jpg\","
	    "\"imageinfo\":[{\"mime\":\"image/jpeg\"}]}]}}");
	assert_int_equal(doc.n_images, 0);
	assert_int_equal(doc.bad_urls, 1);
	assert_null(doc.error);
}

static void
errors_with_status_200_are_told_apart(void **state)
{
	(void)state;
	read_text(
	    commons(), "{\"error\":{\"code\":\"maxlag\",\"info\":\"Wait\"}}");
	is_text(doc.error, "maxlag: Wait");
	assert_true(doc.transient);
	read_text(commons(), "{\"error\":{\"code\":\"badvalue\"}}");
	is_text(doc.error, "badvalue");
	assert_false(doc.transient);
	read_text(SECTION("type", "flickr", "query", "x"),
	    "{\"stat\":\"fail\",\"code\":100,\"message\":\"Invalid API Key\"}");
	is_text(doc.error, "Invalid API Key: 100");
	read_text(SECTION("type", "reddit", "category", "x"),
	    "{\"message\":\"Forbidden\",\"error\":403,\"reason\":\"private\"}");
	is_text(doc.error, "private: 403");
}

/* ---- other shapes ------------------------------------------------------- */

static void
galleries_crossposts_and_removed_posts_are_read(void **state)
{
	static const char answer[] =
	    "{\"kind\":\"Listing\",\"data\":{\"after\":\"t3_z\",\"children\":["
	    "{\"kind\":\"t3\",\"data\":{\"title\":\"G\",\"permalink\":\"/r/x/1"
	    "\",\"media_metadata\":{\"m1\":{\"status\":\"valid\",\"s\":{\"u\":"
	    "\"https://preview.redd.it/m1.jpg?s=1&t=2\"}},\"m2\":{\"status\":"
	    "\"failed\"}}}},"
	    "{\"kind\":\"t3\",\"data\":{\"crosspost_parent_list\":[{"
	    "\"media_metadata\":{\"m3\":{\"status\":\"valid\",\"s\":{\"u\":"
	    "\"https://preview.redd.it/m3.jpg?s=1\"}}}}]}},"
	    "{\"kind\":\"t3\",\"data\":{\"removed_by_category\":\"moderator\","
	    "\"post_hint\":\"image\",\"url\":\"https://i.redd.it/gone.jpg\"}},"
	    "{\"kind\":\"t3\",\"data\":{\"over_18\":true,\"post_hint\":"
	    "\"image\",\"url\":\"https://i.redd.it/adult.jpg\"}},"
	    "{\"kind\":\"t3\",\"data\":{\"media_metadata\":null,"
	    "\"removed_by_category\":null,\"post_hint\":\"image\",\"url\":"
	    "\"https://i.redd.it/one.jpg\"}},"
	    "{\"kind\":\"t3\",\"data\":{\"is_self\":true,\"url\":"
	    "\"https://www.reddit.com/r/x/2\"}},{\"kind\":\"t1\"}]}}";

	(void)state;
	read_text(SECTION("type", "reddit", "category", "x"), answer);
	assert_int_equal(doc.n_images, 3);
	is_text(doc.images[0].url, "https://i.redd.it/m1.jpg");
	is_text(doc.images[0].page, "https://www.reddit.com/r/x/1");
	is_text(doc.images[1].url, "https://i.redd.it/m3.jpg");
	is_text(doc.images[2].url, "https://i.redd.it/one.jpg");
	assert_int_equal(doc.bad_urls, 0);
	is_text(doc.next[0], BASE "&after=t3_z");
	read_text(SECTION("type", "reddit", "category", "x", "adult", "true"),
	    answer);
	assert_int_equal(doc.n_images, 4);
}

static void
numbers_of_classes_become_their_names(void **state)
{
	(void)state;
	read_text(SECTION("type", "huggingface", "dataset", "a/b"),
	    "{\"features\":[{\"name\":\"image\"},{\"name\":\"label\",\"type\":"
	    "{\"names\":[\"cat\",\"dog\"]}}],\"rows\":[{\"row\":{\"image\":{"
	    "\"src\":\"https://h.test/0.jpg?Signature=x\"},\"label\":1}},"
	    "{\"row\":{\"image\":{\"src\":\"https://h.test/1.jpg\"},"
	    "\"label\":7}},{\"row\":{\"image\":null}}],"
	    "\"num_rows_total\":300}");
	assert_int_equal(doc.n_images, 2);
	is_text(doc.images[0].label, "dog");
	assert_null(doc.images[1].label);
	is_text(doc.images[0].page, "https://huggingface.co/datasets/a/b");
	is_text(doc.next[0], BASE "&offset=100");
	assert_int_equal(doc.bad_urls, 1);
}

static void
pages_are_counted_to_the_last(void **state)
{
	static const char item[] =
	    "{\"page_count\":%s,\"results\":[{\"url\":\"http://h/a.jpg\","
	    "\"license\":\"by\",\"license_url\":"
	    "\"https://creativecommons.org/licenses/by/2.0/\",\"mature\":false,"
	    "\"tags\":[{\"name\":\"x\"},{\"name\":\"y\"}]}]}";
	static const struct {
		const char *base, *count, *next;
	} table[] = {
		{ "http://h/?q=a", "3", "http://h/?q=a&page=2" },
		{ "http://h/?q=a&page=2", "3", "http://h/?q=a&page=3" },
		{ "http://h/?q=a&page=3", "3", NULL },
		{ "http://h/?q=a&page=2", "\"3\"", "http://h/?q=a&page=3" },
		{ "http://h/?q=a&page=nan", "3", NULL },
		{ "http://h/?q=a", "null", "http://h/?q=a&page=2" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		char *text CLEANUP(freep) = NULL;
		const char *at = strstr(item, "%s");

		text = xasprintf(
		    "%.*s%s%s", (int)(at - item), item, table[i].count, at + 2);
		read_bytes(SECTION("type", "openverse", "query", "x"),
		    table[i].base, text, strlen(text));
		is_text(doc.images[0].licence, "cc-by-2.0");
		is_text(doc.images[0].caption, "x, y");
		assert_int_equal(doc.n_next, table[i].next != NULL);
		if (table[i].next != NULL)
			is_text(doc.next[0], table[i].next);
	}
}

static void
hostile_answers_do_no_harm(void **state)
{
	static const char *const answers[] = {
		"",
		"[]",
		"{}",
		"null",
		"7",
		"<html>blocked by network security</html>",
		"{\"results\":7}",
		"{\"results\":{\"a\":{\"url\":[]}}}",
		"{\"results\":[null,7,\"x\",[],{}]}",
		"{\"results\":[{\"url\":7,\"license\":{},\"tags\":\"x\"}]}",
		"{\"results\":[{\"url\":\"javascript:x\"}],\"page_count\":-1}",
		"{\"results\":[{\"url\":\"http://a/\"}],\"page_count\":1e99}",
		"{\"data\":{\"children\":{\"x\":[]},\"after\":{}}}",
		"{\"query\":{\"pages\":{\"1\":{\"imageinfo\":{}}}},"
		"\"continue\":{\"a\":[],\"b\":null}}",
		"{\"continue\":7}",
		"{\"continue\":[1]}",
		"{\"features\":[{\"name\":\"label\",\"type\":7}],\"rows\":"
		"[{\"row\":{\"label\":-3,\"image\":{\"src\":\"http://h/\"}}}]}",
	};
	struct strlist names = { 0 };
	size_t i, k;

	(void)state;
	preset_names(NULL, &names);
	for (i = 0; i < names.n; i++)
		for (k = 0; k < ARRAY_SIZE(answers); k++) {
			read_text(SECTION("type", names.v[i]), answers[k]);
			assert_true(doc.n_images <= 2);
		}
	strlist_release(&names);
}

static void
deep_and_long_answers_are_read_or_refused(void **state)
{
	const size_t n = 200000;
	char *text = xmalloc(n + 1);
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
	size_t i;

	(void)state;
	memset(text, '[', n);
	read_bytes(commons(), BASE, text, n);
	assert_non_null(doc.error);
	free(text);
	buf_addf(&b, "{\"results\":[");
	for (i = 0; i < DOC_IMAGES_MAX + 5; i++)
		buf_addf(&b, "%s{\"url\":\"http://h/%zu\"}", i ? "," : "", i);
	buf_addf(&b, "]}");
	read_bytes(SECTION("type", "openverse", "query", "x"), BASE,
	    (char *)b.data, b.len);
	assert_int_equal(doc.n_images, DOC_IMAGES_MAX);
	assert_true(doc.truncated);
}

/* ---- recorded answers --------------------------------------------------- */

static void
recorded_answers_of_wikimedia_are_read(void **state)
{
	(void)state;
	recorded(commons(), BASE, APIS "/wikimedia/response_large_0.json");
	assert_int_equal(doc.n_images, 1);
	is_text(doc.images[0].url, "https://upl.wiki.org/thumburl0");
	is_text(doc.images[0].author, "User0");
	is_text(doc.images[0].licence, "cc-by-sa-4.0");
	is_text(doc.next[0],
	    BASE "&continue=gaicontinue%7C%7C&gaicontinue=next.jpg");
	recorded(commons(), BASE, APIS "/continuation/wmc_pretty1.json");
	assert_int_equal(doc.n_images, 9);
	assert_int_equal(doc.n_next, 1);
	recorded(
	    commons(), BASE, APIS "/continuation/wmc_pretty_nocontinue.json");
	assert_int_equal(doc.n_images, 28);
	assert_int_equal(doc.n_next, 0);
}

static void
recorded_answers_of_cleveland_are_read(void **state)
{
#define CLEVELAND APIS "/clevelandmuseum/"
	(void)state;
	recorded(SECTION("type", "clevelandmuseum"),
	    "http://h/?limit=1&skip=30000", CLEVELAND "response_success.json");
	assert_int_equal(doc.n_images, 1);
	is_text(doc.images[0].url,
	    "https://openaccess-cdn.clevelandart.org/1916.586.a/"
	    "1916.586.a_web.jpg");
	is_text(doc.images[0].title, "Scent Bottle");
	is_text(doc.images[0].licence, "cc0");
	is_text(doc.images[0].page, "https://clevelandart.org/art/1916.586.a");
	is_text(doc.next[0], "http://h/?limit=1&skip=30001");
	recorded(SECTION("type", "clevelandmuseum"), "http://h/?skip=33000",
	    CLEVELAND "response_no_data.json");
	assert_int_equal(doc.n_images + doc.n_next, 0);
	assert_null(doc.error);
	recorded(SECTION("type", "clevelandmuseum"), "http://h/?skip=0",
	    CLEVELAND "handle_response_data.json");
	assert_true(doc.n_images >= 95);
	is_text(doc.images[0].author, "Thomas Cole (American, 1801-1848)");
}

static void
recorded_answers_of_finna_are_read(void **state)
{
	(void)state;
	recorded(SECTION("type", "finna", "query", "x"), "http://h/?page=1",
	    APIS "/finnishmuseums/finna_full_response_example.json");
	assert_true(doc.n_images >= 13);
	is_text(doc.images[0].url,
	    "https://api.finna.fi/Cover/Show?"
	    "id=museovirasto.CC0641BB5337F541CBD19169838BAC1F&index=0&"
	    "size=large");
	is_text(doc.images[0].author, "Vikstedt, Topi");
	is_text(doc.images[0].licence, "cc-by-4.0");
	is_text(doc.next[0], "http://h/?page=2");
}

static void
recorded_answers_of_the_science_museum_are_read(void **state)
{
	static const char base[] =
	    "https://collection.sciencemuseumgroup.org.uk/search";

	(void)state;
	recorded(SECTION("type", "sciencemuseum"), base,
	    APIS "/sciencemuseum/response_success.json");
	assert_true(doc.n_images >= 3);
	is_text(doc.images[0].url,
	    "https://coimages.sciencemuseumgroup.org.uk/images/57/370/"
	    "large_A163983__0001_.jpg");
	is_text(doc.images[0].licence, "cc-by-nc-sa-4.0");
	is_text(doc.images[0].author, "Unknown maker");
	assert_int_equal(doc.n_next, 1);
	recorded(SECTION("type", "sciencemuseum"), base,
	    APIS "/sciencemuseum/response_failure.json");
	is_text(doc.error, "Bad Request: Bad Request");
}

static void
recorded_answers_of_flickr_are_read(void **state)
{
	(void)state;
	recorded(SECTION("type", "flickr", "query", "x"), "http://h/?page=1",
	    APIS "/flickr/flickr_example_pretty.json");
	assert_true(doc.n_images >= 29);
	is_text(doc.images[0].url,
	    "https://live.staticflickr.com/65535/49514337848_bbdbb5f761_b.jpg");
	is_text(doc.images[0].page,
	    "https://www.flickr.com/photos/7478087@N06/49514337848");
	is_text(doc.images[0].licence, "cc-by-nc-sa-2.0");
	is_text(doc.images[0].author, "markustrois");
	assert_int_equal(doc.n_next, 0);
}

/* The answer to the n-th request of a cassette. */
static void
cassette(const char *name, size_t n)
{
	char *folder CLEANUP(freep) = shared_path("apis/reddit");
	char *path CLEANUP(freep) = xasprintf("%s/%s", folder, name);
	json_t *all = json_load_file(path, 0, NULL);
	const char *body = json_string_value(json_object_get(
	    json_object_get(
		json_object_get(
		    json_array_get(json_object_get(all, "interactions"), n),
		    "response"),
		"body"),
	    "string"));

	if (body == NULL) {
		json_decref(all);
		print_message("no recorded answer ../shared/data/apis/reddit/"
			      "%s\n",
		    name);
		skip();
	}
	read_text(SECTION("type", "reddit", "category", "x"), body);
	json_decref(all);
}

static void
recorded_answers_of_reddit_are_read(void **state)
{
	size_t i;

	(void)state;
	cassette("TestFront.test_top.json", 1);
	assert_null(doc.error);
	assert_true(doc.n_images >= 20);
	assert_int_equal(doc.bad_urls, 0);
	assert_int_equal(doc.n_next, 1);
	for (i = 0; i < doc.n_images; i++) {
		assert_null(strstr(doc.images[i].url, ".gifv"));
		assert_non_null(doc.images[i].title);
		assert_non_null(doc.images[i].author);
	}
	cassette("TestDomainListing.test_rising.json", 1);
	assert_null(doc.error);
	assert_int_equal(doc.n_images + doc.n_next, 0);
}

#define TEST(f) cmocka_unit_test_teardown(f, release)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paths_lead_to_texts),
		TEST(faults_in_paths_are_told),
		TEST(every_preset_that_is_shipped_can_be_used),
		TEST(words_of_the_section_make_the_question),
		TEST(what_is_wrong_with_a_section_is_told),
		TEST(both_formats_of_mediawiki_are_read),
		TEST(all_keys_of_continue_are_copied),
		TEST(only_pictures_are_taken),
		TEST(errors_with_status_200_are_told_apart),
		TEST(galleries_crossposts_and_removed_posts_are_read),
		TEST(numbers_of_classes_become_their_names),
		TEST(pages_are_counted_to_the_last),
		TEST(hostile_answers_do_no_harm),
		TEST(deep_and_long_answers_are_read_or_refused),
		TEST(recorded_answers_of_wikimedia_are_read),
		TEST(recorded_answers_of_cleveland_are_read),
		TEST(recorded_answers_of_finna_are_read),
		TEST(recorded_answers_of_the_science_museum_are_read),
		TEST(recorded_answers_of_flickr_are_read),
		TEST(recorded_answers_of_reddit_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
