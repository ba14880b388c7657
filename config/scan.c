/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens.  libconfuse counts lines wrongly after some comments, takes the
 * end of the file for the end of a string or a section, drops characters
 * that it does not know and puts in environment variables; so it gets a copy
 * in which none of this can happen.
 */
#include <string.h>

#include "config/config_int.h"

bool
token_is(const struct token *t, char mark)
{
	return t->kind == TOKEN_MARK && *t->text == mark;
}

static void
emit(struct scan *s, const char *text, size_t len)
{
	/* The cap has room for any file of the size allowed. */
	(void)buf_add(&s->clean, text, len);
}

static void
next_line(struct scan *s)
{
	emit(s, "\n", 1);
	s->line++;
}

static void
skip_to_line_end(struct scan *s)
{
	s->p += strcspn(s->p, "\n");
}

static int
skip_block(struct scan *s, struct err *e)
{
	int begin = s->line;

	for (s->p += 2; strncmp(s->p, "*/", 2) != 0; s->p++) {
		if (*s->p == 0)
			return config_fail(e, s->path, begin,
			    "this comment is not closed by \"*/\"");
		if (*s->p == '\n')
			next_line(s);
	}
	s->p += 2;
	return 0;
}

/* White space and comments. */
static int
skip(struct scan *s, struct err *e)
{
	for (;;) {
		if (*s->p == '\n') {
			next_line(s);
			s->p++;
		} else if (*s->p == ' ' || *s->p == '\t' ||
		    strncmp(s->p, "\r\n", 2) == 0) {
			emit(s, " ", 1);
			s->p++;
		} else if (*s->p == '#' || strncmp(s->p, "//", 2) == 0) {
			skip_to_line_end(s);
		} else if (strncmp(s->p, "/*", 2) == 0) {
			if (skip_block(s, e) < 0)
				return -1;
		} else {
			return 0;
		}
	}
}

static bool
is_hex_escape(const char *s)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	return strspn(s, hex) >= 2 && strncmp(s, "00", 2) != 0;
}

/* A backslash and what belongs to it. */
static int
scan_escape(struct scan *s, char quote, struct err *e)
{
	char next = s->p[1] == '\r' && s->p[2] == '\n' ? '\n' : s->p[1];

	if (next == '\n') {
		s->p += s->p[1] == '\r' ? 3 : 2;
		s->line++;
		emit(s, "\\\n", 2);
	} else if (quote == '\'' && next != '\\' && next != '\'') {
		emit(s, s->p++, 1);
	} else if (next != 0 && strchr("nrt\"'\\$", next) != NULL) {
		emit(s, s->p, 2);
		s->p += 2;
	} else if (next == 'x' && is_hex_escape(s->p + 2)) {
		emit(s, s->p, 4);
		s->p += 4;
	} else {
		return config_fail(e, s->path, s->line,
		    "\"\\%.*s\" means nothing in a string; for a backslash "
		    "write \"\\\\\"",
		    next == 0 ? 0 : 1, s->p + 1);
	}
	return 0;
}

static int
scan_string(struct scan *s, struct token *t, struct err *e)
{
	char quote = *s->p;

	t->kind = TOKEN_STRING;
	emit(s, s->p++, 1);
	t->text = s->p;
	while (*s->p != quote) {
		if (*s->p == 0 || *s->p == '\n')
			return config_fail(e, s->path, s->line,
			    "a string is not closed by %c", quote);
		if (*s->p == '\\') {
			if (scan_escape(s, quote, e) < 0)
				return -1;
		} else if (*s->p == '$' && quote == '"') {
			emit(s, "\\$", 2);
			s->p++;
		} else {
			emit(s, s->p++, 1);
		}
	}
	t->len = (size_t)(s->p - t->text);
	emit(s, s->p++, 1);
	return 0;
}

static bool
is_word_byte(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f &&
	    strchr("{}=,+()$*#'\"", c) == NULL;
}

static void
scan_word(struct scan *s, struct token *t)
{
	t->kind = TOKEN_WORD;
	emit(s, "'", 1);
	for (; is_word_byte(*s->p); s->p++)
		if (*s->p == '\\')
			emit(s, "\\\\", 2);
		else
			emit(s, s->p, 1);
	emit(s, "'", 1);
	t->len = (size_t)(s->p - t->text);
}

int
scan_next(struct scan *s, struct token *t, struct err *e)
{
	if (skip(s, e) < 0)
		return -1;
	*t = (struct token){ .line = s->line, .text = s->p };
	if (*s->p == 0)
		return 0;
	if (*s->p == '"' || *s->p == '\'')
		return scan_string(s, t, e);
	if (is_word_byte(*s->p)) {
		scan_word(s, t);
		return 0;
	}
	if (strchr("{}=,", *s->p) == NULL)
		return config_fail(
		    e, s->path, s->line, "\"%c\" must stand in quotes", *s->p);
	t->kind = TOKEN_MARK;
	t->len = 1;
	emit(s, s->p++, 1);
	return 0;
}
