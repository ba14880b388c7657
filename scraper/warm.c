/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What readers would load from files when first needed, loaded before the
 * sandbox closes: the converters of glibc's iconv, through which libxml2
 * reads legacy charsets, and jansson's seed.
 *
 * The charsets are those of the Encoding Standard (encoding.spec.whatwg.org,
 * 4.2), by glibc's names, with two subsets that pages still name.  For others
 * libxml2 has ICU, if it was built with it, which needs no files.
 */
#include <iconv.h>
#include <jansson.h>
#include <libxml/parser.h>

#include "base/mem.h"
#include "scraper/read.h"

static const char *const charsets[] = { "UTF-8", "UTF-16", "UTF-16LE",
	"UTF-16BE", "IBM866", "ISO-8859-1", "ISO-8859-2", "ISO-8859-3",
	"ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7", "ISO-8859-8",
	"ISO-8859-9", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14",
	"ISO-8859-15", "ISO-8859-16", "KOI8-R", "KOI8-U", "MACINTOSH",
	"MAC-CYRILLIC", "CP874", "TIS-620", "CP1250", "CP1251", "CP1252",
	"CP1253", "CP1254", "CP1255", "CP1256", "CP1257", "CP1258", "GBK",
	"GB2312", "GB18030", "BIG5", "BIG5-HKSCS", "EUC-JP", "ISO-2022-JP",
	"SHIFT_JIS", "CP932", "EUC-KR", "CP949" };

struct read_warm {
	/* Open, since glibc unloads what nobody holds. */
	iconv_t held[ARRAY_SIZE(charsets)];
};

struct read_warm *
read_warm_new(void)
{
	struct read_warm *warm = xcalloc(1, sizeof(*warm));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(charsets); i++)
		warm->held[i] = iconv_open("UTF-8", charsets[i]);
	json_object_seed(0);
	xmlInitParser();
	return warm;
}

void
read_warm_free(struct read_warm *warm)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(charsets); i++)
		if (warm->held[i] != (iconv_t)-1)
			iconv_close(warm->held[i]);
	free(warm);
}
