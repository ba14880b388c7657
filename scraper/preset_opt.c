/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the file of a preset can say.
 */
#include "scraper/preset.h"

static const char *const auths[] = { "none", "key", "header", "bearer", "basic",
	"oauth", NULL };
static const char *const nexts[] = { "none", "page", "offset", "cursor",
	"continue", "link", NULL };

#define FIELD(name) OPT_FIELD(struct preset, name)

static const struct opt preset_opt[] = {
	{ "help", FIELD(help), .text = "One line on what it brings." },
	{ "tested", FIELD(tested),
	    .text = "Which real answers it was tested with; or that none." },
	{ "terms", FIELD(terms),
	    .text = "Address of terms; a section must say terms = accepted." },
	{ "url", FIELD(url), .text = "What is asked; {word}: of the section." },
	{ "args", FIELD(args),
	    .text = "name=value of the query; left out when a {word} in it "
		    "is not set, and word?name=value when word is not." },
	{ "needs", FIELD(needs), .text = "Words that a section must say." },
	{ "needs_one", FIELD(needs_one), .def = "false",
	    .text = "Exactly one of them." },
	{ "takes", FIELD(takes), .text = "Further words that it may say." },
	{ "defaults", FIELD(defaults),
	    .text = "word=value where the section does not say." },
	{ "widths", FIELD(widths), .text = "The only widths that it makes." },
	{ "robots", FIELD(robots), .def = "true",
	    .text = "Whether robots.txt is about this API; images: always." },
	{ "delay", FIELD(delay), .def = "1", .max = 3600, .unit = "seconds",
	    .text = "Pause before each further page, besides the host's." },
	{ "auth", FIELD(auth), .def = "none", .choices = auths,
	    .text = "A key in the query, in a header or as bearer; client and "
		    "secret as basic, or for a token by OAuth 2 "
		    "(client credentials)." },
	{ "auth_name", FIELD(auth_name),
	    .text = "Name of the key's argument or header." },
	{ "auth_optional", FIELD(auth_optional), .def = "false",
	    .text = "It answers without, too." },
	{ "token_url", FIELD(token_url), .text = "Where tokens come from." },
	{ "denied", FIELD(denied), .text = "What to do about 401 and 403." },
	{ "items", FIELD(items), .text = "Where the items are." },
	{ "parts", FIELD(parts), .text = "Where in an item its images are." },
	{ "adult", FIELD(adult),
	    .text = "True of what is taken only with adult = true." },
	{ "image", FIELD(image), .text = "Address of an image." },
	{ "page", FIELD(page), .text = "Address of the page about it." },
	{ "title", FIELD(title), .text = "Title." },
	{ "file_titles", FIELD(file_titles), .def = "false",
	    .text = "Titles are names such as File:Cat.jpg." },
	{ "caption", FIELD(caption), .text = "Description." },
	{ "tags", FIELD(tags), .text = "Tags; the caption where is none." },
	{ "author", FIELD(author), .text = "Author." },
	{ "label", FIELD(label), .text = "Class, or its number." },
	{ "label_names", FIELD(label_names), .text = "Names of the numbers." },
	{ "licence", FIELD(licence), .text = "Licence." },
	{ "licence_url", FIELD(licence_url), .text = "Its address." },
	{ "licences", FIELD(licences),
	    .text = "`theirs -> ours` where it is no usual name." },
	{ "rewrite", FIELD(rewrite),
	    .text = "`A -> B`: an image's address that begins with A begins "
		    "with B instead, and has no query." },
	{ "html", FIELD(html), .text = "Those of the texts that are HTML." },
	{ "next", FIELD(next), .def = "none", .choices = nexts,
	    .text = "How to go on: page or offset in next_arg, a cursor from "
		    "`more` in next_arg, all keys of the object `more`, or "
		    "the address `more`." },
	{ "next_arg", FIELD(next_arg), .text = "Name of an argument." },
	{ "more", FIELD(more),
	    .text = "See next; for page the number of pages, for offset that "
		    "of items; without, until there are no items." },
	{ "first", FIELD(first), .def = "1", .max = 1000,
	    .text = "Number of the first page." },
	{ "step", FIELD(step), .def = "0", .max = 10000,
	    .text = "Items of a page by which an offset goes on; 0: those "
		    "that came." },
	{ "error", FIELD(error), .text = "What is there in errors only." },
	{ "error_text", FIELD(error_text), .text = "A text to go with it." },
	{ "transient", FIELD(transient),
	    .text = "Errors that may pass, or how they begin." },
	{ 0 }
};

const struct opt_group preset_group = {
	.name = "",
	.text = "an API that gives images",
	.opts = preset_opt,
	.size = sizeof(struct preset),
};
