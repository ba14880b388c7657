/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/gather_api.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "scraper/preset.h"
#include "scraper/url.h"

#define TOKEN_BYTES_MAX (64u << 10)
#define TOKEN_S 3600     /* when the answer does not say */
#define TOKEN_SPARE_S 60 /* a token is renewed so long before its end */
#define HIDDEN "hidden"  /* in place of a key */

struct api {
	struct preset *preset;
	const struct source_opts *opts;
	char *question;
	char *home;  /* the origin that secrets are for */
	char *token; /* "Bearer ..."; or NULL */
	int64_t token_until;
	int token_drops; /* since the last one that was taken */
};

static char *
secret(const char *option)
{
	const char *value = option == NULL ? NULL : getenv(option + 4);

	return value == NULL ? NULL : xstrdup(value);
}

static void
wipe(char **text)
{
	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

int
api_new(const char *folder, const struct source_opts *o, struct api **ret,
    struct err *e)
{
	const char *name = preset_name(o);
	struct preset *p;
	struct api *a;
	char *seed;

	*ret = NULL;
	if (name == NULL)
		return 0;
	if (preset_load(folder, name, &p, e) < 0)
		return -1;
	preset_fill(p, o);
	a = xcalloc(1, sizeof(*a));
	a->preset = p;
	a->opts = o;
	a->question = preset_question(p);
	seed = preset_seed(p);
	if (seed != NULL)
		a->home = xstrndup(seed, url_origin_len(seed));
	free(seed);
	*ret = a;
	return 0;
}

void
api_free(struct api *a)
{
	if (a == NULL)
		return;
	preset_free(a->preset);
	free(a->question);
	free(a->home);
	wipe(&a->token);
	free(a);
}

char *
api_seed(const struct api *a)
{
	return preset_seed(a->preset);
}

char *
api_question(const struct api *a)
{
	return a->question;
}

static bool
is_auth(const struct api *a, const char *auth)
{
	return strcmp(a->preset->auth, auth) == 0;
}

static bool
is_home(const struct api *a, const char *url)
{
	size_t len = url_origin_len(url);

	return a->home != NULL && strlen(a->home) == len &&
	    strncmp(a->home, url, len) == 0;
}

/* ---- tokens (RFC 6749, 4.4) --------------------------------------------- */

bool
api_wants_token(const struct api *a, int64_t now_s)
{
	return is_auth(a, "oauth") && a->opts->client != NULL &&
	    (a->token == NULL || now_s + TOKEN_SPARE_S > a->token_until);
}

/* The start, and the text in base64 (RFC 4648) behind it. */
static char *
base64(const char *start, const char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh"
				     "ijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(s), i, k, n = strlen(start);
	char *out = xmalloc(n + 4 * (len / 3 + 1) + 1);
	unsigned bits;

	memcpy(out, start, n);
	for (i = 0; i < len; i += 3) {
		for (bits = 0, k = 0; k < 3; k++)
			bits = bits << 8 |
			    (i + k < len ? (unsigned char)s[i + k] : 0u);
		for (k = 0; k < 4; k++)
			out[n++] = i + k > len
			    ? '='
			    : digits[bits >> (18 - 6 * k) & 63];
	}
	out[n] = 0;
	return out;
}

/* "Basic ..." of client and secret; the caller wipes. */
static char *
basic(const struct api *a)
{
	char *client = secret(a->opts->client);
	char *word = secret(a->opts->secret);
	char *pair = NULL, *text = NULL;

	if (client != NULL && word != NULL) {
		pair = xasprintf("%s:%s", client, word);
		text = base64("Basic ", pair);
	}
	wipe(&pair);
	wipe(&client);
	wipe(&word);
	return text;
}

static bool
is_token(const char *s)
{
	size_t i;

	for (i = 0; s != NULL && s[i] != 0; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return s != NULL && i > 0 && i < 8192;
}

int
api_take_token(
    struct api *a, const struct buf *body, int64_t now_s, struct err *e)
{
	json_t *o = body->len > 0 && body->len <= TOKEN_BYTES_MAX
	    ? json_loadb((const char *)body->data, body->len, 0, NULL)
	    : NULL;
	const char *token =
	    json_string_value(json_object_get(o, "access_token"));
	const char *error = json_string_value(json_object_get(o, "error"));
	json_int_t s = json_integer_value(json_object_get(o, "expires_in"));
	int status = 0;

	if (is_token(token)) {
		wipe(&a->token);
		a->token = xasprintf("Bearer %s", token);
		a->token_until = now_s + (s > 0 && s < INT32_MAX ? s : TOKEN_S);
	} else {
		status = err_set(e, ERR_INPUT, "no token came: %.100s",
		    error == NULL ? "the answer is none of OAuth 2" : error);
	}
	json_decref(o);
	return status;
}

bool
api_drop_token(struct api *a)
{
	if (a->token == NULL || a->token_drops++ > 0)
		return false;
	wipe(&a->token);
	return true;
}

/* ---- asking ------------------------------------------------------------- */

/* What goes with a request in a header; the caller wipes. */
static char *
authorization(const struct api *a)
{
	char *key = secret(a->opts->key), *text = NULL;

	if (is_auth(a, "oauth") && a->token != NULL)
		text = xstrdup(a->token);
	else if (is_auth(a, "basic"))
		text = basic(a);
	else if (key != NULL && is_auth(a, "bearer"))
		text = xasprintf("Bearer %s", key);
	else if (key != NULL && is_auth(a, "header"))
		text = xasprintf("%s: %s", a->preset->auth_name, key);
	wipe(&key);
	return text;
}

static void
ask_token(const struct api *a, struct fetch_request *r, struct api_secrets *s)
{
	s->authorization = basic(a);
	r->url = a->preset->token_url;
	r->etag = r->last_modified = NULL;
	r->authorization = s->authorization;
	r->post = "grant_type=client_credentials";
	r->is_api = true;
}

void
api_ask(const struct api *a, bool for_token, struct fetch_request *r,
    struct api_secrets *s)
{
	char *key = is_auth(a, "key") ? secret(a->opts->key) : NULL;

	*s = (struct api_secrets){ 0 };
	r->is_api = !a->preset->robots;
	if (for_token) {
		ask_token(a, r, s);
	} else if (is_home(a, r->url)) {
		r->authorization = s->authorization = authorization(a);
		if (key != NULL)
			s->url = url_with_argument(
			    r->url, a->preset->auth_name, key);
		if (s->url != NULL)
			r->url = s->url;
	}
	wipe(&key);
}

void
api_secrets_release(struct api_secrets *s)
{
	wipe(&s->url);
	wipe(&s->authorization);
}

int64_t
api_delay_ms(const struct api *a)
{
	return (int64_t)(1000 * a->preset->delay);
}

char *
api_plain_url(const struct api *a, const char *url)
{
	char *key CLEANUP(freep) =
	    is_auth(a, "key") ? url_argument(url, a->preset->auth_name) : NULL;

	return key == NULL
	    ? xstrdup(url)
	    : url_with_argument(url, a->preset->auth_name, HIDDEN);
}

char *
api_advice(const struct api *a, long status)
{
	const char *what = status == 401 ? "who asks is not known"
	    : status == 403              ? "this may not be asked"
	    : status == 429              ? "it was asked too often"
					 : NULL;

	if (what == NULL)
		return NULL;
	return xasprintf("HTTP %ld: %s%s%s", status, what,
	    a->preset->denied == NULL || status == 429 ? "" : "; ",
	    a->preset->denied == NULL || status == 429 ? ""
						       : a->preset->denied);
}
