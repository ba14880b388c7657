/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures that come with their addresses, and need not be asked for.
 */
#include "scraper/gather_list.h"
#include "store/forget.h"

int
image_keep(struct gather *g, int64_t id, const char *url, const void *bytes,
    size_t len, struct err *e)
{
	unsigned char sha256[SHA256_SIZE];
	int64_t tombstone = 0;
	bool is_new;
	int rc;

	if (len > (size_t)g->conf->scraper->max_bytes)
		return 0; /* the engine says why, when it is asked for */
	rc = blob_put_of(g->store, id, url, bytes, len, sha256, e);
	if (rc == 1) { /* forgotten for good */
		g->stats->failed++;
		g->stats->refused++;
		return forget_knows_image(g->store, sha256, &tombstone, e) < 0
		    ? -1
		    : forget_url_again(g->store, id, tombstone, e);
	}
	if (rc < 0 ||
	    frontier_image_held(g->store, id, sha256, (int64_t)len, 200, NULL,
		NULL, &is_new, e) < 0)
		return -1;
	g->stats->fetched++;
	g->stats->new_images += is_new;
	g->stats->bytes += (int64_t)len;
	g->progress.done = g->stats->fetched;
	return 0;
}
