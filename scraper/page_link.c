/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/html_int.h"
#include "scraper/page_int.h"
#include "scraper/url.h"

#define WHITE " \t\n\f\r"

/* Is the word among those of the rel attribute? */
bool
page_has_rel(const char **atts, const char *word)
{
	const char *rel = html_attribute(atts, "rel");
	size_t len = strlen(word), n;

	while (rel != NULL && *rel != 0) {
		n = strcspn(rel, WHITE);
		if (n == len && strncasecmp(rel, word, len) == 0)
			return true;
		rel += n + strspn(rel + n, WHITE);
	}
	return false;
}

void
page_add_link(struct page *p, const char *url, bool is_next)
{
	if (p->ask->base == NULL || strcmp(url, p->ask->base) != 0)
		doc_add_link(p->doc, url, is_next);
}

void
page_a_end(struct page *p, const char **atts)
{
	char *title;

	(void)atts;
	if (p->link == NULL)
		return;
	title = p->link_title == NULL ? doc_text((char *)p->link_text.b.data)
				      : TAKE(p->link_title);
	page_add_image(p, TAKE(p->link), title);
	free(title);
	p->link_text.on = false;
}

void
page_a(struct page *p, const char **atts)
{
	const char *href = html_attribute(atts, "href");
	char *url CLEANUP(freep) = NULL;

	page_a_end(p, atts);
	url = href == NULL ? NULL : url_resolve(p->base, href);
	if (url != NULL && url_looks_like_image(url)) {
		p->link = TAKE(url);
		p->link_title = doc_text(html_attribute(atts, "title"));
		buf_clear(&p->link_text.b);
		p->link_text.on = true;
	} else if (url != NULL && !page_has_rel(atts, "nofollow")) {
		page_add_link(p, url, page_has_rel(atts, "next"));
	}
}
