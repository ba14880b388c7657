/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address: which addresses may be connected to.
 *
 * Judged is the address that a connection is about to be made to, never the
 * text of a URL: so a name that resolves to a private address, or an address
 * written in an odd way, is caught as well.
 */
#ifndef SCRAPER_ADDRESS_H
#define SCRAPER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/opt.h"

/*
 * Is it globally reachable, by IANA's registries of special-purpose
 * addresses?  IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4) is judged
 * as IPv4.
 */
bool address_is_public(const struct sockaddr *);

/* One address in one form: IPv4 is mapped into IPv6. */
struct address {
	unsigned char v[16];
};
#define ADDRESS_TEXT 48 /* bytes of one as text */

/* false for what is neither IPv4 nor IPv6. */
bool address_of(const struct sockaddr *, struct address *ret);
/* Of the usual text of one, without brackets or a zone. */
bool address_parse(const char *text, struct address *ret);
/* buf of ADDRESS_TEXT bytes; IPv6 comes in brackets, as in a URL. */
const char *address_show(const struct address *, char *buf);
bool address_is_global(const struct address *);

struct cidr {
	unsigned char addr[16]; /* as IPv6; IPv4 is mapped */
	int bits;
};

/* "127.0.0.0/8", "::1", "10.1.2.3". */
int cidr_parse(const char *text, struct cidr *ret, struct err *);
bool cidr_has(const struct cidr *, const struct sockaddr *);
bool cidr_has_address(const struct cidr *, const struct address *);

#endif
