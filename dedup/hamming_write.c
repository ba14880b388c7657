/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new file of an index, section by section; the head comes last, so that
 * what is not whole is never taken for one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/stop.h"
#include "dedup/hamming_file_int.h"
#include "dedup/hamming_int.h"

#define CHUNK ((size_t)4096) /* elements that are gathered to be written */

/* A code and one of its owners. */
struct entry {
	const uint8_t *code;
	uint64_t owner;
};

struct writer {
	struct entry *v; /* by code, then owner */
	size_t n;        /* of them; */
	size_t n_codes;  /* different codes */
	int fd;
	struct hamming_layout layout;
};

static void
writer_release(struct writer *w)
{
	free(w->v);
	closep(&w->fd);
}

static int
by_code(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int rc = memcmp(a->code, b->code, sizeof(hamming_code));

	return rc != 0 ? rc : (a->owner > b->owner) - (a->owner < b->owner);
}

/* The delta in order at the end of v, which has room for all. */
static size_t
sort_delta(const struct hamming_file *f, struct entry *v, size_t size,
    bool (*keep)(void *ctx, uint64_t owner), void *ctx)
{
	size_t i, n = 0;

	for (i = 0; i < f->n; i++)
		if (keep == NULL || keep(ctx, f->owners[i]))
			v[size - ++n] =
			    (struct entry){ f->codes[i], f->owners[i] };
	if (n > 1)
		qsort(v + size - n, n, sizeof(*v), by_code);
	return n;
}

/* What is mapped is in order already: merge, each owner of a code once. */
static void
gather(struct writer *w, const struct hamming_file *f,
    bool (*keep)(void *ctx, uint64_t owner), void *ctx)
{
	size_t size = hamming_file_count(f), code, at, next;
	struct entry *v = xreallocarray(NULL, size + 1, sizeof(*v)), old;

	w->v = v;
	next = size - sort_delta(f, v, size, keep, ctx);
	for (code = 0; code < f->sorted.n; code++)
		for (at = f->owner_start[code]; at < f->owner_start[code + 1];
		     at++) {
			old = (struct entry){ f->sorted.codes[code],
				f->map_owners[at] };
			if (keep != NULL && !keep(ctx, old.owner))
				continue;
			while (next < size && by_code(&v[next], &old) < 0)
				v[w->n++] = v[next++];
			if (next < size && by_code(&v[next], &old) == 0)
				next++;
			v[w->n++] = old;
		}
	while (next < size)
		v[w->n++] = v[next++];
	for (at = 0, size = w->n, w->n = 0; at < size; at++)
		if (w->n == 0 || by_code(&v[w->n - 1], &v[at]) != 0)
			v[w->n++] = v[at];
}

static bool
is_first_of_code(const struct writer *w, size_t i)
{
	return i == 0 ||
	    memcmp(w->v[i - 1].code, w->v[i].code, sizeof(hamming_code)) != 0;
}

static int
seek(const struct writer *w, size_t at, struct err *e)
{
	return lseek(w->fd, (off_t)at, SEEK_SET) < 0
	    ? err_sys(e, ERR_FATAL, "seek")
	    : 0;
}

static int
put(const struct writer *w, size_t at, const void *data, size_t len,
    struct err *e)
{
	if (seek(w, at, e) < 0)
		return -1;
	return file_write_fd(w->fd, data, len, e);
}

/* Where each code's owners begin, and codes: a chunk at a time. */
static int
put_codes(const struct writer *w, struct err *e)
{
	hamming_code *codes CLEANUP(freep) =
	    xreallocarray(NULL, CHUNK, sizeof(*codes));
	uint32_t *starts CLEANUP(freep) =
	    xreallocarray(NULL, CHUNK, sizeof(*starts));
	size_t i, n = 0, done = 0;
	uint32_t end = (uint32_t)w->n;

	for (i = 0; i <= w->n; i++) {
		if (n == CHUNK || i == w->n) {
			if (put(w, w->layout.codes + done * sizeof(*codes),
				codes, n * sizeof(*codes), e) < 0 ||
			    put(w,
				w->layout.owner_start + done * sizeof(*starts),
				starts, n * sizeof(*starts), e) < 0)
				return -1;
			done += n;
			n = 0;
		}
		if (i == w->n || !is_first_of_code(w, i))
			continue;
		memcpy(codes[n], w->v[i].code, sizeof(*codes));
		starts[n++] = (uint32_t)i;
	}
	return put(w, w->layout.owner_start + done * sizeof(*starts), &end,
	    sizeof(end), e);
}

