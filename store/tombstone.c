/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tombstones: digests, salted so that guessing names is no look-up, of what
 * may not come back.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "store/forget_int.h"

const char *const forget_kinds[FORGET_KINDS] = { "image", "url", "host",
	"source" };

/* The salt, if anything was ever forgotten. */
static int
load_salt(struct store *s, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = NULL;
	int rc;

	if (s->forgets >= 0)
		return 0;
	q = sql_get(s, Q_SECRET_GET, e);
	rc = q == NULL ? -1 : sql_step(s, q, e);
	if (rc == 1)
		sql_bytes(q, 0, s->salt, SHA256_SIZE);
	if (rc >= 0)
		s->forgets = rc;
	return rc < 0 ? -1 : 0;
}

static int
make_salt(struct store *s, struct err *e)
{
	if (load_salt(s, e) < 0)
		return -1;
	if (s->forgets == 1)
		return 0;
	if (getrandom(s->salt, sizeof(s->salt), 0) != sizeof(s->salt))
		return err_sys(e, ERR_FATAL, "no random numbers");
	if (sql_run(s, Q_SECRET_ADD, e, "h", s->salt) < 0)
		return -1;
	s->forgets = 1;
	return 0;
}

static void
digest_of(const struct store *s, enum forget_kind kind, const void *name,
    size_t len, unsigned char ret[SHA256_SIZE])
{
	struct sha256 *h = sha256_new();

	sha256_add(h, s->salt, sizeof(s->salt));
	sha256_add(h, forget_kinds[kind], strlen(forget_kinds[kind]) + 1);
	sha256_add(h, name, len);
	sha256_end(h, ret);
}

int
tombstone_digest(struct store *s, enum forget_kind kind, const void *name,
    size_t len, unsigned char ret[SHA256_SIZE], struct err *e)
{
	if (make_salt(s, e) < 0)
		return -1;
	digest_of(s, kind, name, len, ret);
	return 0;
}

int
tombstone_add(struct store *s, enum forget_kind kind, const void *name,
    size_t len, const char *actor, const char *why, struct err *e)
{
	unsigned char digest[SHA256_SIZE];

	if (tombstone_digest(s, kind, name, len, digest, e) < 0)
		return -1;
	return sql_run(s, Q_TOMB_ADD, e, "shiss", forget_kinds[kind], digest,
	    clock_now(), actor, why);
}

int
tombstone_find(struct store *s, enum forget_kind kind, const void *name,
    size_t len, int64_t *ret_id, struct err *e)
{
	unsigned char digest[SHA256_SIZE];

	*ret_id = 0;
	if (load_salt(s, e) < 0)
		return -1;
	if (s->forgets == 0)
		return 0;
	digest_of(s, kind, name, len, digest);
	return sql_int(s, Q_TOMB_FIND, ret_id, e, "h", digest) < 0 ? -1 : 0;
}

int
tombstone_note(struct store *s, const char *stage, int64_t id, struct err *e)
{
	char *subject CLEANUP(freep) =
	    xasprintf("tombstone %lld", (long long)id);
	int64_t one;
	int rc;

	if (run_count(s, stage, "forgotten", 1, e) < 0)
		return -1;
	rc =
	    sql_int(s, Q_TOMB_NOTED, &one, e, "iss", s->run_id, stage, subject);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return run_failure(s, stage, "forgotten", subject,
	    "was forgotten for good; griddle forget --list", e);
}

/* ---- hosts -------------------------------------------------------- */

char *
host_of(const char *url)
{
	const char *host = strstr(url, "://");

	if (host == NULL || strncmp(url, "file:", 5) == 0)
		return xstrdup("");
	host += 3;
	return xstrndup(host, strcspn(host, "/?#"));
}

/* The length of "example.org" in "example.org:8080". */
static size_t
name_len(const char *host)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : host;

	return end == NULL ? strlen(host)
			   : (size_t)(end - host) + strcspn(end, ":");
}

bool
host_is_of(const char *host, const char *above)
{
	size_t len = name_len(host), want = strlen(above);

	if (strcmp(host, above) == 0)
		return true;
	if (want == 0 || len < want ||
	    strncmp(host + len - want, above, want) != 0)
		return false;
	return len == want || host[len - want - 1] == '.';
}

/* The host itself, without its port, and those above it. */
static int
find_host(struct store *s, const char *host, int64_t *ret_id, struct err *e)
{
	size_t len = name_len(host);
	const char *dot;

	if (tombstone_find(s, FORGET_HOST, host, strlen(host), ret_id, e) < 0)
		return -1;
	while (*ret_id == 0 && len > 0) {
		if (tombstone_find(s, FORGET_HOST, host, len, ret_id, e) < 0)
			return -1;
		dot = memchr(host, '.', len);
		if (dot == NULL)
			break;
		len -= (size_t)(dot + 1 - host);
		host = dot + 1;
	}
	return 0;
}

int
forget_knows_url(
    struct store *s, const char *url, int64_t *ret_id, struct err *e)
{
	char *host CLEANUP(freep) = NULL;

	*ret_id = 0;
	if (load_salt(s, e) < 0)
		return -1;
	if (s->forgets == 0)
		return 0;
	if (tombstone_find(s, FORGET_URL, url, strlen(url), ret_id, e) < 0)
		return -1;
	if (*ret_id != 0)
		return 0;
	host = host_of(url);
	return host[0] == 0 ? 0 : find_host(s, host, ret_id, e);
}

int
forget_knows_image(struct store *s, const unsigned char sha256[SHA256_SIZE],
    int64_t *ret_id, struct err *e)
{
	return tombstone_find(s, FORGET_IMAGE, sha256, SHA256_SIZE, ret_id, e);
}

int
forget_list(struct store *s,
    int (*each)(void *ctx, const char *kind, int64_t at, const char *actor,
	const char *why, int64_t n),
    void *ctx, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_TOMB_LIST, e);
	int rc = -1;

	while (q != NULL && (rc = sql_step(s, q, e)) == 1)
		if (each(ctx, sql_text(q, 0), sqlite3_column_int64(q, 1),
			sql_text(q, 2), sql_text(q, 3),
			sqlite3_column_int64(q, 4)) < 0)
			return -1;
	return rc;
}
