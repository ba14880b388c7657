/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is a head and sections, each at a multiple of 64 bytes: the codes
 * in ascending order, where the owners of each begin, the owners, and for
 * each piece the four arrays of struct hamming_piece.
 */
#include "dedup/hamming_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/xxh3.h"
#include "dedup/hamming_file_int.h"

struct hamming_file *
hamming_file_new(void)
{
	return xcalloc(1, sizeof(struct hamming_file));
}

static void
forget_map(struct hamming_file *f)
{
	if (f->map != NULL)
		munmap(f->map, f->map_size);
	f->map = NULL;
	f->map_size = 0;
	f->sorted = (struct hamming_sorted){ 0 };
	f->n_owners = 0;
}

void
hamming_file_free(struct hamming_file *f)
{
	if (f == NULL)
		return;
	forget_map(f);
	free(f->codes);
	free(f->owners);
	free(f);
}

void
hamming_file_replace(struct hamming_file *f, struct hamming_file *from)
{
	forget_map(f);
	free(f->codes);
	free(f->owners);
	*f = *from;
	*from = (struct hamming_file){ 0 };
}

size_t
hamming_file_count(const struct hamming_file *f)
{
	return f->n_owners + f->n;
}

size_t
hamming_file_delta(const struct hamming_file *f)
{
	return f->n;
}

int
hamming_file_add(struct hamming_file *f, const hamming_code code,
    uint64_t owner, struct err *e)
{
	if (hamming_file_count(f) >= HAMMING_MAX - 1)
		return err_set(
		    e, ERR_FATAL, "the index of look-alikes is full");
	if (f->n == f->size) {
		f->size = 2 * f->size + 64;
		f->codes = xreallocarray(f->codes, f->size, sizeof(*f->codes));
		f->owners =
		    xreallocarray(f->owners, f->size, sizeof(*f->owners));
	}
	memcpy(f->codes[f->n], code, sizeof(*f->codes));
	f->owners[f->n++] = owner;
	return 0;
}

/* ---- looking it up ------------------------------------------------------- */

struct lookup {
	const struct hamming_file *f;
	hamming_owner_fn *each;
	void *ctx;
};

