/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the columns of a list are called.
 */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "scraper/list_int.h"

#define AT(field) offsetof(struct found, field)

/*
 * By letters and digits alone, in lower case.  Of several columns for one
 * field the one that stands first here counts, so that "image_url" is not
 * taken for the page's "url".
 */
static const struct {
	const char *name;
	size_t at;
} names[] = {
	{ "imageurl", AT(url) },
	{ "imgurl", AT(url) },
	{ "photoimageurl", AT(url) },
	{ "originalurl", AT(url) },
	{ "contenturl", AT(url) },
	{ "mediaurl", AT(url) },
	{ "accessuri", AT(url) },
	{ "url", AT(url) },
	{ "imagelink", AT(url) },
	{ "image", AT(url) },
	{ "src", AT(url) },
	{ "identifier", AT(url) },
	{ "label", AT(label) },
	{ "class", AT(label) },
	{ "classname", AT(label) },
	{ "category", AT(label) },
	{ "title", AT(title) },
	{ "caption", AT(title) },
	{ "text", AT(title) },
	{ "alt", AT(title) },
	{ "alttext", AT(title) },
	{ "description", AT(title) },
	{ "author", AT(author) },
	{ "artist", AT(author) },
	{ "creator", AT(author) },
	{ "photographer", AT(author) },
	{ "photographerusername", AT(author) },
	{ "rightsholder", AT(author) },
	{ "licence", AT(licence) },
	{ "license", AT(licence) },
	{ "licenceurl", AT(licence_url) },
	{ "licenseurl", AT(licence_url) },
	{ "pageurl", AT(page) },
	{ "page", AT(page) },
	{ "foreignlandingurl", AT(page) },
	{ "originallandingurl", AT(page) },
	{ "landingurl", AT(page) },
	{ "references", AT(page) },
	{ "photourl", AT(page) },
};

size_t
list_rank(const char *column)
{
	char plain[32];
	size_t n = 0, i;

	for (; *column != 0 && n < sizeof(plain) - 1; column++)
		if (isalnum((unsigned char)*column))
			plain[n++] = (char)tolower((unsigned char)*column);
	plain[n] = 0;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (*column == 0 && strcmp(plain, names[i].name) == 0)
			return i;
	return NO_COLUMN;
}

size_t
list_field(size_t rank)
{
	return rank == NO_COLUMN ? NO_COLUMN : names[rank].at;
}

/* ---- as a section says -------------------------------------------------- */

static const struct {
	const char *name;
	size_t at;
} fields[] = {
	{ "url", AT(url) },
	{ "label", AT(label) },
	{ "title", AT(title) },
	{ "caption", AT(caption) },
	{ "author", AT(author) },
	{ "licence", AT(licence) },
	{ "licence_url", AT(licence_url) },
	{ "page", AT(page) },
};

/* "url=IMAGE", in place. */
static int
add_column(struct list_columns *c, char *word, struct err *e)
{
	char *name = strchr(word, '=');
	size_t i;

	if (name == NULL)
		return err_set(
		    e, ERR_USAGE, "columns: \"%s\" is not like url=NAME", word);
	*name++ = 0;
	word = text_trim(word);
	name = text_trim(name);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (strcmp(fields[i].name, word) == 0)
			break;
	if (i == ARRAY_SIZE(fields))
		return err_set(e, ERR_USAGE,
		    "columns: no \"%s\": use url, label, title, caption, "
		    "author, licence, licence_url or page",
		    word);
	if (*name == 0 || strlen(name) >= sizeof(c->v[0].name) ||
	    c->n == LIST_COLUMNS_MAX)
		return err_set(e, ERR_USAGE,
		    "columns: the name for %s is empty or too long", word);
	c->v[c->n].at = fields[i].at;
	snprintf(c->v[c->n].name, sizeof(c->v[0].name), "%s", name);
	if (!text_to_int(name, &c->v[c->n].place) || c->v[c->n].place < 1 ||
	    c->v[c->n].place > CSV_FIELDS_MAX)
		c->v[c->n].place = 0;
	c->no_header = c->v[c->n].place > 0 && (c->n == 0 || c->no_header);
	c->n++;
	return 0;
}

int
list_columns_parse(const char *text, struct list_columns *ret, struct err *e)
{
	char *copy CLEANUP(freep) = xstrdup(text == NULL ? "" : text);
	const char *between = strchr(copy, ',') != NULL ? "," : " \t";
	char *rest = copy, *word;

	*ret = (struct list_columns){ 0 };
	while ((word = strsep(&rest, between)) != NULL) {
		word = text_trim(word);
		if (*word != 0 && add_column(ret, word, e) < 0)
			return -1;
	}
	return 0;
}
