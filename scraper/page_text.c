/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "scraper/page_int.h"
#include "scraper/url.h"

#define FILE_WORDS_MAX 8
#define WORD_MAX 20

/* ---- figures ------------------------------------------------------------ */

void
page_figure(struct page *p, const char **atts)
{
	(void)atts;
	if (p->figures++ == 0)
		p->first = p->doc->n_images;
}

/* The caption is about all its pictures, and names those without a name. */
void
page_figure_end(struct page *p, const char **atts)
{
	struct found *f;
	size_t i;

	(void)atts;
	if (p->figures == 0 || --p->figures > 0)
		return;
	for (i = p->first; i < p->doc->n_images && p->caption != NULL; i++) {
		f = &p->doc->images[i];
		if (f->title == NULL)
			f->title = xstrdup(p->caption);
		free(f->caption);
		f->caption = xstrdup(p->caption);
	}
	free(TAKE(p->caption));
}

static void
begin(struct page_text *t)
{
	t->on = true;
	buf_clear(&t->b);
}

void
page_caption(struct page *p, const char **atts)
{
	(void)atts;
	begin(&p->caption_text);
}

void
page_caption_end(struct page *p, const char **atts)
{
	(void)atts;
	if (p->caption_text.on && p->figures > 0 && p->caption == NULL)
		p->caption = doc_text((char *)p->caption_text.b.data);
	p->caption_text.on = false;
}

/* ---- headings ----------------------------------------------------------- */

void
page_heading(struct page *p, const char **atts)
{
	(void)atts;
	begin(&p->heading_text);
}

void
page_heading_end(struct page *p, const char **atts)
{
	char *text;

	(void)atts;
	if (!p->heading_text.on)
		return;
	p->heading_text.on = false;
	text = doc_text((char *)p->heading_text.b.data);
	if (text != NULL) {
		free(p->heading);
		p->heading = text;
	}
}

/* ---- names of files ----------------------------------------------------- */

/* Words that say nothing of what is shown. */
static const char *const generic[] = { "copy", "cropped", "default", "dsc",
	"dscf", "dscn", "file", "full", "header", "hero", "image", "images",
	"img", "index", "jpeg", "jpg", "large", "medium", "orig", "original",
	"photo", "photos", "pic", "picture", "png", "preview", "resize",
	"resized", "scaled", "screenshot", "small", "thumb", "thumbnail",
	"untitled", "upload", "webp", "whatsapp" };

/*
 * A word of letters that somebody may have meant: numbers, digests and
 * abbreviations are none.  Beyond ASCII all are letters.
 */
static bool
is_telling(const char *word, size_t len)
{
	bool has_vowel = false;
	size_t i;

	if (len < 3 || len > WORD_MAX)
		return false;
	for (i = 0; i < len; i++) {
		if (isdigit((unsigned char)word[i]))
			return false;
		has_vowel |= (unsigned char)word[i] >= 0x80 ||
		    strchr("aeiouyAEIOUY", word[i]) != NULL;
	}
	for (i = 0; i < ARRAY_SIZE(generic); i++)
		if (strncasecmp(word, generic[i], len) == 0 &&
		    generic[i][len] == 0)
			return false;
	return has_vowel;
}

static void
add_words(struct buf *b, const char *s)
{
	size_t len = 0;
	int n = 0;

	for (; *s != 0 && n < FILE_WORDS_MAX; s += len == 0 ? 1 : len) {
		len = 0;
		while (isalnum((unsigned char)s[len]) ||
		    (unsigned char)s[len] >= 0x80)
			len++;
		if (!is_telling(s, len))
			continue;
		buf_addf(b, "%s%.*s", n++ > 0 ? " " : "", (int)len, s);
	}
}

char *
page_file_words(const char *url)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(DOC_TEXT_MAX);
	const char *path = url_target(url), *name, *dot;
	size_t len = strcspn(path, "?");
	char *text CLEANUP(freep) = NULL;
	char *plain CLEANUP(freep) = NULL;

	for (name = path + len; name > path && name[-1] != '/'; name--)
		;
	dot = memrchr(name, '.', (size_t)(path + len - name));
	if (dot != NULL && dot > name)
		len = (size_t)(dot - path);
	text = xstrndup(name, (size_t)(path + len - name));
	plain = url_decode(text);
	if (plain != NULL)
		add_words(&b, plain);
	return b.len == 0 ? NULL : doc_text((char *)b.data);
}
