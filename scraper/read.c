/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ends of a question to a child: asked by the parent, answered by
 * `griddle worker document`.
 */
#include "scraper/read.h"

#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "scraper/scraper.h"

static const struct {
	const char *name;
	void (*read)(
	    const struct read_ask *, char *bytes, size_t len, struct doc *);
} readers[] = {
	{ "page", read_web },
	{ "sitemap", read_only_sitemap },
	{ "feed", read_only_feed },
	{ "robots", read_robots },
	{ "list", read_list },
	{ "api", read_api },
};

void
read_ask_release(struct read_ask *ask)
{
	free(ask->reader);
	free(ask->base);
	free(ask->charset);
	free(ask->format);
	free(ask->api);
	free(ask->columns);
	*ask = (struct read_ask){ 0 };
}

void
read_document(
    const struct read_ask *ask, char *bytes, size_t len, struct doc *doc)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(readers); i++)
		if (strcmp(ask->reader, readers[i].name) == 0) {
			readers[i].read(ask, bytes, len, doc);
			return;
		}
	doc_fail(doc, "there is no reader \"%s\"", ask->reader);
}

/* ---- the parent --------------------------------------------------------- */

int
read_request(const struct read_ask *ask, const void *bytes, size_t len,
    struct proc_job *job, struct err *e)
{
	json_t *o = json_pack("{s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:b, s:b}",
	    "reader", ask->reader, "base", ask->base, "charset", ask->charset,
	    "format", ask->format, "columns", ask->columns, "api", ask->api,
	    "no_images", ask->tag.no_images, "no_links", ask->tag.no_links);
	char *text CLEANUP(freep) = NULL;

	text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	json_decref(o);
	buf_clear(&job->request);
	if (text == NULL || buf_add(&job->request, text, strlen(text)) < 0)
		return err_set(e, ERR_INPUT, "not a question for a reader");
	return file_in_memory("document", bytes, len, &job->fd, e);
}

/* ---- the child ---------------------------------------------------------- */

static char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text == NULL ? NULL : xstrdup(text);
}

static void
parse_ask(const struct buf *request, struct read_ask *ask)
{
	json_t *o =
	    json_loadb((const char *)request->data, request->len, 0, NULL);

	*ask = (struct read_ask){
		.reader = text_of(o, "reader"),
		.base = text_of(o, "base"),
		.charset = text_of(o, "charset"),
		.format = text_of(o, "format"),
		.api = text_of(o, "api"),
		.columns = text_of(o, "columns"),
		.tag.no_images = json_is_true(json_object_get(o, "no_images")),
		.tag.no_links = json_is_true(json_object_get(o, "no_links")),
	};
	json_decref(o);
	if (ask->reader == NULL)
		ask->reader = xstrdup("");
}

static void
handle(void *ctx, const struct buf *request, int fd, struct buf *answer)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX + 1);
	struct read_ask ask CLEANUP(read_ask_release) = { 0 };
	struct doc doc CLEANUP(doc_release) = { 0 };
	struct err e;

	(void)ctx;
	parse_ask(request, &ask);
	if (fd < 0 || file_read_fd(fd, "document", &b, &e) < 0)
		doc_fail(&doc, "%s", fd < 0 ? "no document" : e.msg);
	else if (buf_add(&b, "", 0) == 0)
		read_document(&ask, (char *)b.data, b.len, &doc);
	doc_write(&doc, answer);
}

int
scraper_worker(void)
{
	struct read_warm *warm = read_warm_new();
	int status = proc_serve(handle, NULL);

	read_warm_free(warm);
	return status;
}
