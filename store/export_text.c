/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts from outside in the languages of files: names of folders, CSV,
 * Markdown, YAML; and what can be told of a JPEG and of a licence.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/export_file.h"

char *
export_safe_name(const char *class)
{
	char *name = xstrdup(class);
	size_t i;

	for (i = 0; name[i] != 0; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f ||
		    name[i] == '/' || name[i] == '\\' ||
		    (i == 0 && name[i] == '.'))
			name[i] = '_';
	if (name[0] == '_' && name[1] == '_')
		name[1] = '-';
	return name;
}

/* ---- quoting ------------------------------------------------------------ */

static void
csv_field(struct buf *b, const char *s)
{
	/* Blanks at the ends are kept by all only in quotes. */
	const size_t len = strlen(s);
	const bool quoted = strpbrk(s, "\",\r\n") != NULL ||
	    (len > 0 && (s[0] == ' ' || s[len - 1] == ' '));

	if (!quoted) {
		buf_add(b, s, len);
		return;
	}
	buf_add(b, "\"", 1);
	for (; *s != 0; s++)
		buf_add(b, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
	buf_add(b, "\"", 1);
}

void
export_csv_record(struct buf *b, const char *const *fields, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_add(b, ",", 1);
		csv_field(b, fields[i]);
	}
	buf_add(b, "\r\n", 2);
}

void
export_markdown(struct buf *b, const char *text)
{
	char *safe CLEANUP(freep) = text_safe(text);
	const char *s;

	for (s = safe; *s != 0; s++) {
		if (*s == '<')
			buf_addf(b, "&lt;");
		else if (*s == '>')
			buf_addf(b, "&gt;");
		else if (*s == '&')
			buf_addf(b, "&amp;");
		else if (*s == ':' ? s[1] == '/'
				   : ispunct((unsigned char)*s) &&
			    strchr("-.,;/()%?'\"+=", *s) == NULL)
			buf_addf(b, "\\%c", *s);
		else
			buf_add(b, s, 1);
	}
}

/* The number of bytes of the character at s that YAML wants as an escape. */
static size_t
yaml_unprintable(const unsigned char *s, unsigned *ret_code)
{
	if (s[0] < ' ' || s[0] == 0x7f) {
		*ret_code = s[0];
		return 1;
	}
	if (s[0] == 0xc2 && s[1] < 0xa0) { /* C1, NEL among them */
		*ret_code = s[1];
		return 2;
	}
	if ((s[0] & 0xf0) != 0xe0)
		return 0;
	*ret_code = (s[0] & 0xfu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	/* Breaks of lines, the byte order mark and what is no character. */
	return *ret_code == 0x2028 || *ret_code == 0x2029 ||
		*ret_code == 0xfeff || *ret_code >= 0xfffe
	    ? 3
	    : 0;
}

void
export_yaml(struct buf *b, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned code = 0;
	size_t len;

	buf_add(b, "\"", 1);
	for (; *s != 0; s += len) {
		len = yaml_unprintable(s, &code);
		if (len > 0)
			buf_addf(b, "\\u%04x", code);
		else if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else
			buf_add(b, s, 1);
		len += len == 0;
	}
	buf_add(b, "\"", 1);
}

/* ---- JPEGs -------------------------------------------------------------- */

/* SOF0 to SOF15 without DHT, JPG and DAC, which stand among them. */
static bool
is_frame(unsigned char marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
	    marker != 0xc8 && marker != 0xcc;
}

bool
export_jpeg_size(const void *data, size_t len, int *ret_width, int *ret_height,
    int *ret_depth)
{
	const unsigned char *p = data;
	size_t at = 2;

	if (len < 4 || p[0] != 0xff || p[1] != 0xd8)
		return false;
	while (at + 10 <= len && p[at] == 0xff) {
		if (p[at + 1] == 0xff) { /* filling */
			at++;
			continue;
		}
		if (is_frame(p[at + 1])) {
			*ret_height = p[at + 5] << 8 | p[at + 6];
			*ret_width = p[at + 7] << 8 | p[at + 8];
			*ret_depth = p[at + 9];
			return *ret_height > 0 && *ret_width > 0;
		}
		at += 2 + (size_t)(p[at + 2] << 8 | p[at + 3]);
	}
	return false;
}

/* ---- licences ----------------------------------------------------------- */

const char *
export_licence_link(const char *licence, char *buf, size_t size)
{
	const char *kind = licence + 3, *version;

	if (strcmp(licence, "cc0") == 0)
		return "https://creativecommons.org/publicdomain/zero/1.0/";
	if (strcmp(licence, "pd") == 0)
		return "https://creativecommons.org/publicdomain/mark/1.0/";
	if (strncmp(licence, "cc-by", 5) != 0)
		return NULL;
	version = strpbrk(kind, "0123456789");
	if (version == NULL || version[-1] != '-' ||
	    strspn(version, "0123456789.") != strlen(version))
		return NULL;
	snprintf(buf, size, "https://creativecommons.org/licenses/%.*s/%s/",
	    (int)(version - kind - 1), kind, version);
	return buf;
}

/* https://huggingface.co/docs/hub/repositories-licenses */
const char *
export_licence_hf(const char *licence)
{
	static const char *const names[] = { "cc-by-2.0", "cc-by-2.5",
		"cc-by-3.0", "cc-by-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0",
		"cc-by-nc-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0",
		"cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0",
		"cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0",
		"gfdl", "unknown", "mit", "apache-2.0", "odbl" };
	size_t i;

	if (strcmp(licence, "cc0") == 0)
		return "cc0-1.0";
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(licence, names[i]) == 0)
			return names[i];
	return "other";
}
