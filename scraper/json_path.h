/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_path: where in an API's answer something stands.
 *
 *	a.b.c            members of objects
 *	a[0]  a[-1]      an element, from the front or from the end
 *	a[*]             all elements, or all members of an object
 *	a[*][kind=t3]    those whose member `kind` (a.b: deeper) is "t3"
 *	a[type=image/x*] ... begins with "image/x"; [url=*.jpg], [kind=*]
 *	a[over_18!=true] ... or has none that is
 *	$.a              from the whole answer; without, from the item
 *	@.a              from the part of an item (an image of a post)
 *	a | b            b where a gives nothing
 *	'word'           the word itself
 *	x/{a.b}/{c}      a text made of others; nothing where one is missing
 *	https://...      the same, whether or not there is a brace in it
 */
#ifndef SCRAPER_JSON_PATH_H
#define SCRAPER_JSON_PATH_H

#include <jansson.h>
#include <stdbool.h>

struct json_scope {
	const json_t *root, *item, *part; /* part may be NULL: then the item */
};

/* NULL, or what is wrong with an expression. */
const char *json_path_fault(const char *expr);

/*
 * Call `each` for the values that the first alternative which gives any
 * gives, until it returns false.  How many calls there were.
 */
typedef bool json_path_fn(void *ctx, const json_t *value);
size_t json_path_each(
    const char *expr, const struct json_scope *, json_path_fn *each, void *ctx);

/* A string as it is, a number or truth as text; else NULL.  Caller frees. */
char *json_scalar_text(const json_t *);

/* The first text that is not empty; NULL: none.  expr may be NULL. */
char *json_path_text(const char *expr, const struct json_scope *);

#endif
