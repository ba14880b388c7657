/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_int: the parts of the reader of HTML pages.
 *
 *   read_page.c    which element goes where, and the end of it
 *   page_image.c   pictures, and which of their forms is the largest
 *   page_link.c    links, and pictures behind them
 *   page_head.c    <base>, <link> and <meta>
 *   page_json.c    JSON-LD
 *   page_text.c    captions, headings, names of files
 *   furniture.c    pictures that are none
 *   css.c          addresses in style sheets
 */
#ifndef SCRAPER_PAGE_INT_H
#define SCRAPER_PAGE_INT_H

#include "base/buf.h"
#include "scraper/doc.h"
#include "scraper/read.h"
#include "scraper/robots_tag.h"

#define EXTRAS_MAX 500   /* pictures that come without a place in the text */
#define FORMS_MAX 100000 /* addresses of pictures that are looked at */

/* Of the forms of one picture, the best so far. */
struct best {
	char *url; /* resolved */
	double score;
};

enum page_raw { RAW_NONE, RAW_JSON, RAW_STYLE };

/* A text that is being gathered while `on`. */
struct page_text {
	bool on;
	struct buf b;
};

struct page {
	const struct read_ask *ask;
	struct doc *doc;
	struct robots_tag tag;
	char *base, *canonical;
	bool has_base, has_og;
	int64_t forms; /* looked at */
	struct best best;
	double factor; /* of scores, by the type that is being looked at */
	bool in_picture;
	char *link; /* a link to an image file that we are inside of */
	char *link_title;
	struct page_text link_text, caption_text, heading_text;
	char *caption;
	char *heading; /* the nearest above */
	int figures;   /* that we are inside of */
	size_t first;  /* image of the outermost figure */
	enum page_raw raw;
	struct buf raw_text;
	/* They come last, so that the same picture with a name comes first. */
	struct found extras[EXTRAS_MAX];
	size_t n_extras;
};

typedef void page_fn(struct page *, const char **atts);

page_fn page_img, page_picture, page_source, page_poster, page_input,
    page_object;
void page_picture_end(struct page *, const char **);
/* Pictures that any element may carry: itemprop, style, data-bg. */
page_fn page_any;

page_fn page_a, page_a_end;

page_fn page_base, page_link, page_meta;
bool page_has_rel(const char **atts, const char *word);
/* Add a link of the page that is no picture; url is resolved. */
void page_add_link(struct page *, const char *url, bool is_next);

page_fn page_figure, page_figure_end, page_caption, page_caption_end,
    page_heading, page_heading_end;

page_fn page_script, page_style, page_raw_end;
void page_json(struct page *, const char *text, size_t len);

/* ---- pictures ----------------------------------------------------------- */

/* Add a picture in its place; url moves in, the title is copied. */
void page_add_image(struct page *, char *url, const char *title);
/* Note one for later; href is resolved, and what f holds moves in. */
void page_add_extra(struct page *, const char *href, struct found *f);
/* An address in a style sheet. */
void page_add_css(void *page, const char *href);
/* The name of the file as words, the last resort of a title; or NULL. */
char *page_file_words(const char *url);

/*
 * Is it furniture: spacers, sprites, icons, drawings (SVG), beacons?  And by
 * the size that the tag declares: less than 32 pixels either way?
 */
bool furniture_url(const char *url);
bool furniture_size(const char **atts);
bool furniture_number(const char *pixels);

typedef void css_fn(void *ctx, const char *url);
/* Each url() of a style sheet or style attribute, without data: URLs. */
void css_each(const char *css, css_fn *each, void *ctx);

#endif
