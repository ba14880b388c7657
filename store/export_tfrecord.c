/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TFRecord shards of tf.train.Example messages.
 *
 * A record is its length (64 bits, little-endian), that field's masked
 * CRC-32C, the message, and its masked CRC-32C.  The message is encoded by
 * hand (https://protobuf.dev/programming-guides/encoding/): Example {
 * Features features = 1 }, Features { map<string, Feature> feature = 1 },
 * Feature { BytesList = 1 | FloatList = 2 | Int64List = 3 }, each list {
 * repeated value = 1 }.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "store/crc32c.h"
#include "store/export_formats.h"

#define FEATURE_BYTES 1
#define FEATURE_INT64 3
#define WIRE_VARINT 0
#define WIRE_LEN 2
#define PICTURE_MAX (64u << 20)
#define MESSAGE_MAX (2 * PICTURE_MAX)

struct records {
	struct export_file file;
	bool open;
	int n; /* shards begun */
};

struct tfrecord {
	struct export_job *job;
	struct crc32c_table crc;
	struct records parts[PART_COUNT]; /* one for all when it streams */
	struct buf features, feature, message;
};

int
tfrecord_begin(struct export_job *j, void **ret_state, struct err *e)
{
	struct tfrecord *t = xcalloc(1, sizeof(*t));
	size_t i;

	t->job = j;
	crc32c_init(&t->crc);
	t->features = t->feature = t->message = BUF_INIT(MESSAGE_MAX);
	for (i = 0; i < PART_COUNT; i++)
		t->parts[i].file = EXPORT_FILE_INIT;
	*ret_state = t;
	return shards_classes(j, e);
}

void
tfrecord_end(void *state)
{
	struct tfrecord *t = state;
	size_t i;

	for (i = 0; i < PART_COUNT; i++)
		export_file_release(&t->parts[i].file);
	buf_release(&t->features);
	buf_release(&t->feature);
	buf_release(&t->message);
	free(t);
}

/* ---- the message -------------------------------------------------------- */

static size_t
varint(uint64_t n, unsigned char out[10])
{
	size_t len = 0;

	for (; n >= 0x80; n >>= 7)
		out[len++] = (unsigned char)(n | 0x80);
	out[len++] = (unsigned char)n;
	return len;
}

static void
add_varint(struct buf *b, uint64_t n)
{
	unsigned char bytes[10];

	buf_add(b, bytes, varint(n, bytes));
}

/* The tag and length of a field of that many bytes. */
static void
add_head(struct buf *b, unsigned field, size_t len)
{
	add_varint(b, field << 3 | WIRE_LEN);
	add_varint(b, len);
}

/* The length of such a field with its tag, for fields below 16. */
static size_t
field_len(size_t len)
{
	unsigned char bytes[10];

	return 1 + varint(len, bytes) + len;
}

/* An entry of the map: key = 1, and value = 2, a Feature of one value. */
static void
add_entry(struct tfrecord *t, const char *key, unsigned kind, unsigned wire,
    const void *value, size_t len)
{
	const size_t list = wire == WIRE_LEN ? field_len(len) : 1 + len;
	struct buf *b = &t->features;

	add_head(b, 1, field_len(strlen(key)) + field_len(field_len(list)));
	add_head(b, 1, strlen(key));
	buf_add(b, key, strlen(key));
	add_head(b, 2, field_len(list));
	add_head(b, kind, list);
	if (wire == WIRE_LEN)
		add_head(b, 1, len);
	else
		add_varint(b, 1 << 3 | WIRE_VARINT);
	buf_add(b, value, len);
}

static void
add_bytes(struct tfrecord *t, const char *key, const void *data, size_t len)
{
	add_entry(t, key, FEATURE_BYTES, WIRE_LEN, data, len);
}

static void
add_string(struct tfrecord *t, const char *key, const char *text)
{
	add_bytes(t, key, text, strlen(text));
}

static void
add_int(struct tfrecord *t, const char *key, int64_t n)
{
	unsigned char bytes[10];
	const size_t len = varint((uint64_t)n, bytes);

	add_entry(t, key, FEATURE_INT64, WIRE_VARINT, bytes, len);
}

