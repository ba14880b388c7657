/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "scraper/html_int.h"
#include "scraper/page_int.h"
#include "scraper/robots.h"
#include "scraper/url.h"

/* Only the first counts. */
void
page_base(struct page *p, const char **atts)
{
	const char *href = html_attribute(atts, "href");
	char *url;

	if (p->has_base || href == NULL)
		return;
	p->has_base = true;
	url = url_resolve(p->base, href);
	if (url != NULL) {
		free(p->base);
		p->base = url;
	}
}

void
page_link(struct page *p, const char **atts)
{
	const char *href = html_attribute(atts, "href");
	const char *as = html_attribute(atts, "as");
	bool is_preload = page_has_rel(atts, "preload") && as != NULL &&
	    strcasecmp(as, "image") == 0;
	char *url CLEANUP(freep) = NULL;
	struct found f = { 0 };

	if (href == NULL)
		return;
	if (page_has_rel(atts, "image_src") ||
	    (is_preload && html_attribute(atts, "imagesrcset") == NULL))
		page_add_extra(p, href, &f);
	url = url_resolve(p->base, href);
	if (url != NULL && page_has_rel(atts, "next"))
		page_add_link(p, url, true);
	if (p->canonical == NULL && page_has_rel(atts, "canonical"))
		p->canonical = TAKE(url);
}

/* ---- <meta> ------------------------------------------------------------- */

/* "5; URL='next.html'" (HTML, "shared declarative refresh steps"). */
static void
refresh(struct page *p, const char *s)
{
	char *href CLEANUP(freep) = NULL;
	char *url CLEANUP(freep) = NULL;
	char quote = 0;

	s += strspn(s, " \t\n\f\r0123456789.");
	if (*s != ';' && *s != ',')
		return;
	s += strspn(s, ";, \t\n\f\r");
	if (strncasecmp(s, "url", 3) == 0 && strchr(" =", s[3]) != NULL)
		s += 3 + strspn(s + 3, " =");
	if (*s == '"' || *s == '\'')
		quote = *s++;
	href = xstrndup(
	    s, quote == 0 ? strlen(s) : strcspn(s, (char[]){ quote, 0 }));
	url = *href == 0 ? NULL : url_resolve(p->base, href);
	if (url != NULL)
		page_add_link(p, url, true);
}

/* The picture that a structured property, og:image:alt, is about. */
static struct found *
last_extra(struct page *p)
{
	return p->n_extras == 0 ? NULL : &p->extras[p->n_extras - 1];
}

static void
social_title(struct page *p, const char *title)
{
	struct found *f = last_extra(p);

	if (f != NULL && f->title == NULL)
		f->title = doc_text(title);
}

/* A social picture that says it is tiny is furniture. */
static void
social_size(struct page *p, const char *pixels)
{
	if (p->n_extras > 0 && furniture_number(pixels))
		found_release(&p->extras[--p->n_extras]);
}

static void
social_url(struct page *p, const char *href)
{
	struct found f = { 0 };

	page_add_extra(p, href, &f);
}

static void
og_image(struct page *p, const char *href)
{
	p->has_og = true;
	social_url(p, href);
}

/* The same picture by https; behind og:image it is nothing new. */
static void
og_secure(struct page *p, const char *href)
{
	if (!p->has_og)
		social_url(p, href);
}

static void
robots(struct page *p, const char *rules)
{
	const char *preview = strcasestr(rules, "max-image-preview");

	robots_tag_add(&p->tag, rules, ROBOTS_TOKEN);
	if (preview == NULL)
		return;
	preview += strlen("max-image-preview");
	preview += strspn(preview, " \t:");
	if (strncasecmp(preview, "none", 4) == 0 &&
	    !isalpha((unsigned char)preview[4]))
		p->tag.no_images = true;
}

/* TDMRep: text and data mining is reserved. */
static void
tdm(struct page *p, const char *value)
{
	if (value[strspn(value, " ")] == '1')
		p->tag.no_images = true;
}

static const struct {
	const char *name;
	void (*take)(struct page *, const char *content);
} metas[] = {
	{ "robots", robots },
	{ ROBOTS_TOKEN, robots },
	{ "tdm-reservation", tdm },
	{ "og:image", og_image },
	{ "og:image:url", og_image },
	{ "og:image:secure_url", og_secure },
	{ "og:image:alt", social_title },
	{ "og:image:width", social_size },
	{ "og:image:height", social_size },
	{ "twitter:image", social_url },
	{ "twitter:image:src", social_url },
	{ "twitter:image:alt", social_title },
};

void
page_meta(struct page *p, const char **atts)
{
	const char *content = html_attribute(atts, "content");
	const char *name = html_attribute(atts, "property");
	const char *equiv = html_attribute(atts, "http-equiv");
	size_t i;

	if (content == NULL)
		return;
	if (equiv != NULL && strcasecmp(equiv, "refresh") == 0)
		refresh(p, content);
	if (name == NULL)
		name = html_attribute(atts, "name");
	for (i = 0; i < ARRAY_SIZE(metas) && name != NULL; i++)
		if (strcasecmp(name, metas[i].name) == 0)
			metas[i].take(p, content);
}
