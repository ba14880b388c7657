/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libjpeg leaves a function by longjmp() when it meets an error, so what
 * lives across that is in structures and never in a local variable.
 */
#include "prep/jpeg_int.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* After the above, which it needs. */
#include <jerror.h>
#include <jpeglib.h>

#include "base/mem.h"

/* Where libvips stops, too; real progressive files have about ten scans. */
#define WARNINGS_MAX 100
#define SCANS_MAX 100
#define PIECE 4096 /* bytes handed over at a time */
#define ROWS 16    /* asked for at a time */
#define SEGMENT_MAX 65533
#define ICC_PARTS 10 /* that libvips would take together */
#define M_EXIF (JPEG_APP0 + 1)
#define M_ICC (JPEG_APP0 + 2)
#define ORIENTATION 0x0112

struct failure {
	struct jpeg_error_mgr mgr;
	jmp_buf jump;
};

struct jpeg {
	struct jpeg_decompress_struct d;
	struct failure failure;
	struct jpeg_source_mgr source;
	struct jpeg_progress_mgr progress;
	const void *data;
	size_t len, at; /* bytes; those handed over */
	JOCTET *icc;    /* owned; or NULL */
	bool fresh;     /* the header has been read, and nothing after it */
	bool doubtful;
};

/* ---- errors: never to stderr ---- */

static void
give_up(j_common_ptr common)
{
	struct failure *f = (struct failure *)common->err;

	longjmp(f->jump, 1);
}

/* A few are doubts; so many, and there is no picture left. */
static void
count_warning(j_common_ptr common, int level)
{
	if (level < 0 && ++common->err->num_warnings >= WARNINGS_MAX)
		give_up(common);
}

static void
print_nothing(j_common_ptr common)
{
	(void)common;
}

static struct jpeg_error_mgr *
failure_init(struct failure *f)
{
	jpeg_std_error(&f->mgr);
	f->mgr.error_exit = give_up;
	f->mgr.emit_message = count_warning;
	f->mgr.output_message = print_nothing;
	return &f->mgr;
}

/*
 * ---- the source: all of it is there, and behind it is an error ----
 *
 * It is handed over in pieces as small as libvips' own, for 3 % of the time:
 * the decoder has a fast way that it takes while much is at hand, and that
 * passes over damage without a word.
 */

static void
do_nothing(j_decompress_ptr d)
{
	(void)d;
}

static boolean
next_piece(j_decompress_ptr d)
{
	struct jpeg *j = (struct jpeg *)d;
	const size_t left = j->len - j->at;

	if (left == 0)
		ERREXIT(d, JERR_INPUT_EOF);
	j->source.next_input_byte = (const JOCTET *)j->data + j->at;
	j->source.bytes_in_buffer = left < PIECE ? left : PIECE;
	j->at += j->source.bytes_in_buffer;
	return TRUE;
}

static void
skip(j_decompress_ptr d, long n)
{
	struct jpeg *j = (struct jpeg *)d;

	if (n <= 0)
		return;
	while ((size_t)n > j->source.bytes_in_buffer) {
		n -= (long)j->source.bytes_in_buffer;
		next_piece(d);
	}
	j->source.next_input_byte += n;
	j->source.bytes_in_buffer -= (size_t)n;
}

/* Each scan of a progressive file can cost as much as a whole file. */
static void
limit_scans(j_common_ptr common)
{
	const struct jpeg_decompress_struct *d = (j_decompress_ptr)common;

	if (d->input_scan_number >= SCANS_MAX)
		ERREXIT(common, JERR_BAD_PROGRESSION);
}

/* ---- EXIF (CIPA DC-008): the orientation in the first directory ---- */

struct exif {
	const uint8_t *data; /* from the byte order on */
	size_t len;
	bool big;
};

/* An unsigned number of 2 or 4 bytes; 0 when it is not inside. */
static uint32_t
exif_number(const struct exif *e, size_t at, size_t size)
{
	uint32_t n = 0;
	size_t i;

	if (at > e->len || size > e->len - at)
		return 0;
	for (i = 0; i < size; i++)
		n = n << 8 | e->data[at + (e->big ? i : size - 1 - i)];
	return n;
}

/* The first value of a directory's entry; 0 when it is no whole number. */
static uint32_t
exif_value(const struct exif *e, size_t entry)
{
	/* By type: BYTE, SHORT, LONG, SBYTE, SSHORT, SLONG. */
	static const uint8_t sizes[] = { 0, 1, 0, 2, 4, 0, 1, 0, 2, 4 };
	const uint32_t type = exif_number(e, entry + 2, 2);
	const uint32_t count = exif_number(e, entry + 4, 4);
	const size_t size = type < sizeof(sizes) ? sizes[type] : 0;

	if (size == 0 || count == 0)
		return 0;
	if (count <= 4 / size)
		return exif_number(e, entry + 8, size);
	return exif_number(e, exif_number(e, entry + 8, 4), size);
}

