/* SPDX-License-Identifier: Apache-2.0 */
#include "prep/profile_int.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define HEADER 128
#define TAGS_MAX 100
#define NEAR_PRIMARY 0.003
#define NEAR_CURVE 0.01
#define SAMPLES 32

struct bytes {
	const uint8_t *data;
	size_t len;
};

static uint32_t
number(struct bytes b, size_t at, int size)
{
	uint32_t n = 0;

	while (size-- > 0)
		n = n << 8 | b.data[at++];
	return n;
}

/* s15Fixed16Number */
static double
fixed(struct bytes b, size_t at)
{
	return (int32_t)number(b, at, 4) / 65536.0;
}

static bool
says(struct bytes b, size_t at, const char *signature)
{
	return b.len >= at + 4 && memcmp(b.data + at, signature, 4) == 0;
}

bool
profile_fits(const void *profile, size_t len, int bands)
{
	const struct bytes b = { profile, len };

	switch (bands) {
	case 1:
		return says(b, 16, "GRAY");
	case 3:
		return says(b, 16, "RGB ");
	case 4:
		return says(b, 16, "CMYK");
	default:
		return false;
	}
}

/* The content of a tag; empty when it is not there or not inside. */
static struct bytes
tag(struct bytes b, const char *signature)
{
	uint32_t n, i, at, size;

	if (b.len < HEADER + 4)
		return (struct bytes){ 0 };
	n = number(b, HEADER, 4);
	for (i = 0; i < n && i < TAGS_MAX; i++) {
		at = HEADER + 4 + 12 * i;
		if (at + 12 > b.len)
			break;
		if (!says(b, at, signature))
			continue;
		size = number(b, at + 8, 4);
		at = number(b, at + 4, 4);
		if (at > b.len || size > b.len - at)
			break;
		return (struct bytes){ b.data + at, size };
	}
	return (struct bytes){ 0 };
}

static bool
has_primary(struct bytes b, const char *signature, const double xyz[3])
{
	const struct bytes t = tag(b, signature);
	int i;

	if (t.len < 20 || !says(t, 0, "XYZ "))
		return false;
	for (i = 0; i < 3; i++)
		if (!(fabs(fixed(t, 8 + 4 * (size_t)i) - xyz[i]) <
			NEAR_PRIMARY))
			return false;
	return true;
}

static double
srgb_curve(double x)
{
	return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

/* parametricCurveType 3 and 4: a power above d, a line below. */
static double
parametric(struct bytes t, double x)
{
	const bool shifted = number(t, 8, 2) == 4;
	const double g = fixed(t, 12), a = fixed(t, 16), b = fixed(t, 20);
	const double c = fixed(t, 24), d = fixed(t, 28);
	const double e = shifted ? fixed(t, 32) : 0;
	const double f = shifted ? fixed(t, 36) : 0;

	return x >= d ? pow(a * x + b, g) + e : c * x + f;
}

static bool
is_parametric(struct bytes t)
{
	const uint32_t type = t.len < 12 ? 0 : number(t, 8, 2);

	return says(t, 0, "para") &&
	    ((type == 3 && t.len >= 32) || (type == 4 && t.len >= 40));
}

/* curveType: a table of n samples over 0..1. */
static double
tabulated(struct bytes t, uint32_t n, double x)
{
	const double at = x * (n - 1);
	const uint32_t i = at >= n - 1 ? n - 2 : (uint32_t)at;
	const double low = number(t, 12 + 2 * (size_t)i, 2);
	const double high = number(t, 14 + 2 * (size_t)i, 2);

	return (low + (high - low) * (at - i)) / 65535;
}

static bool
has_srgb_curve(struct bytes b, const char *signature)
{
	const struct bytes t = tag(b, signature);
	const bool is_table = t.len >= 12 && says(t, 0, "curv");
	const uint32_t n = is_table ? number(t, 8, 4) : 0;
	double x, y;
	int i;

	if (is_table && (n < 256 || n > (t.len - 12) / 2))
		return false;
	if (!is_table && !is_parametric(t))
		return false;
	for (i = 0; i <= SAMPLES; i++) {
		x = (double)i / SAMPLES;
		y = is_table ? tabulated(t, n, x) : parametric(t, x);
		if (!(fabs(y - srgb_curve(x)) < NEAR_CURVE))
			return false;
	}
	return true;
}

bool
profile_is_srgb(const void *profile, size_t len)
{
	static const double red[] = { 0.43607, 0.22249, 0.01392 };
	static const double green[] = { 0.38515, 0.71687, 0.09708 };
	static const double blue[] = { 0.14307, 0.06061, 0.71410 };
	const struct bytes b = { profile, len };

	return says(b, 16, "RGB ") && says(b, 20, "XYZ ") &&
	    tag(b, "A2B0").len == 0 && has_primary(b, "rXYZ", red) &&
	    has_primary(b, "gXYZ", green) && has_primary(b, "bXYZ", blue) &&
	    has_srgb_curve(b, "rTRC") && has_srgb_curve(b, "gTRC") &&
	    has_srgb_curve(b, "bTRC");
}
