/* SPDX-License-Identifier: Apache-2.0 */
#include "scraper/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* RFC 6890 and the registry that it made; the masks are in bits. */
static const struct {
	uint32_t net;
	int bits;
} special4[] = {
	{ 0x00000000, 8 },  /* 0/8 this network */
	{ 0x0a000000, 8 },  /* 10/8 private */
	{ 0x64400000, 10 }, /* 100.64/10 carrier-grade NAT */
	{ 0x7f000000, 8 },  /* 127/8 loopback */
	{ 0xa9fe0000, 16 }, /* 169.254/16 link-local, cloud metadata */
	{ 0xac100000, 12 }, /* 172.16/12 private */
	{ 0xc0000000, 24 }, /* 192.0.0/24 protocol assignments */
	{ 0xc0000200, 24 }, /* 192.0.2/24 documentation */
	{ 0xc0586300, 24 }, /* 192.88.99/24 6to4 relays */
	{ 0xc0a80000, 16 }, /* 192.168/16 private */
	{ 0xc6120000, 15 }, /* 198.18/15 benchmarks */
	{ 0xc6336400, 24 }, /* 198.51.100/24 documentation */
	{ 0xcb007100, 24 }, /* 203.0.113/24 documentation */
	{ 0xe0000000, 4 },  /* 224/4 multicast */
	{ 0xf0000000, 4 },  /* 240/4 reserved, broadcast */
};

/* What is special inside 2000::/3; all outside of it is special. */
static const struct {
	unsigned char net[4];
	int bits;
} special6[] = {
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* 2001::/23 protocols */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* 2001:db8::/32 documentation */
	{ { 0x3f, 0xff, 0x00, 0x00 }, 20 }, /* 3fff::/20 documentation */
};

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
	unsigned char mask = (unsigned char)(0xff00u >> bits % 8);

	return memcmp(a, b, (size_t)bits / 8) == 0 &&
	    (bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

static bool
is_public4(const unsigned char *bytes)
{
	uint32_t addr, i;

	memcpy(&addr, bytes, sizeof(addr));
	addr = ntohl(addr);
	for (i = 0; i < ARRAY_SIZE(special4); i++)
		if ((addr ^ special4[i].net) >> (32 - special4[i].bits) == 0)
			return false;
	return true;
}

static bool
is_public6(const unsigned char *a)
{
	static const unsigned char nothing[12];
	static const unsigned char nat64[12] = { 0, 0x64, 0xff, 0x9b };
	size_t i;

	if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0 ||
	    memcmp(a, nothing, 12) == 0)
		return is_public4(a + 12);
	if (a[0] == 0x20 && a[1] == 0x02)
		return is_public4(a + 2); /* 2002::/16, 6to4 */
	if ((a[0] & 0xe0) != 0x20)
		return false;
	for (i = 0; i < ARRAY_SIZE(special6); i++)
		if (same_bits(a, special6[i].net, special6[i].bits))
			return false;
	return true;
}

bool
address_of(const struct sockaddr *sa, struct address *ret)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	if (sa->sa_family == AF_INET6) {
		memcpy(ret->v, in6->sin6_addr.s6_addr, 16);
		return true;
	}
	if (sa->sa_family != AF_INET)
		return false;
	memcpy(ret->v, mapped, 12);
	memcpy(ret->v + 12, &in->sin_addr, 4);
	return true;
}

bool
address_parse(const char *text, struct address *ret)
{
	if (inet_pton(AF_INET, text, ret->v + 12) == 1) {
		memcpy(ret->v, mapped, 12);
		return true;
	}
	return inet_pton(AF_INET6, text, ret->v) == 1;
}

const char *
address_show(const struct address *a, char *buf)
{
	if (memcmp(a->v, mapped, 12) == 0)
		return inet_ntop(AF_INET, a->v + 12, buf, ADDRESS_TEXT);
	buf[0] = '[';
	inet_ntop(AF_INET6, a->v, buf + 1, ADDRESS_TEXT - 2);
	memcpy(buf + strlen(buf), "]", 2);
	return buf;
}

bool
address_is_global(const struct address *a)
{
	return is_public6(a->v);
}

bool
address_is_public(const struct sockaddr *sa)
{
	struct address a;

	return address_of(sa, &a) && address_is_global(&a);
}

int
cidr_parse(const char *text, struct cidr *ret, struct err *e)
{
	const char *slash = strchr(text, '/');
	char *addr CLEANUP(freep) = xstrndup(
	    text, slash == NULL ? strlen(text) : (size_t)(slash - text));
	int64_t bits = 128, most = 128;

	if (inet_pton(AF_INET, addr, ret->addr + 12) == 1) {
		memcpy(ret->addr, mapped, 12);
		bits = most = 32;
	} else if (inet_pton(AF_INET6, addr, ret->addr) != 1) {
		return err_set(
		    e, ERR_USAGE, "\"%s\" is no address or network", text);
	}
	if (slash != NULL &&
	    (!text_to_int(slash + 1, &bits) || bits < 0 || bits > most))
		return err_set(e, ERR_USAGE,
		    "\"%s\": 0 to %d bits may follow the slash", text,
		    (int)most);
	ret->bits = (int)(bits + 128 - most);
	return 0;
}

bool
cidr_has_address(const struct cidr *c, const struct address *a)
{
	return same_bits(a->v, c->addr, c->bits);
}

bool
cidr_has(const struct cidr *c, const struct sockaddr *sa)
{
	struct address a;

	return address_of(sa, &a) && cidr_has_address(c, &a);
}