static int
owners_of_code(void *ctx, size_t query, size_t code, int distance)
{
	const struct lookup *l = ctx;
	uint32_t i;
	int rc;

	for (i = l->f->owner_start[code]; i < l->f->owner_start[code + 1];
	     i++) {
		rc = l->each(l->ctx, query, l->f->map_owners[i], distance);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int
owner_in_delta(void *ctx, size_t query, size_t place, int distance)
{
	const struct lookup *l = ctx;

	return l->each(l->ctx, query, l->f->owners[place], distance);
}

int
hamming_file_join(const struct hamming_file *f, const hamming_code *queries,
    size_t n_queries, int radius, hamming_owner_fn *each, void *ctx,
    struct err *e)
{
	struct lookup l = { f, each, ctx };
	int rc;

	rc = hamming_join_sorted(
	    queries, n_queries, &f->sorted, radius, owners_of_code, &l, e);
	if (rc != 0)
		return rc;
	return hamming_join(queries, n_queries, (const hamming_code *)f->codes,
	    f->n, radius, owner_in_delta, &l, e);
}

/* ---- what a file is ------------------------------------------------------ */

static size_t
aligned(size_t n)
{
	return (n + 63) / 64 * 64;
}

void
hamming_file_lay_out(size_t n, size_t n_owners, struct hamming_layout *ret)
{
	size_t at = aligned(sizeof(struct hamming_head));
	int i;

	ret->codes = at;
	at += aligned(n * sizeof(hamming_code));
	ret->owner_start = at;
	at += aligned((n + 1) * sizeof(uint32_t));
	ret->owners = at;
	at += aligned(n_owners * sizeof(uint64_t));
	for (i = 0; i < HAMMING_PIECES; i++) {
		ret->start[i] = at;
		at += aligned((HAMMING_KEYS + 1) * sizeof(uint32_t));
		ret->place[i] = at;
		at += aligned(n * sizeof(uint32_t));
		ret->next[i] = at;
		at += aligned((n + HAMMING_PAD) * sizeof(uint16_t));
		ret->after[i] = at;
		at += aligned((n + HAMMING_PAD) * sizeof(uint16_t));
	}
	ret->size = at;
}

void
hamming_file_digest(const struct hamming_head *head, const unsigned char *map,
    size_t size, unsigned char ret[XXH3_SIZE])
{
	struct hamming_head bare = *head;
	size_t from = aligned(sizeof(bare));

	memset(bare.digest, 0, sizeof(bare.digest));
	xxh3_of(&bare, sizeof(bare), map + from, size - from, ret);
}

/* Why a file is not to be trusted, or NULL. */
static const char *
find_fault(const unsigned char *map, size_t size,
    const uint8_t stamp[HAMMING_STAMP_SIZE], struct hamming_head *head)
{
	static const struct hamming_head model = HAMMING_HEAD_INIT;
	struct hamming_layout layout;
	unsigned char digest[XXH3_SIZE];

	if (size < sizeof(*head))
		return "is cut short";
	memcpy(head, map, sizeof(*head));
	if (memcmp(head->magic, model.magic, sizeof(model.magic)) != 0)
		return "is something else";
	if (head->version != model.version || head->order != model.order)
		return "is of another version";
	if (memcmp(head->stamp, stamp, HAMMING_STAMP_SIZE) != 0)
		return "is out of date";
	if (head->n > HAMMING_MAX || head->n_owners > HAMMING_MAX)
		return "is damaged";
	hamming_file_lay_out(head->n, head->n_owners, &layout);
	if (layout.size != size)
		return "is cut short";
	hamming_file_digest(head, map, size, digest);
	return memcmp(digest, head->digest, sizeof(digest)) != 0 ? "is damaged"
								 : NULL;
}

static void
take_map(struct hamming_file *f, void *map, size_t size,
    const struct hamming_head *head)
{
	const unsigned char *at = map;
	struct hamming_layout layout;
	int i;

	forget_map(f);
	hamming_file_lay_out(head->n, head->n_owners, &layout);
	f->map = map;
	f->map_size = size;
	f->n_owners = head->n_owners;
	f->owner_start = (const void *)(at + layout.owner_start);
	f->map_owners = (const void *)(at + layout.owners);
	f->sorted.n = head->n;
	f->sorted.codes = (const void *)(at + layout.codes);
	for (i = 0; i < HAMMING_PIECES; i++)
		f->sorted.piece[i] = (struct hamming_piece){
			.start = (const void *)(at + layout.start[i]),
			.place = (const void *)(at + layout.place[i]),
			.next = (const void *)(at + layout.next[i]),
			.after = (const void *)(at + layout.after[i]),
		};
}

int
hamming_file_open(struct hamming_file *f, const char *path,
    const uint8_t stamp[HAMMING_STAMP_SIZE], int64_t *ret_mark,
    const char **ret_why, struct err *e)
{
	int fd CLEANUP(closep) = open(path, O_RDONLY | O_CLOEXEC);
	struct hamming_head head;
	struct stat st;
	size_t size;
	void *map;

	forget_map(f);
	f->n = 0;
	if (fd < 0 && errno == ENOENT) {
		*ret_why = "is missing";
		return 0;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, ERR_FATAL, "%s", path);
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		*ret_why = "is something else";
		return 0;
	}
	size = (size_t)st.st_size;
	map = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (map == MAP_FAILED)
		return err_sys(e, ERR_FATAL, "%s", path);
	*ret_why = find_fault(map, size, stamp, &head);
	if (*ret_why != NULL) {
		munmap(map, size);
		return 0;
	}
	take_map(f, map, size, &head);
	*ret_mark = head.mark;
	return 0;
}
