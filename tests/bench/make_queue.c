/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_queue FOLDER URLS HOSTS PORT: a workspace with so many URLs of images
 * waiting, of so many hosts 127.1.x.y:PORT, by the ways of the store.  Half of
 * them are of the first host, so that it stands in the way of the others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/frontier_images.h"

#define COMMIT_EACH 100000

struct plan {
	int64_t urls, hosts, port;
	struct frontier_source source;
};

static int
add(struct store *s, const struct plan *p, int64_t n, struct err *e)
{
	int64_t h = n < p->urls / 2 ? 0 : n % p->hosts, id;
	char host[64], url[128];
	struct sighting sight = { .url = url, .host = host, .label = "rings" };
	bool is_new;

	snprintf(host, sizeof(host), "127.1.%d.%d:%" PRId64,
	    (int)(h / 250 % 250), (int)(1 + h % 250), p->port);
	snprintf(url, sizeof(url),
	    "http://%s/made/h%" PRId64 "/%" PRId64 ".png", host, h, n);
	return frontier_sight(s, &p->source, &sight, &id, &is_new, e);
}

static int
fill(struct store *s, struct plan *p, struct err *e)
{
	int64_t n;

	if (run_begin(s, "make_queue", "[]", e) < 0 || store_begin(s, e) < 0 ||
	    frontier_begin(
		s, "queue", "list", "f", 3600, false, &p->source, e) < 0)
		return -1;
	for (n = 0; n < p->urls; n++) {
		if (store_begin(s, e) < 0 || add(s, p, n, e) < 0 ||
		    (n % COMMIT_EACH == 0 && store_commit(s, e) < 0))
			return -1;
	}
	if (store_begin(s, e) < 0 || frontier_finish(s, &p->source, e) < 0 ||
	    store_commit(s, e) < 0)
		return -1;
	return run_end(s, 0, e);
}

int
main(int argc, char **argv)
{
	char *names[] = { (char[]){ "rings" } };
	const struct strlist classes = { .v = names, .n = 1 };
	struct store *s = NULL;
	struct plan p = { 0 };
	struct err e = { 0 };
	int status;

	if (argc != 5) {
		fprintf(stderr, "usage: make_queue FOLDER URLS HOSTS PORT\n");
		return 2;
	}
	p.urls = strtoll(argv[2], NULL, 10);
	p.hosts = strtoll(argv[3], NULL, 10);
	p.port = strtoll(argv[4], NULL, 10);
	if (store_create_with(argv[1], &classes, &e) < 0 ||
	    store_open(argv[1], STORE_WRITE, &s, &e) < 0) {
		fprintf(stderr, "make_queue: %s\n", e.msg);
		return 1;
	}
	status = fill(s, &p, &e);
	store_close(s);
	if (status < 0)
		fprintf(stderr, "make_queue: %s\n", e.msg);
	return status < 0;
}
