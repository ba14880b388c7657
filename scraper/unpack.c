/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"

#define BLOCK ((size_t)64 << 10)
#define START 512      /* bytes by which an entry is judged */
#define ZIP_END 22     /* bytes of the record at the end, less its comment */
#define ZIP_LOCATOR 20 /* and of the one before it */
#define ZIP_TAIL (65535 + ZIP_END + ZIP_LOCATOR)
#define LEVELS 2 /* an archive, and one in it */
#define ENTRY_NAME_MAX 1024
#define PAUSE_ENTRIES 50000            /* passed over in one call */
#define RATIO_FROM ((int64_t)16 << 20) /* bytes unpacked before it counts */

struct level {
	struct archive *at;
	char *prefix; /* of its entries' names */
};

struct unpack {
	struct unpack_limits limits;
	unpack_want_fn *want;
	void *ctx;
	struct level levels[LEVELS];
	int depth; /* levels that are open */
	char *name;
	struct buf bytes;
	int64_t entries, unpacked;
	unsigned char block[BLOCK]; /* of the outer one, read by the inner */
};

static const struct {
	const char *word, *text;
} verdicts[] = {
	[ENTRY_FINE] = { "fine", "it is fine" },
	[ENTRY_OUTSIDE] = { "outside", "its name leads out of the archive" },
	[ENTRY_LINK] = { "link", "it is a link" },
	[ENTRY_SPECIAL] = { "special", "it is no plain file" },
	[ENTRY_TOO_LARGE] = { "too_large", "it is larger than max_bytes" },
	[ENTRY_ENCRYPTED] = { "encrypted", "it needs a password" },
	[ENTRY_NESTED] = { "nested", "archives are opened two deep only" },
	[ENTRY_DAMAGED] = { "damaged", "its bytes are damaged" },
	[ENTRY_NO_IMAGE] = { "not_an_image", "its bytes are no image's" },
};

const char *
unpack_verdict_word(enum unpack_verdict v)
{
	return verdicts[v].word;
}

const char *
unpack_verdict_text(enum unpack_verdict v)
{
	return verdicts[v].text;
}

/* ---- opening ------------------------------------------------------------ */

/*
 * What datasets come in, and nothing whose reader is there for old disks or
 * has no use here (ISO, CAB, RAR, mtree): less to go wrong.
 */
