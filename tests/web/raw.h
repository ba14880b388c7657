/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw: one connection of rawd, and what it may do to it.
 */
#ifndef TESTS_WEB_RAW_H
#define TESTS_WEB_RAW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"

#define RAW_IMAGE_MAX ((size_t)1 << 20)

/* What requests have left behind. */
struct raw_state {
	atomic_int flaps; /* answers of flap.png so far */
	atomic_int limited, moved, hurried;
};

struct raw {
	int fd;
	int64_t port, came_ms;
	atomic_bool *stopping;
	struct raw_state *state;
	uint64_t sent;
	char head[16384]; /* of the request */
	char path[2048];  /* with the query */
};

/* What is served under a name; as raw_answer(). */
struct raw_row {
	const char *name;
	bool (*answer)(struct raw *);
};
extern const struct raw_row raw_bad[], raw_docs[];

/* Answer a request; false when the connection is to be closed. */
bool raw_answer(struct raw *);

/* "200 OK\r\nX-Some: header", the length, and the body. */
bool raw_reply(struct raw *, const char *head, const void *, size_t len);
bool raw_reply_text(struct raw *, const char *head, const char *body);
/* The last part of the path. */
const char *raw_name(const struct raw *);
/* The same with a picture, of which each path has its own. */
bool raw_good(struct raw *, const char *head);
void raw_picture(const struct raw *, struct buf *);

/* False when the client is gone, the server stops or a minute is over. */
bool raw_send(struct raw *, const void *data, size_t len);
bool raw_text(struct raw *, const char *);
bool raw_wait(struct raw *, int64_t ms);
bool raw_readable(struct raw *);

/* A header of the request; *ret, if wanted, is freed by the caller. */
bool raw_header(const struct raw *, const char *name, char **ret);

#endif
