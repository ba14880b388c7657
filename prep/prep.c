/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/prep.h"

#include <string.h>

static const char *const formats[] = { "jpeg", "png", "gif", "webp", "tiff",
	"heif", "avif", "jxl", NULL };

static const struct opt prep_opts[] = {
	{ "formats", OPT_FIELD(struct prep_opts, formats),
	    .def = "{ jpeg, png, gif, webp, tiff }", .choices = formats,
	    .text = "what is read; also known: heif, avif, jxl" },
	{ "max_pixels", OPT_FIELD(struct prep_opts, max_pixels),
	    .def = "100000000", .min = 1, .max = 1e9, .unit = "pixels",
	    .text = "an image with more pixels is refused" },
	{ "max_side", OPT_FIELD(struct prep_opts, max_side), .def = "16384",
	    .min = 1, .max = 65535, .unit = "pixels",
	    .text = "an image with a longer side is refused" },
	{ "min_side", OPT_FIELD(struct prep_opts, min_side), .def = "32",
	    .min = 1, .max = 65535, .unit = "pixels",
	    .text = "an image with a shorter side is refused" },
	{ "max_aspect", OPT_FIELD(struct prep_opts, max_aspect), .def = "10",
	    .min = 1, .max = 65535,
	    .text = "an image that is longer by more than this is refused" },
	{ "max_frames", OPT_FIELD(struct prep_opts, max_frames), .def = "1000",
	    .min = 1, .max = 100000, .unit = "frames",
	    .text = "an image with more frames or pages is refused" },
	{ "deadline", OPT_FIELD(struct prep_opts, deadline), .def = "30s",
	    .min = 1, .max = 3600, .unit = "s",
	    .text = "an image that takes longer to decode is refused" },
	{ "memory", OPT_FIELD(struct prep_opts, memory), .def = "2G",
	    .min = 256 << 20, .max = 64e9, .unit = "bytes",
	    .text = "address space that a decoding child may use" },
	{ "children", OPT_FIELD(struct prep_opts, children), .def = "0",
	    .min = 0, .max = 256,
	    .text = "images decoded side by side; 0: one per processor" },
	{ 0 }
};

const struct opt_group prep_group = {
	.name = "prep",
	.text = "how images are decoded, and which are refused",
	.opts = prep_opts,
	.size = sizeof(struct prep_opts),
};

static const struct {
	const char *name, *text;
} reasons[REASON_COUNT] = {
	[REASON_none] = { "none", "can be used" },
#define REASON(id, text) [REASON_##id] = { #id, text },
#include "prep/reasons.def"
#undef REASON
};

const char *
prep_reason_name(enum prep_reason reason)
{
	return reasons[reason].name;
}

const char *
prep_reason_text(const char *name)
{
	size_t i;

	for (i = 1; i < ARRAY_SIZE(reasons); i++)
		if (strcmp(reasons[i].name, name) == 0)
			return reasons[i].text;
	return NULL;
}

void
visit_release(struct visit *v)
{
	buf_release(&v->jpeg);
	buf_release(&v->thumb);
}