static int
put_owners(const struct writer *w, struct err *e)
{
	uint64_t chunk[CHUNK];
	size_t i, n = 0;

	if (seek(w, w->layout.owners, e) < 0)
		return -1;
	for (i = 0; i < w->n; i++) {
		chunk[n++] = w->v[i].owner;
		if (n < CHUNK && i + 1 < w->n)
			continue;
		if (file_write_fd(w->fd, chunk, n * sizeof(*chunk), e) < 0)
			return -1;
		n = 0;
	}
	return 0;
}

/* The codes as they lie in the file by now. */
static int
put_pieces(const struct writer *w, const unsigned char *map, struct err *e)
{
	const hamming_code *codes = (const void *)(map + w->layout.codes);
	size_t n = w->n_codes, pad = n + HAMMING_PAD;
	uint32_t *start CLEANUP(freep) =
	    xreallocarray(NULL, HAMMING_KEYS + 1, sizeof(*start));
	uint32_t *place CLEANUP(freep) =
	    xreallocarray(NULL, n + 1, sizeof(*place));
	uint16_t *next CLEANUP(freep) =
	    xreallocarray(NULL, 2 * pad, sizeof(*next));
	int i;

	for (i = 0; i < HAMMING_PIECES; i++) {
		hamming_sort_piece(codes, n, i, start, place, next, next + pad);
		if (put(w, w->layout.start[i], start,
			(HAMMING_KEYS + 1) * sizeof(*start), e) < 0 ||
		    put(w, w->layout.place[i], place, n * sizeof(*place), e) <
			0 ||
		    put(w, w->layout.next[i], next, pad * sizeof(*next), e) <
			0 ||
		    put(w, w->layout.after[i], next + pad, pad * sizeof(*next),
			e) < 0 ||
		    stop_check(e) < 0)
			return -1;
	}
	return 0;
}

static int
put_all(
    const struct writer *w, const struct hamming_origin *origin, struct err *e)
{
	struct hamming_head head = HAMMING_HEAD_INIT;
	unsigned char *map;
	int rc;

	if (ftruncate(w->fd, (off_t)w->layout.size) < 0)
		return err_sys(e, ERR_FATAL, "set its size");
	if (put_codes(w, e) < 0 || put_owners(w, e) < 0)
		return -1;
	map = mmap(NULL, w->layout.size, PROT_READ, MAP_SHARED, w->fd, 0);
	if (map == MAP_FAILED)
		return err_sys(e, ERR_FATAL, "map it");
	rc = put_pieces(w, map, e);
	head.n = w->n_codes;
	head.n_owners = w->n;
	head.mark = origin->mark;
	memcpy(head.stamp, origin->stamp, sizeof(head.stamp));
	if (rc == 0)
		hamming_file_digest(&head, map, w->layout.size, head.digest);
	munmap(map, w->layout.size);
	if (rc < 0 || put(w, 0, &head, sizeof(head), e) < 0)
		return -1;
	return fsync(w->fd) < 0 ? err_sys(e, ERR_FATAL, "write it") : 0;
}

static int
replace(const char *temporary, const char *path, struct err *e)
{
	char *folder CLEANUP(freep) = xstrdup(path);
	char *slash = strrchr(folder, '/');

	if (rename(temporary, path) < 0)
		return err_sys(e, ERR_FATAL, "%s", path);
	if (slash == NULL)
		return file_sync_dir(".", e);
	slash[slash == folder] = 0;
	return file_sync_dir(folder, e);
}

int
hamming_file_write(struct hamming_file *f, const char *path,
    const struct hamming_origin *origin,
    bool (*keep)(void *ctx, uint64_t owner), void *ctx, struct err *e)
{
	char *temporary CLEANUP(freep) =
	    xasprintf("%s.%ld.tmp", path, (long)getpid());
	struct writer w CLEANUP(writer_release) = { .fd = -1 };
	struct hamming_file fresh = { 0 };
	const char *why;
	int64_t mark;
	size_t i;

	w.fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (w.fd < 0)
		return err_sys(e, ERR_FATAL, "%s", temporary);
	gather(&w, f, keep, ctx);
	for (i = 0; i < w.n; i++)
		w.n_codes += is_first_of_code(&w, i);
	hamming_file_lay_out(w.n_codes, w.n, &w.layout);
	if (put_all(&w, origin, e) < 0 || replace(temporary, path, e) < 0) {
		unlink(temporary);
		return err_wrap(e, "%s", temporary);
	}
	if (hamming_file_open(&fresh, path, origin->stamp, &mark, &why, e) < 0)
		return -1;
	if (why != NULL)
		return err_set(
		    e, ERR_DAMAGED, "%s %s after writing", path, why);
	hamming_file_replace(f, &fresh);
	return 0;
}
