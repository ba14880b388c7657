/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frontier: URLs of images, their sightings, and what they gave.
 */
#include "store/frontier_images.h"

#include "base/clock.h"
#include "store/forget_int.h"

/* Id and, if held, sample of a URL that is known: 1, 0 or -1. */
static int
url_get(struct store *s, const char *url, int64_t *ret_id, int64_t *ret_sample,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_URL_GET, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "s", url) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1) {
		*ret_id = sqlite3_column_int64(q, 0);
		*ret_sample = sqlite3_column_int64(q, 1);
	}
	return rc;
}

int
frontier_sight(struct store *s, const struct frontier_source *source,
    const struct sighting *sight, int64_t *ret_url_id, bool *ret_new,
    struct err *e)
{
	int64_t class = 0, id = 0, sample = 0;
	bool is_new, noted;

	*ret_new = false;
	if (forget_knows_url(s, sight->url, &id, e) < 0)
		return -1;
	if (id != 0) {
		if (ret_url_id != NULL)
			*ret_url_id = 0;
		return tombstone_note(s, "gather", id, e);
	}
	if (sight->label != NULL && class_id(s, sight->label, &class, e) < 0)
		return -1;
	if (sql_insert(s, Q_URL_ADD, &id, &is_new, e, "sszi", sight->url,
		sight->host ? sight->host : "", class, sight->priority) < 0 ||
	    (!is_new && url_get(s, sight->url, &id, &sample, e) < 0) ||
	    sql_insert(s, Q_SIGHTING_ADD, NULL, &noted, e, "iiiszssssis", id,
		source->id, s->run_id, sight->page ? sight->page : "", class,
		sight->title, sight->author, sight->licence, sight->licence_url,
		clock_now(), sight->caption) < 0)
		return -1;
	if ((noted && sample != 0 && sample_claim(s, sample, e) < 0) ||
	    (noted && class != 0 && !is_new &&
		sql_run(s, Q_URL_CLASS, e, "ii", id, class) < 0))
		return -1;
	if (ret_url_id != NULL)
		*ret_url_id = id;
	*ret_new = is_new;
	return 0;
}

/* ---- what waits --------------------------------------------------------- */

int
frontier_next_host(struct store *s, const struct frontier_queue *queue,
    const char *after, char **ret_host, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_QUEUE_HOST, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "zs", queue->class_id, after) < 0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1)
		*ret_host = sql_strdup(q, 0);
	return rc;
}

/* The highest priority below that of *place: 1, 0 (none) or -1. */
static int
lower_priority(struct store *s, const struct frontier_queue *queue,
    const char *host, struct frontier_place *place, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_QUEUE_PRIORITY, e);

	if (q == NULL ||
	    sql_bind(s, q, e, "zsi", queue->class_id, host, place->priority) <
		0 ||
	    sql_step(s, q, e) < 0)
		return -1;
	if (sqlite3_column_type(q, 0) == SQLITE_NULL)
		return 0;
	*place =
	    (struct frontier_place){ .priority = sqlite3_column_int64(q, 0),
		    .known = true };
	return 1;
}

/* Those of one priority; *ret_n becomes how many there were. */
static int
waiting_at(struct store *s, const struct frontier_queue *queue,
    const char *host, int most, struct frontier_place *place,
    int (*each)(void *ctx, const struct frontier_image *), void *ctx,
    int *ret_n, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_QUEUE_URLS, e);
	struct frontier_image image;
	int rc;

	*ret_n = 0;
	if (q == NULL ||
	    sql_bind(s, q, e, "ziisiii", queue->class_id, queue->source_id,
		queue->now, host, place->priority, place->id,
		(int64_t)most) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		image = (struct frontier_image){
			.url_id = sqlite3_column_int64(q, 0),
			.url = sql_text(q, 1),
			.tries = sqlite3_column_int64(q, 2),
		};
		place->id = image.url_id;
		++*ret_n;
		if (each(ctx, &image) < 0)
			return -1;
	}
	return rc;
}