static struct archive *
new_archive(void)
{
	struct archive *a = archive_read_new();

	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_lz4(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_7zip(a);
	archive_read_support_format_gnutar(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_zip(a);
	return a;
}

static const char *
why(struct archive *a)
{
	const char *text = archive_error_string(a);

	return text == NULL ? "unknown format" : text;
}

static void
push_level(struct unpack *u, struct archive *a, char *prefix)
{
	u->levels[u->depth++] = (struct level){ a, prefix };
}

static void
pop_level(struct unpack *u)
{
	struct level *l = &u->levels[--u->depth];

	archive_read_free(l->at);
	free(l->prefix);
}

static uint64_t
little(const unsigned char *p, size_t bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | p[bytes];
	return n;
}

/*
 * How many entries a zip file says it has (PKWARE's APPNOTE, 4.3.14-16), for
 * libarchive reads a list of all of them into memory first; 0: unknown.  One
 * that lies is counted like others.
 */
static uint64_t
zip_entries(int fd)
{
	unsigned char tail[ZIP_TAIL], end64[40];
	off_t size = lseek(fd, 0, SEEK_END), from;
	ssize_t n, at;
	uint64_t entries;

	lseek(fd, 0, SEEK_SET);
	from = size > ZIP_TAIL ? size - ZIP_TAIL : 0;
	if (size < 0 || pread(fd, tail, 2, 0) != 2 ||
	    memcmp(tail, "PK", 2) != 0)
		return 0;
	n = pread(fd, tail, sizeof(tail), from);
	for (at = n - ZIP_END; at >= 0; at--)
		if (memcmp(tail + at, "PK\5\6", 4) == 0)
			break;
	if (at < 0)
		return 0;
	entries = little(tail + at + 10, 2);
	/* A longer file has a locator before its end. */
	if (at < ZIP_LOCATOR ||
	    memcmp(tail + at - ZIP_LOCATOR, "PK\6\7", 4) != 0)
		return entries;
	from = (off_t)(little(tail + at - ZIP_LOCATOR + 8, 8) & INT64_MAX);
	if (pread(fd, end64, sizeof(end64), from) != sizeof(end64) ||
	    memcmp(end64, "PK\6\6", 4) != 0)
		return entries;
	return little(end64 + 32, 8);
}

static int
too_many(const struct unpack_limits *limits, struct err *e)
{
	return err_set(e, ERR_INPUT, "it has more than %lld entries",
	    (long long)limits->entries);
}

int
unpack_open(int fd, const struct unpack_limits *limits, unpack_want_fn *want,
    void *ctx, struct unpack **ret, struct err *e)
{
	struct archive *a;
	struct unpack *u;

	if (zip_entries(fd) > (uint64_t)limits->entries)
		return too_many(limits, e);
	a = new_archive();
	if (archive_read_open_fd(a, fd, BLOCK) != ARCHIVE_OK) {
		err_set(
		    e, ERR_INPUT, "not a zip, 7z or tar archive: %s", why(a));
		archive_read_free(a);
		return -1;
	}
	u = xcalloc(1, sizeof(*u));
	u->limits = *limits;
	u->want = want;
	u->ctx = ctx;
	u->bytes = BUF_INIT((size_t)limits->entry_bytes);
	push_level(u, a, xstrdup(""));
	*ret = u;
	return 0;
}

void
unpack_close(struct unpack *u)
{
	if (u == NULL)
		return;
	while (u->depth > 0)
		pop_level(u);
	free(u->name);
	buf_release(&u->bytes);
	free(u);
}

/* ---- names -------------------------------------------------------------- */

/* Bytes that are not UTF-8 become %XX, so that no two names become one. */
static void
add_text(struct buf *b, const char *s, size_t len)
{
	size_t n;

	while (len > 0) {
		for (n = 1; n < 4 && n < len && !text_is_utf8(s, n); n++)
			;
		if (text_is_utf8(s, n)) {
			buf_add(b, s, n);
		} else {
			n = 1;
			buf_addf(b, "%%%02X", (unsigned char)*s);
		}
		s += n;
		len -= n;
	}
}

/* A path without "." and empty parts; false when it leads elsewhere. */
static bool
add_path(struct buf *b, const char *path)
{
	const char *slash = strchr(path, '/') == NULL ? "\\" : "/";
	size_t len, start = b->len;

	if (*path == *slash || (*path != 0 && path[1] == ':'))
		return false;
	for (; *path != 0; path += len + (path[len] != 0)) {
		len = strcspn(path, slash);
		if (len == 2 && strncmp(path, "..", 2) == 0)
			return false;
		if (len == 0 || (len == 1 && *path == '.'))
			continue;
		if (b->len > start)
			buf_add(b, "/", 1);
		add_text(b, path, len);
	}
	return true;
}

/* Sets u->name; false when it leads out, and then it is the path as it is. */
static bool
set_name(struct unpack *u, struct archive_entry *entry)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(ENTRY_NAME_MAX);
	const char *prefix = u->levels[u->depth - 1].prefix;
	const char *path = archive_entry_pathname(entry);
	bool inside;

	path = path == NULL ? "" : path;
	buf_add(&b, prefix, strlen(prefix));
	inside = add_path(&b, path);
	if (!inside) {
		buf_clear(&b);
		buf_add(&b, prefix, strlen(prefix));
		add_text(&b, path, strlen(path));
	}
	free(u->name);
	u->name = xstrdup(b.len == 0 ? "" : (const char *)b.data);
	return inside;
}

static enum unpack_verdict
judge(struct unpack *u, struct archive_entry *entry)
{
	unsigned type = archive_entry_filetype(entry);

	if (!set_name(u, entry))
		return ENTRY_OUTSIDE;
	if (type == AE_IFLNK || archive_entry_hardlink(entry) != NULL)
		return ENTRY_LINK;
	if (type != AE_IFREG && type != 0)
		return ENTRY_SPECIAL;
	if (archive_entry_is_data_encrypted(entry))
		return ENTRY_ENCRYPTED;
	return ENTRY_FINE;
}

static bool
names_archive(const char *name)
{
	static const char *const ends[] = { ".zip", ".7z", ".tar", ".tar.gz",
		".tgz", ".tar.bz2", ".tar.xz", ".tar.zst" };
	size_t len = strlen(name), i;

	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (len > strlen(ends[i]) &&
		    strcasecmp(name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

/* ---- bytes -------------------------------------------------------------- */

/* Count what was unpacked at the outermost level; is it still believable? */
static int
count(struct unpack *u, int64_t bytes, struct err *e)
{
	int64_t packed = archive_filter_bytes(u->levels[0].at, -1);

	u->unpacked += bytes;
	if (u->unpacked > u->limits.total_bytes)
		return err_set(e, ERR_INPUT,
		    "it unpacks to more than %lld bytes: a bomb, or several "
		    "datasets; split it up",
		    (long long)u->limits.total_bytes);
	if (u->unpacked > RATIO_FROM && u->unpacked / u->limits.ratio > packed)
		return err_set(e, ERR_INPUT,
		    "it unpacks to more than %lld times its size: a bomb",
		    (long long)u->limits.ratio);
	return 0;
}

/* Up to len bytes of the entry at a level: how many, 0, or -1. */
static la_ssize_t
read_level(struct unpack *u, int level, void *to, size_t len)
{
	la_ssize_t n = archive_read_data(u->levels[level].at, to, len);

	return n < 0 ? -1 : n;
}

/* libarchive's callback: an inner archive reads the outer one's entry. */
static la_ssize_t
read_inner(struct archive *a, void *ctx, const void **ret)
{
	struct unpack *u = ctx;
	la_ssize_t n = read_level(u, 0, u->block, sizeof(u->block));

	if (n < 0)
		archive_set_error(a, EIO, "%s", why(u->levels[0].at));
	*ret = u->block;
	return n;
}

/* The entry is an archive: go into it. */
static enum unpack_verdict
enter(struct unpack *u)
{
	struct archive *a;

	if (u->depth == LEVELS)
		return ENTRY_NESTED;
	a = new_archive();
	if (archive_read_open(a, u, NULL, read_inner, NULL) != ARCHIVE_OK) {
		archive_read_free(a);
		return ENTRY_DAMAGED;
	}
	push_level(u, a, xasprintf("%s!/", u->name));
	return ENTRY_FINE;
}

/* Add to u->bytes until it holds `most`, or all: 1 at the end, 0 or -1. */
static int
fill(struct unpack *u, size_t most, enum unpack_verdict *ret_verdict,
    struct err *e)
{
	unsigned char *to;
	la_ssize_t n;
	size_t len;

	while (u->bytes.len < most) {
		len = most - u->bytes.len;
		len = len > BLOCK ? BLOCK : len;
		to = buf_room(&u->bytes, len);
		n = read_level(u, u->depth - 1, to, len);
		if (n <= 0) {
			*ret_verdict = n < 0 ? ENTRY_DAMAGED : ENTRY_FINE;
			return 1;
		}
		u->bytes.len += (size_t)n;
		if (count(u, n, e) < 0)
			return -1;
	}
	return 0;
}

/* The entry's bytes into u->bytes: 1, or 0 when they are not wanted. */
static int
take(struct unpack *u, enum unpack_verdict *ret_verdict, struct err *e)
{
	size_t cap = u->bytes.cap, start = cap < START ? cap : START;
	unsigned char more;
	int rc;

	buf_clear(&u->bytes);
	*ret_verdict = ENTRY_FINE;
	rc = fill(u, start, ret_verdict, e);
	if (rc < 0)
		return -1;
	if (*ret_verdict == ENTRY_FINE &&
	    !u->want(u->ctx, u->name, u->bytes.data, u->bytes.len))
		return 0;
	if (rc == 0)
		rc = fill(u, cap, ret_verdict, e);
	if (rc == 0 && read_level(u, u->depth - 1, &more, 1) != 0)
		*ret_verdict = ENTRY_TOO_LARGE;
	return rc < 0 ? -1 : 1;
}

/* ---- entries ------------------------------------------------------------ */

static int
give(struct unpack *u, enum unpack_verdict verdict, struct unpack_entry *ret)
{
	*ret = (struct unpack_entry){ u->name, verdict,
		verdict == ENTRY_FINE ? &u->bytes : NULL };
	return 1;
}

/* The rest of a level cannot be read; of an inner one, it alone is lost. */
static int
broken(struct unpack *u, struct unpack_entry *ret, struct err *e)
{
	struct level *l = &u->levels[u->depth - 1];

	if (u->depth == 1)
		return err_set(e, ERR_INPUT,
		    "after %lld entries it cannot be read: %s",
		    (long long)u->entries, why(l->at));
	free(u->name);
	u->name = xstrndup(l->prefix, strlen(l->prefix) - strlen("!/"));
	pop_level(u);
	return give(u, ENTRY_DAMAGED, ret);
}

/* The entry whose header was read: 1, 0 when it is passed over, or -1. */
static int
take_entry(struct unpack *u, struct archive_entry *entry,
    struct unpack_entry *ret, struct err *e)
{
	enum unpack_verdict verdict;
	int rc;

	if (archive_entry_filetype(entry) == AE_IFDIR)
		return 0;
	verdict = judge(u, entry);
	if (verdict == ENTRY_FINE && names_archive(u->name)) {
		verdict = enter(u);
		return verdict == ENTRY_FINE ? 0 : give(u, verdict, ret);
	}
	if (verdict != ENTRY_FINE)
		return give(u, verdict, ret);
	rc = take(u, &verdict, e);
	return rc <= 0 ? rc : give(u, verdict, ret);
}

int
unpack_next(struct unpack *u, struct unpack_entry *ret, struct err *e)
{
	const int64_t from = u->entries;
	struct archive_entry *entry;
	int rc;

	while (u->entries - from < PAUSE_ENTRIES) {
		rc = archive_read_next_header(
		    u->levels[u->depth - 1].at, &entry);
		if (rc == ARCHIVE_EOF && u->depth == 1)
			return 0;
		if (rc == ARCHIVE_EOF) {
			pop_level(u);
			continue;
		}
		if (++u->entries > u->limits.entries)
			return too_many(&u->limits, e);
		if (rc == ARCHIVE_RETRY)
			continue;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return broken(u, ret, e);
		if (count(u, 0, e) < 0)
			return -1;
		rc = take_entry(u, entry, ret, e);
		if (rc != 0)
			return rc;
	}
	return 2;
}
