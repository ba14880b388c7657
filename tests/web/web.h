/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web: the loopback web that the end-to-end tests and the demo gather from.
 *
 * One thread a connection (libmicrohttpd's), since an answer may sleep for
 * as long as it likes; no test opens more than some tens of them.
 */
#ifndef TESTS_WEB_WEB_H
#define TESTS_WEB_WEB_H

#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"

#define PAGE_MAX ((size_t)64 << 20) /* bytes of a page, list or answer */
#define IMAGE_MAX ((size_t)64 << 20)
#define MADE_MAX 1000000u /* made pictures of a class */

/* What the command line asks for. */
struct web_conf {
	const char *root;        /* a tree of photographs, or NULL: made ones */
	const char *robots_file; /* served as robots.txt; NULL: ours */
	const char *recorded;    /* a tree of recorded answers, or NULL */
	const char *licence;     /* of all photographs; NULL: they vary */
	int64_t robots_status;   /* answered instead of robots.txt; 0: no */
	int64_t delay_ms;        /* before each answer */
	int64_t made;            /* pictures of each class without a root */
	int64_t imageinfo_max;   /* in one API answer; 0: in all its pages */
	bool anyone;             /* serve whoever asks, not only loopback */
	bool maxlag_once;        /* the first API answer is an error */
};

struct web {
	struct web_conf conf;
	int log_fd; /* -1: no log */
	atomic_bool stopping, lagged;
	atomic_int flaked;    /* times that flaky.jpg was not ready */
	pthread_mutex_t lock; /* guards the two below */
	json_t *asked;        /* target: number of requests */
	json_t *sent;         /* target: bytes given to streamed answers */
};

struct request {
	struct web *web;
	struct MHD_Connection *conn;
	const char *method;
	const char *path; /* decoded, without the query */
	char *target;     /* path and query as they came */
	int64_t came_ms;  /* by clock_ms() */
	bool seen;        /* the access handler has run before */
};

/* Answers a request; rest is the decoded path behind the entry's prefix. */
typedef enum MHD_Result handler_fn(struct request *, const char *rest);

handler_fn serve_album, serve_api, serve_counter, serve_gallery, serve_hostile,
    serve_image, serve_list, serve_made, serve_private, serve_robots,
    serve_recorded, serve_sent, serve_static, serve_trap, serve_maze;

/* The head of an answer; what is 0 is not said. */
struct head {
	unsigned status;
	const char *type;     /* Content-Type */
	const char *etag;     /* with its quotes */
	const char *location; /* of a redirect */
	const char *error;    /* MediaWiki-API-Error */
	time_t modified;
	int retry_after_s;
};

/*
 * Answer with bytes, whose memory moves into the answer, or with all of a
 * file, which is closed.  Answers with 200 and an ETag or a date honour
 * If-None-Match, If-Modified-Since, Range and If-Range (RFC 9110).
 */
enum MHD_Result reply_bytes(
    struct request *, const struct head *, struct buf *);
enum MHD_Result reply_file(
    struct request *, const struct head *, int fd, uint64_t size);

/* An HTML page, with an ETag made from its bytes. */
enum MHD_Result reply_page(struct request *, struct buf *);
/* The same for any other text. */
enum MHD_Result reply_text(struct request *, const char *type, struct buf *);
/* A short page that only says what the status means. */
enum MHD_Result reply_status(struct request *, unsigned status);
enum MHD_Result reply_redirect(struct request *, const char *location);

/*
 * A body that is made while it is sent.  fill puts at most max bytes of it,
 * from byte `at` on, and returns how many; or one of MHD's two ends.
 */
typedef ssize_t fill_fn(struct web *, uint64_t at, char *, size_t max);
/* size is what Content-Length says; MHD_SIZE_UNKNOWN: chunked. */
enum MHD_Result reply_stream(
    struct request *, const struct head *, uint64_t size, fill_fn *fill);

/* Sleep; false when the server is asked to stop. */
bool web_nap(struct web *, int64_t ms);

/* The Host that the client named, if it is safe to repeat; else ours. */
const char *request_host(const struct request *);
/* An argument of the query, or NULL. */
const char *request_arg(const struct request *, const char *name);
/* A number among the arguments, held between the two limits. */
int64_t request_number(const struct request *, const char *name, int64_t def,
    int64_t least, int64_t most);

#endif
