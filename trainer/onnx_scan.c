/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protobuf-c, held to a depth and to an amount of memory.
 */
#include <string.h>

#include "trainer/onnx_int.h"

enum {
	DEPTH_MAX = 16,  /* ours need six: model to a dimension's value */
	GROWTH_MAX = 8,  /* bytes of memory for a byte of file ... */
	SPARE = 1 << 20, /* ... and for a small one */
};

/* ---- depth -------------------------------------------------------------- */

struct scan {
	const uint8_t *at, *end;
};

static bool
read_varint(struct scan *s, uint64_t *ret)
{
	int shift;

	*ret = 0;
	for (shift = 0; shift < 64 && s->at < s->end; shift += 7) {
		*ret |= (uint64_t)(*s->at & 0x7f) << shift;
		if ((*s->at++ & 0x80) == 0)
			return true;
	}
	return false;
}

static bool
skip(struct scan *s, uint64_t n)
{
	if (n > (uint64_t)(s->end - s->at))
		return false;
	s->at += n;
	return true;
}

/* What stands behind a key; *ret_part is set where that is a length's. */
static bool
scan_field(struct scan *s, unsigned wire, struct scan *ret_part)
{
	uint64_t n;

	switch (wire) {
	case 0:
		return read_varint(s, &n);
	case 1:
		return skip(s, 8);
	case 2:
		if (!read_varint(s, &n) || n > (uint64_t)(s->end - s->at))
			return false;
		*ret_part = (struct scan){ s->at, s->at + n };
		s->at += n;
		return true;
	case 5:
		return skip(s, 4);
	default:
		return false;
	}
}

static const ProtobufCFieldDescriptor *
message_field(const ProtobufCMessageDescriptor *d, uint64_t tag)
{
	const ProtobufCFieldDescriptor *f;

	f = tag > UINT32_MAX
	    ? NULL
	    : protobuf_c_message_descriptor_get_field(d, (unsigned)tag);
	return f != NULL && f->type == PROTOBUF_C_TYPE_MESSAGE ? f : NULL;
}

/* One message on the way down. */
struct level {
	const ProtobufCMessageDescriptor *descriptor;
	struct scan s;
};

static int
check_depth(const ProtobufCMessageDescriptor *d, const void *data, size_t len,
    struct err *e)
{
	struct level levels[DEPTH_MAX], *l = levels;
	const ProtobufCFieldDescriptor *f;
	struct scan part;
	uint64_t key;

	*l = (struct level){ d, { data, (const uint8_t *)data + len } };
	while (l >= levels) {
		if (l->s.at == l->s.end) {
			l--;
			continue;
		}
		part.at = NULL;
		if (!read_varint(&l->s, &key) ||
		    !scan_field(&l->s, (unsigned)(key & 7), &part))
			return err_set(
			    e, ERR_INPUT, "it is cut short, or no ONNX file");
		f = part.at == NULL ? NULL
				    : message_field(l->descriptor, key >> 3);
		if (f == NULL)
			continue;
		if (++l == levels + DEPTH_MAX)
			return err_set(e, ERR_INPUT,
			    "messages are nested more than %d deep", DEPTH_MAX);
		*l = (struct level){ f->descriptor, part };
	}
	return 0;
}

/* ---- memory ------------------------------------------------------------- */

struct budget {
	size_t left;
	bool spent;
};

static void *
take(void *ctx, size_t size)
{
	struct budget *b = ctx;

	if (size > b->left) {
		b->spent = true;
		return NULL;
	}
	b->left -= size;
	return xmalloc(size);
}

static void
give(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

void *
onnx_unpack(const ProtobufCMessageDescriptor *d, const void *data, size_t len,
    struct err *e)
{
	struct budget b = { .left = len < SIZE_MAX / (2 * GROWTH_MAX)
		    ? len * GROWTH_MAX + SPARE
		    : 0 };
	ProtobufCAllocator allocator = { take, give, &b };
	void *message;

	if (check_depth(d, data, len, e) < 0)
		return NULL;
	message = protobuf_c_message_unpack(d, &allocator, len, data);
	if (message == NULL)
		err_set(e, ERR_INPUT, "%s",
		    b.spent ? "it has too many small parts"
			    : "it is no ONNX file");
	return message;
}

void
onnx_free(void *message)
{
	struct budget b = { 0 };
	ProtobufCAllocator allocator = { take, give, &b };

	if (message != NULL)
		protobuf_c_message_free_unpacked(message, &allocator);
}