int
frontier_waiting(struct store *s, const struct frontier_queue *queue,
    const char *host, int most, struct frontier_place *place,
    int (*each)(void *ctx, const struct frontier_image *), void *ctx,
    bool *ret_end, struct err *e)
{
	int rc, n;

	*ret_end = false;
	while (most > 0) {
		if (place->known) {
			if (waiting_at(s, queue, host, most, place, each, ctx,
				&n, e) < 0)
				return -1;
			most -= n;
			if (most == 0)
				return 0;
		}
		rc = lower_priority(s, queue, host, place, e);
		if (rc < 0)
			return -1;
		*ret_end = rc == 0;
		if (rc == 0)
			return 0;
	}
	return 0;
}

int
frontier_count_held(struct store *s, int64_t class, int64_t *ret, struct err *e)
{
	return sql_int(s, Q_CLASS_HELD, ret, e, "z", class) < 0 ? -1 : 0;
}

int
frontier_count_waiting(
    struct store *s, int64_t class, int64_t now, int64_t *ret, struct err *e)
{
	return sql_int(s, Q_URL_WAITING, ret, e, "zi", class, now) < 0 ? -1 : 0;
}

int
frontier_kept_back(struct store *s, int64_t now,
    int (*each)(void *ctx, const struct frontier_kept *), void *ctx,
    struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_QUEUE_KEPT, e);
	int rc;

	if (q == NULL || sql_bind(s, q, e, "i", now) < 0)
		return -1;
	while ((rc = sql_step(s, q, e)) == 1) {
		struct frontier_kept k = {
			.reason = sql_text(q, 0),
			.due = sqlite3_column_int64(q, 1),
			.count = sqlite3_column_int64(q, 2),
			.example = sql_text(q, 3),
		};

		if (each(ctx, &k) < 0)
			return -1;
	}
	return rc;
}

/* ---- what came ---------------------------------------------------------- */

/*
 * The sample of these bytes, made if they are new, with what is claimed of
 * the URL that gave them.
 */
static int
sample_of_blob(struct store *s, const unsigned char *sha256, int64_t bytes,
    int64_t url_id, int64_t *ret_id, bool *ret_new, struct err *e)
{
	int64_t blob;

	if (sql_insert(s, Q_BLOB_ADD, &blob, ret_new, e, "hii", sha256, bytes,
		clock_now()) < 0)
		return -1;
	if (*ret_new)
		return sql_insert(
		    s, Q_SAMPLE_ADD, ret_id, NULL, e, "ii", blob, url_id);
	if (sql_int(s, Q_BLOB_ID, &blob, e, "h", sha256) < 0 ||
	    sql_int(s, Q_SAMPLE_OF_BLOB, ret_id, e, "i", blob) < 0)
		return -1;
	/* One that was lost comes back with what was decided of it. */
	return sql_run(s, Q_SAMPLE_FOUND, e, "i", *ret_id);
}

int
frontier_image_held(struct store *s, int64_t url_id,
    const unsigned char sha256[SHA256_SIZE], int64_t bytes, int http_status,
    const char *etag, const char *last_modified, bool *ret_new, struct err *e)
{
	int64_t sample, now = clock_now();

	if (sample_of_blob(s, sha256, bytes, url_id, &sample, ret_new, e) < 0 ||
	    sql_run(s, Q_URL_HELD, e, "iizssi", url_id, sample,
		(int64_t)http_status, etag, last_modified, now) < 0 ||
	    sql_run(s, Q_FETCH_ADD, e, "iiii", url_id, sample, s->run_id, now) <
		0)
		return -1;
	return *ret_new ? 0 : sample_claim(s, sample, e);
}

int
frontier_image_failed(struct store *s, int64_t url_id, const char *reason,
    int http_status, bool permanent, int64_t retry_s, struct err *e)
{
	return sql_run(s, Q_URL_FAILED, e, "isszii", url_id,
	    permanent ? "refused" : "failed", reason, (int64_t)http_status,
	    clock_now(), retry_s);
}

int
frontier_image_opt_out(
    struct store *s, int64_t url_id, const char *opt_out, struct err *e)
{
	return sql_run(s, Q_URL_OPT_OUT, e, "is", url_id, opt_out);
}

int
frontier_is_held(struct store *s, const char *url, const char *etag,
    bool *ret_held, struct err *e)
{
	int64_t one;
	int rc = sql_int(s, Q_URL_IS_HELD, &one, e, "ss", url, etag);

	*ret_held = rc == 1;
	return rc < 0 ? -1 : 0;
}
