/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crc32c: CRC-32C (Castagnoli; RFC 3720, appendix B.4), four bytes at a
 * time.  Debian 12 has it for Python only.
 */
#ifndef STORE_CRC32C_H
#define STORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

struct crc32c_table {
	uint32_t v[4][256];
};

static inline void
crc32c_init(struct crc32c_table *t)
{
	uint32_t i, k, crc;

	for (i = 0; i < 256; i++) {
		crc = i;
		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
		t->v[0][i] = crc;
	}
	for (i = 0; i < 256; i++)
		for (k = 1; k < 4; k++)
			t->v[k][i] = t->v[k - 1][i] >> 8 ^
			    t->v[0][t->v[k - 1][i] & 0xff];
}

static inline uint32_t
crc32c(const struct crc32c_table *t, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint32_t crc = 0xffffffffu;

	for (; len >= 4; p += 4, len -= 4) {
		crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		crc = t->v[3][crc & 0xff] ^ t->v[2][crc >> 8 & 0xff] ^
		    t->v[1][crc >> 16 & 0xff] ^ t->v[0][crc >> 24];
	}
	for (; len > 0; p++, len--)
		crc = crc >> 8 ^ t->v[0][(crc ^ *p) & 0xff];
	return ~crc;
}

#endif