static int
exif_orientation(const uint8_t *data, size_t len)
{
	struct exif e = { .data = data + 6, .len = len - 6 };
	size_t at, entry;
	uint32_t i, n, value;

	if (len < 14 || memcmp(data, "Exif\0\0", 6) != 0)
		return 1;
	e.big = e.data[0] == 'M';
	if (memcmp(e.data, e.big ? "MM" : "II", 2) != 0 ||
	    exif_number(&e, 2, 2) != 42)
		return 1;
	at = exif_number(&e, 4, 4);
	n = exif_number(&e, at, 2);
	for (i = 0; i < n; i++) {
		entry = at + 2 + 12 * (size_t)i;
		if (exif_number(&e, entry, 2) != ORIENTATION)
			continue;
		value = exif_value(&e, entry);
		return value >= 1 && value <= 8 ? (int)value : 1;
	}
	return 1;
}

/* ---- the header ---- */

static bool
is_exif(const struct jpeg_marker_struct *m)
{
	return m->marker == M_EXIF && m->data_length > 4 &&
	    memcmp(m->data, "Exif", 4) == 0;
}

static bool
is_icc(const struct jpeg_marker_struct *m)
{
	return m->marker == M_ICC && m->data_length > 14 &&
	    memcmp(m->data, "ICC_PROFILE", 12) == 0;
}

/* False when there are parts of a profile that make no whole. */
static bool
take_markers(struct jpeg *j, struct jpeg_header *h)
{
	const struct jpeg_marker_struct *m;
	unsigned int len = 0;
	int parts = 0;

	h->orientation = 0;
	for (m = j->d.marker_list; m != NULL; m = m->next) {
		if (h->orientation == 0 && is_exif(m))
			h->orientation =
			    exif_orientation(m->data, m->data_length);
		parts += is_icc(m);
	}
	h->orientation += h->orientation == 0;
	if (parts == 0)
		return true;
	if (parts > ICC_PARTS || !jpeg_read_icc_profile(&j->d, &j->icc, &len))
		return false;
	h->icc = j->icc;
	h->icc_len = len;
	return true;
}

/* To the state in which a decoding can be started; may jump. */
static void
read_header(struct jpeg *j)
{
	jpeg_abort_decompress(&j->d);
	j->source.bytes_in_buffer = 0;
	j->at = 0;
	jpeg_read_header(&j->d, TRUE);
	j->fresh = true;
}

static enum jpeg_kind
open_header(struct jpeg *j, struct jpeg_header *h)
{
	if (setjmp(j->failure.jump) != 0)
		return JPEG_BROKEN;
	jpeg_create_decompress(&j->d);
	j->d.src = &j->source;
	j->d.progress = &j->progress;
	jpeg_save_markers(&j->d, M_EXIF, SEGMENT_MAX);
	jpeg_save_markers(&j->d, M_ICC, SEGMENT_MAX);
	read_header(j);
	h->w = (int)j->d.image_width;
	h->h = (int)j->d.image_height;
	h->bands = j->d.num_components;
	if (!(h->bands == 1 && j->d.jpeg_color_space == JCS_GRAYSCALE) &&
	    !(h->bands == 3 && j->d.out_color_space == JCS_RGB))
		return JPEG_OTHER;
	return take_markers(j, h) ? JPEG_PLAIN : JPEG_OTHER;
}

enum jpeg_kind
jpeg_open(const void *data, size_t len, struct jpeg **ret,
    struct jpeg_header *ret_header)
{
	struct jpeg *j = xcalloc(1, sizeof(*j));
	struct jpeg_header header = { .icc = NULL };
	enum jpeg_kind kind;

	j->data = data;
	j->len = len;
	j->source = (struct jpeg_source_mgr){
		.init_source = do_nothing,
		.fill_input_buffer = next_piece,
		.skip_input_data = skip,
		.resync_to_restart = jpeg_resync_to_restart,
		.term_source = do_nothing,
	};
	j->progress.progress_monitor = limit_scans;
	j->d.err = failure_init(&j->failure);
	kind = open_header(j, &header);
	if (kind != JPEG_PLAIN) {
		jpeg_close(j);
		return kind;
	}
	*ret = j;
	*ret_header = header;
	return kind;
}