/* Sorted by name; the names are those that FiftyOne reads, and more. */
static void
make_message(struct tfrecord *t, const struct export_picture *p)
{
	const struct export_origin *o = p->origin;
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", p->id, p->ext);
	buf_clear(&t->features);
	buf_clear(&t->message);
	add_string(t, "author", o->author);
	add_int(t, "class", (int64_t)p->row->class);
	add_int(t, "depth", p->depth);
	add_string(t, "filename", name);
	add_string(t, "format", p->type);
	add_int(t, "height", p->height);
	add_bytes(t, "image_bytes", p->data, p->len);
	add_string(t, "label", p->class);
	add_string(t, "licence", o->licence);
	add_string(t, "sha256", p->hex);
	add_string(t, "source", o->source);
	add_string(t, "split", p->part);
	add_string(t, "url", o->url);
	add_int(t, "width", p->width);
	add_head(&t->message, 1, t->features.len);
	buf_add(&t->message, t->features.data, t->features.len);
}

/* ---- the record --------------------------------------------------------- */

static uint32_t
masked(const struct crc32c_table *table, const void *data, size_t len)
{
	const uint32_t crc = crc32c(table, data, len);

	return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void
put_le(unsigned char *out, uint64_t n, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		out[i] = (unsigned char)(n >> 8 * i);
}

static int
put_record(struct tfrecord *t, struct export_file *f, struct err *e)
{
	unsigned char head[12], tail[4];

	put_le(head, t->message.len, 8);
	put_le(head + 8, masked(&t->crc, head, 8), 4);
	put_le(tail, masked(&t->crc, t->message.data, t->message.len), 4);
	if (export_file_add(f, head, sizeof(head), e) < 0 ||
	    export_file_add(f, t->message.data, t->message.len, e) < 0)
		return -1;
	return export_file_add(f, tail, sizeof(tail), e);
}

/* ---- shards ------------------------------------------------------------- */

static int
open_records(
    struct tfrecord *t, struct records *r, const char *part, struct err *e)
{
	char *name CLEANUP(freep) = xasprintf("%s.tfrecord-%05d", part, r->n);

	if (export_job_file(t->job, name, &r->file, e) < 0)
		return -1;
	r->open = true;
	r->n++;
	t->job->stats.shards++;
	return 0;
}

int
tfrecord_add(void *state, const struct export_picture *p, struct err *e)
{
	struct tfrecord *t = state;
	struct records *r = &t->parts[t->job->stream ? 0 : p->row->part];

	if (p->len > PICTURE_MAX)
		return err_set(e, ERR_INPUT,
		    "image %s is larger than %u bytes: too large for a record",
		    p->hex, PICTURE_MAX);
	make_message(t, p);
	if (r->open && !t->job->stream &&
	    r->file.bytes + 16 + (int64_t)t->message.len >
		t->job->request->shard_bytes) {
		if (export_file_end(&r->file, NULL, e) < 0)
			return -1;
		r->open = false;
	}
	if (!r->open && open_records(t, r, p->part, e) < 0)
		return -1;
	return put_record(t, &r->file, e);
}

/* How many there are is part of their names, and known only now. */
static int
name_shards(struct tfrecord *t, int part, struct err *e)
{
	const int n = t->parts[part].n, fd = t->job->folder.fd;
	const char *word = t->job->format->parts[part];
	int i;

	for (i = 0; i < n; i++) {
		char *from CLEANUP(freep) =
		    xasprintf("%s.tfrecord-%05d", word, i);
		char *to CLEANUP(freep) = xasprintf("%s-of-%05d", from, n);

		if (renameat(fd, from, fd, to) != 0)
			return err_sys(e, ERR_FATAL, "cannot rename %s/%s",
			    t->job->folder.partial, from);
	}
	return 0;
}

int
tfrecord_finish(void *state, struct err *e)
{
	struct tfrecord *t = state;
	int part;

	for (part = 0; part < PART_COUNT; part++) {
		if (!t->parts[part].open)
			continue;
		if (export_file_end(&t->parts[part].file, NULL, e) < 0 ||
		    (!t->job->stream && name_shards(t, part, e) < 0))
			return -1;
	}
	return 0;
}
