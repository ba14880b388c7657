/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_docs: what is something else than it says, and documents that attack
 * those who read them.
 */
#include <inttypes.h>
#include <string.h>

#include "tests/web/raw.h"

/* ---- what is no image --------------------------------------------------- */

/* An image by its name and type, and what it is instead. */
static bool
impostor(struct raw *r)
{
	static const struct {
		const char *name, *body;
	} bodies[] = {
		{ "svg.jpg",
		    "<svg xmlns=\"http://www.w3.org/2000/svg\"><image "
		    "href=\"file:///etc/passwd\"/></svg>" },
		{ "pdf.jpg", "%PDF-1.4\n1 0 obj << >> endobj\n%%EOF\n" },
		{ "zip.jpg", "PK\x03\x04 and what is in it" },
		{ "elf.jpg",
		    "\x7f"
		    "ELF\x02\x01\x01 and what it does" },
		{ "script.jpg", "#!/bin/sh\necho run me\n" },
		{ "magic-later.jpg", "x\xff\xd8\xff\xe0 a byte too late" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bodies); i++)
		if (strcmp(raw_name(r), bodies[i].name) == 0)
			return raw_reply_text(r,
			    "200 OK\r\nContent-Type: image/jpeg",
			    bodies[i].body);
	return false;
}

/* A picture with a page behind it. */
static bool
polyglot(struct raw *r)
{
	static const char page[] = "<html><script>alert(1)</script></html>";
	struct buf b CLEANUP(buf_release) = BUF_INIT(RAW_IMAGE_MAX);

	raw_picture(r, &b);
	buf_add(&b, page, sizeof(page) - 1);
	return raw_reply(r, "200 OK\r\nContent-Type: image/png", b.data, b.len);
}

/* ---- documents ---------------------------------------------------------- */

/* A sitemap that names nine levels of ten of each other. */
static bool
laughs(struct raw *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(65536);
	int i, j;

	buf_addf(&b,
	    "<?xml version=\"1.0\"?>\n<!DOCTYPE urlset [\n"
	    "<!ENTITY l0 \"ha\">\n");
	for (i = 1; i <= 9; i++) {
		buf_addf(&b, "<!ENTITY l%d \"", i);
		for (j = 0; j < 10; j++)
			buf_addf(&b, "&l%d;", i - 1);
		buf_addf(&b, "\">\n");
	}
	buf_addf(&b,
	    "]>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
	    "<url><loc>http://127.1.2.9/&l9;</loc></url></urlset>\n");
	return raw_reply(
	    r, "200 OK\r\nContent-Type: application/xml", b.data, b.len);
}

/* One that asks to read a file of ours, and to ask another server. */
static bool
entity(struct raw *r)
{
	char *text CLEANUP(freep) = xasprintf(
	    "<?xml version=\"1.0\"?>\n<!DOCTYPE urlset [\n"
	    "<!ENTITY %% d SYSTEM \"http://127.1.2.8:%" PRId64 "/dtd\"> %%d;\n"
	    "<!ENTITY f SYSTEM \"file:///etc/hostname\">\n"
	    "<!ENTITY h SYSTEM \"http://127.1.2.8:%" PRId64 "/h\">\n]>\n"
	    "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
	    "<url><loc>http://127.1.2.8:%" PRId64 "/f?&f;&h;</loc></url>"
	    "</urlset>\n",
	    r->port, r->port, r->port);

	return raw_reply_text(
	    r, "200 OK\r\nContent-Type: application/xml", text);
}

/* A picture behind a hundred thousand elements that nobody closes. */
static bool
deep(struct raw *r)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(RAW_IMAGE_MAX);
	int i;

	buf_addf(&b, "<!DOCTYPE html><title>Deep</title>\n");
	for (i = 0; i < 100000; i++)
		buf_addf(&b, "<div>");
	buf_addf(&b, "<img src=\"good.png\" alt=\"at the bottom\">\n");
	return raw_reply(r, "200 OK\r\nContent-Type: text/html", b.data, b.len);
}

/* ---- the table ---------------------------------------------------------- */

const struct raw_row raw_docs[] = {
	{ "svg.jpg", impostor },
	{ "pdf.jpg", impostor },
	{ "zip.jpg", impostor },
	{ "elf.jpg", impostor },
	{ "script.jpg", impostor },
	{ "magic-later.jpg", impostor },
	{ "polyglot.png", polyglot },
	{ "laughs.xml", laughs },
	{ "entity.xml", entity },
	{ "deep.html", deep },
	{ NULL, NULL },
};
