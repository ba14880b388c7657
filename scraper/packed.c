/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/packed.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK ((size_t)64 << 10)
#define RATIO_FROM ((int64_t)64 << 20)
#define RATIO_MAX 300

struct packed {
	int fd; /* -1: bytes */
	const char *bytes;
	size_t bytes_len;
	z_stream z; /* what was read ahead is its, packed or not */
	unsigned char in[CHUNK];
	int64_t packed, unpacked;
	bool begun, gz, between;
};

struct packed *
packed_of_fd(int fd)
{
	struct packed *t = xcalloc(1, sizeof(*t));

	t->fd = fd;
	return t;
}

struct packed *
packed_of_bytes(const char *bytes, size_t len)
{
	struct packed *t = packed_of_fd(-1);

	t->bytes = bytes;
	t->bytes_len = len;
	return t;
}

void
packed_free(struct packed *t)
{
	if (t == NULL)
		return;
	if (t->gz)
		inflateEnd(&t->z);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}

/* As they are in the file. */
static int
read_packed(struct packed *t, void *to, size_t room, size_t *ret, struct err *e)
{
	ssize_t got;

	if (t->fd < 0) {
		*ret = t->bytes_len < room ? t->bytes_len : room;
		memcpy(to, t->bytes, *ret);
		t->bytes += *ret;
		t->bytes_len -= *ret;
		return 0;
	}
	do
		got = read(t->fd, to, room);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(e, ERR_INPUT, "cannot read");
	*ret = (size_t)got;
	return 0;
}

static int
refill(struct packed *t, struct err *e)
{
	size_t got;

	if (t->z.avail_in > 0)
		return 0;
	if (read_packed(t, t->in, CHUNK, &got, e) < 0)
		return -1;
	t->packed += (int64_t)got;
	t->z.next_in = t->in;
	t->z.avail_in = (uInt)got;
	return 0;
}

/* One member is over: another may follow, or zeros, or rubbish. */
static int
next_member(struct packed *t, bool *ret_end, struct err *e)
{
	if (refill(t, e) < 0)
		return -1;
	*ret_end = t->z.avail_in == 0 || *t->z.next_in != 0x1f;
	t->between = *ret_end;
	return *ret_end ? 0 : inflateReset(&t->z);
}

static int
read_unpacked(
    struct packed *t, void *to, size_t room, size_t *ret, struct err *e)
{
	bool end = false;
	int rc;

	*ret = 0;
	t->z.next_out = to;
	t->z.avail_out = (uInt)room;
	while (t->z.avail_out == room) {
		if (t->between && next_member(t, &end, e) < 0)
			return -1;
		if (end)
			return 0;
		if (refill(t, e) < 0)
			return -1;
		if (t->z.avail_in == 0)
			return err_set(e, ERR_INPUT,
			    "it is broken off: the packed file ends too soon");
		rc = inflate(&t->z, Z_NO_FLUSH);
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return err_set(e, ERR_INPUT, "its packing is damaged");
		t->between = rc == Z_STREAM_END;
	}
	*ret = room - t->z.avail_out;
	t->unpacked += (int64_t)*ret;
	if (t->unpacked > RATIO_FROM && t->unpacked / RATIO_MAX > t->packed)
		return err_set(e, ERR_INPUT,
		    "it unpacks to more than %d times its size", RATIO_MAX);
	return 0;
}

/* The first bytes tell what it is. */
static int
begin(struct packed *t, struct err *e)
{
	size_t len = 0, got = 1;

	t->begun = true;
	while (len < 2 && got > 0) {
		if (read_packed(t, t->in + len, CHUNK - len, &got, e) < 0)
			return -1;
		len += got;
	}
	t->gz = len >= 2 && t->in[0] == 0x1f && t->in[1] == 0x8b;
	t->packed = (int64_t)len;
	if (t->gz && inflateInit2(&t->z, 16 + MAX_WBITS) != Z_OK) {
		t->gz = false;
		return err_set(e, ERR_FATAL, "zlib does not start");
	}
	t->z.next_in = t->in;
	t->z.avail_in = (uInt)len;
	return 0;
}

int
packed_read(struct packed *t, void *to, size_t room, size_t *ret, struct err *e)
{
	if (!t->begun && begin(t, e) < 0)
		return -1;
	if (t->gz)
		return read_unpacked(t, to, room, ret, e);
	if (t->z.avail_in == 0)
		return read_packed(t, to, room, ret, e);
	*ret = t->z.avail_in < room ? t->z.avail_in : room;
	memcpy(to, t->z.next_in, *ret);
	t->z.next_in += *ret;
	t->z.avail_in -= (uInt)*ret;
	return 0;
}

bool
packed_seek(struct packed *t, int64_t at)
{
	if (!t->begun || t->gz || t->fd < 0 || lseek(t->fd, at, SEEK_SET) != at)
		return false;
	t->z.avail_in = 0;
	return true;
}
