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

struct cidr {
	unsigned char addr[16]; /* as IPv6; IPv4 is mapped */
	int bits;
};

/* "127.0.0.0/8", "::1", "10.1.2.3". */
int cidr_parse(const char *text, struct cidr *ret, struct err *);
bool cidr_has(const struct cidr *, const struct sockaddr *);

#endif