void
jpeg_close(struct jpeg *j)
{
	if (j == NULL)
		return;
	jpeg_destroy_decompress(&j->d);
	free(j->icc);
	free(j);
}

bool
jpeg_is_doubtful(const struct jpeg *j)
{
	return j->doubtful || j->failure.mgr.num_warnings > 0;
}

/* ---- pixels ---- */

/*
 * May jump.  The decoder's rows can be longer by one pixel, and it has one
 * row more, where a side is no multiple of the shrink: what is too much of a
 * row is written over by the next, and after the last there is slack.
 */
static void
read_rows(struct jpeg *j, struct raster *r)
{
	const size_t row = (size_t)r->w * RASTER_BANDS;
	JSAMPROW rows[ROWS];
	size_t y, i;

	while (j->d.output_scanline < (JDIMENSION)r->h) {
		y = j->d.output_scanline;
		for (i = 0; i < ROWS && y + i < (size_t)r->h; i++)
			rows[i] = r->px + (y + i) * row;
		jpeg_read_scanlines(&j->d, rows, (JDIMENSION)i);
	}
}

static int
shrunk(JDIMENSION side, int shrink)
{
	const int to = (int)side / shrink;

	return to < 1 ? 1 : to;
}

int
jpeg_decode(struct jpeg *j, int shrink, struct raster *ret)
{
	j->doubtful = jpeg_is_doubtful(j);
	ret->px = NULL;
	if (setjmp(j->failure.jump) != 0) {
		raster_release(ret);
		return -1;
	}
	if (!j->fresh)
		read_header(j);
	j->fresh = false;
	j->d.scale_num = 1;
	j->d.scale_denom = (unsigned int)shrink;
	j->d.out_color_space = JCS_RGB;
	j->d.dct_method = JDCT_ISLOW;
	*ret = raster_new(shrunk(j->d.image_width, shrink),
	    shrunk(j->d.image_height, shrink));
	jpeg_start_decompress(&j->d);
	read_rows(j, ret);
	return 0;
}

/* ---- and back ---- */

#define ROOM 32768 /* bytes asked for at a time */

struct sink {
	struct jpeg_compress_struct c;
	struct failure failure;
	struct jpeg_destination_mgr mgr;
	struct buf *out;
	size_t room;
};

static void
sink_room(j_compress_ptr c)
{
	struct sink *s = (struct sink *)c;
	const size_t left = s->out->cap - s->out->len;

	s->room = left < ROOM ? left : ROOM;
	if (s->room == 0)
		ERREXIT(c, JERR_FILE_WRITE);
	s->mgr.next_output_byte = buf_room(s->out, s->room);
	s->mgr.free_in_buffer = s->room;
}

static boolean
sink_next(j_compress_ptr c)
{
	struct sink *s = (struct sink *)c;

	s->out->len += s->room;
	sink_room(c);
	return TRUE;
}

static void
sink_end(j_compress_ptr c)
{
	struct sink *s = (struct sink *)c;

	s->out->len += s->room - s->mgr.free_in_buffer;
}

static int
write_rows(struct sink *s, const struct raster *r, int quality, bool full)
{
	struct jpeg_compress_struct *const c = &s->c;
	JSAMPROW row;

	if (setjmp(s->failure.jump) != 0)
		return -1;
	jpeg_create_compress(c);
	c->dest = &s->mgr;
	c->image_width = (JDIMENSION)r->w;
	c->image_height = (JDIMENSION)r->h;
	c->input_components = RASTER_BANDS;
	c->in_color_space = JCS_RGB;
	jpeg_set_defaults(c);
	jpeg_set_quality(c, quality, TRUE);
	c->comp_info[0].h_samp_factor = full ? 1 : 2;
	c->comp_info[0].v_samp_factor = full ? 1 : 2;
	jpeg_start_compress(c, TRUE);
	while (c->next_scanline < c->image_height) {
		row = r->px +
		    (size_t)c->next_scanline * (size_t)r->w * RASTER_BANDS;
		jpeg_write_scanlines(c, &row, 1);
	}
	jpeg_finish_compress(c);
	return 0;
}

int
jpeg_encode(
    const struct raster *r, int quality, bool full_chroma, struct buf *out)
{
	const size_t before = out->len;
	struct sink s = {
		.mgr = { .init_destination = sink_room,
		    .empty_output_buffer = sink_next,
		    .term_destination = sink_end },
		.out = out,
	};
	int rc;

	s.c.err = failure_init(&s.failure);
	rc = write_rows(&s, r, quality, full_chroma);
	jpeg_destroy_compress(&s.c);
	if (rc < 0)
		out->len = before;
	if (out->data != NULL)
		out->data[out->len] = 0;
	return rc;
}
