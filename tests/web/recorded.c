/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorded: APIs below /recorded/, each in the shape of a real one.
 *
 *	works       answers recorded from a museum's API, by their offset
 *	token       a token for the client me:sesame (OAuth 2, by POST)
 *	r/rings/new made listings of three pages for who has that token
 *	photos      made pages of two for the key sesame; errors with 200
 *	status/N    nothing but that status
 *	leave/PORT  a redirect to the photos of another host
 */
#include "tests/web/web.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

#define LISTINGS 3
#define PHOTO_PAGES 2
#define PER_PAGE 4
#define MUSEUM "openverse-providers/clevelandmuseum"

static const char type_json[] = "application/json";

static enum MHD_Result
reply_json(struct request *r, unsigned status, json_t *o)
{
	struct head h = { .status = status, .type = type_json };
	struct buf b CLEANUP(buf_release) = BUF_INIT(PAGE_MAX);
	char *text CLEANUP(freep) = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (text == NULL || buf_addf(&b, "%s", text) < 0)
		return reply_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
	return reply_bytes(r, &h, &b);
}

static bool
is_authorized(const struct request *r, const char *want)
{
	const char *is = MHD_lookup_connection_value(
	    r->conn, MHD_HEADER_KIND, "Authorization");

	return is != NULL && strcmp(is, want) == 0;
}

/* A hundred works, one more, and none: what was recorded. */
static enum MHD_Result
works(struct request *r)
{
	int64_t skip = request_number(r, "skip", 0, 0, INT32_MAX);
	struct head h = { .status = MHD_HTTP_OK, .type = type_json };
	char *path CLEANUP(freep) = NULL;
	struct stat st;
	int fd;

	if (r->web->conf.recorded == NULL)
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	path = xasprintf("%s/" MUSEUM "/%s", r->web->conf.recorded,
	    skip == 0         ? "handle_response_data.json"
		: skip <= 101 ? "response_success.json"
			      : "response_no_data.json");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	}
	return reply_file(r, &h, fd, (uint64_t)st.st_size);
}

static enum MHD_Result
token(struct request *r)
{
	if (strcmp(r->method, "POST") != 0)
		return reply_status(r, MHD_HTTP_METHOD_NOT_ALLOWED);
	if (!is_authorized(r, "Basic bWU6c2VzYW1l"))
		return reply_json(r, MHD_HTTP_UNAUTHORIZED,
		    json_pack(
			"{s:s, s:i}", "message", "Unauthorized", "error", 401));
	return reply_json(r, MHD_HTTP_OK,
	    json_pack("{s:s, s:s, s:i}", "access_token", "open-1", "token_type",
		"bearer", "expires_in", 3600));
}

static enum MHD_Result
listing(struct request *r)
{
	int64_t page = request_number(r, "after", 0, 0, LISTINGS - 1);
	json_t *children, *after;
	int i;

	if (!is_authorized(r, "Bearer open-1"))
		return reply_json(r, MHD_HTTP_UNAUTHORIZED,
		    json_pack(
			"{s:s, s:i}", "message", "Unauthorized", "error", 401));
	children = json_array();
	for (i = 0; i < PER_PAGE; i++) {
		json_t *url = json_sprintf("http://%s/made/rings/%d.png",
		    request_host(r), (int)page * PER_PAGE + i);

		json_array_append_new(children,
		    json_pack("{s:s, s:{s:s, s:s, s:s, s:s, s:b, s:o}}", "kind",
			"t3", "data", "title", "A ring", "author", "ada",
			"post_hint", "image", "permalink", "/r/rings/1",
			"over_18", i == 3, "url", url));
	}
	after = page + 1 < LISTINGS ? json_sprintf("%d", (int)page + 1)
				    : json_null();
	return reply_json(r, MHD_HTTP_OK,
	    json_pack("{s:s, s:{s:o, s:o}}", "kind", "Listing", "data",
		"children", children, "after", after));
}

static enum MHD_Result
photos(struct request *r)
{
	int64_t page = request_number(r, "page", 1, 1, PHOTO_PAGES);
	const char *key = request_arg(r, "api_key");
	json_t *all;
	int i;

	if (key == NULL || strcmp(key, "sesame") != 0)
		return reply_json(r, MHD_HTTP_OK,
		    json_pack("{s:s, s:i, s:s}", "stat", "fail", "code", 100,
			"message", "Invalid API Key (Key not found)"));
	all = json_array();
	for (i = 0; i < PER_PAGE; i++) {
		json_t *url = json_sprintf("http://%s/made/rings/%d.png",
		    request_host(r), (int)(page - 1) * PER_PAGE + i);

		json_array_append_new(all,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", "1",
			"owner", "7@N0", "ownername", "Ada", "title", "Ring",
			"license", i % 2 ? "4" : "9", "url_l", url));
	}
	return reply_json(r, MHD_HTTP_OK,
	    json_pack("{s:s, s:{s:I, s:i, s:o}}", "stat", "ok", "photos",
		"page", (json_int_t)page, "pages", PHOTO_PAGES, "photo", all));
}

enum MHD_Result
serve_recorded(struct request *r, const char *rest)
{
	int64_t status;

	if (strcmp(rest, "works") == 0)
		return works(r);
	if (strcmp(rest, "token") == 0)
		return token(r);
	if (strcmp(rest, "r/rings/new") == 0)
		return listing(r);
	if (strcmp(rest, "photos") == 0)
		return photos(r);
	if (strncmp(rest, "leave/", 6) == 0 && text_to_int(rest + 6, &status) &&
	    status > 0 && status < 65536) {
		char *url CLEANUP(freep) = xasprintf(
		    "http://127.0.0.1:%d/recorded/photos", (int)status);

		return reply_redirect(r, url);
	}
	if (strncmp(rest, "status/", 7) == 0 &&
	    text_to_int(rest + 7, &status) && status >= 400 && status < 600)
		return reply_json(
		    r, (unsigned)status, json_pack("{s:s}", "message", "no"));
	return reply_status(r, MHD_HTTP_NOT_FOUND);
}
