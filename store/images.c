/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frontier: URLs of images, their sightings, and what they gave.
 */
#include "store/frontier.h"

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
	int64_t class = 0, id = 0, sample = 0, added;
	int known, rc;

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
	known = url_get(s, sight->url, &id, &sample, e);
	if (known < 0 ||
	    (known == 0 &&
		sql_int(s, Q_URL_ADD, &id, e, "ssz", sight->url,
		    sight->host ? sight->host : "", class) < 0))
		return -1;
	rc = sql_int(s, Q_SIGHTING_ADD, &added, e, "iiiszssssis", id,
	    source->id, s->run_id, sight->page ? sight->page : "", class,
	    sight->title, sight->author, sight->licence, sight->licence_url,
	    clock_now(), sight->caption);
	if (rc < 0 ||
	    (rc == 1 && sample != 0 && sample_claim(s, sample, e) < 0) ||
	    (rc == 1 && class != 0 && known == 1 &&
		sql_run(s, Q_URL_CLASS, e, "ii", id, class) < 0))
		return -1;
	if (ret_url_id != NULL)
		*ret_url_id = id;
	*ret_new = known == 0;
	return 0;
}

void
frontier_image_release(struct frontier_image *image)
{
	free(image->url);
	free(image->host);
	free(image->etag);
	free(image->last_modified);
	*image = (struct frontier_image){ 0 };
}

int
frontier_next_image(struct store *s, int64_t class, int64_t source_id,
    int64_t after_id, struct frontier_image *ret, struct err *e)
{
	sqlite3_stmt *q CLEANUP(sql_resetp) = sql_get(s, Q_URL_NEXT, e);
	int rc;

	if (q == NULL ||
	    sql_bind(s, q, e, "ziii", class, source_id, after_id, clock_now()) <
		0)
		return -1;
	rc = sql_step(s, q, e);
	if (rc == 1)
		*ret = (struct frontier_image){
			.url_id = sqlite3_column_int64(q, 0),
			.url = sql_strdup(q, 1),
			.host = sql_strdup(q, 2),
			.etag = sql_strdup(q, 3),
			.last_modified = sql_strdup(q, 4),
			.tries = sqlite3_column_int64(q, 5),
		};
	return rc;
}

int
frontier_class_state(struct store *s, int64_t class, int64_t *ret_held,
    int64_t *ret_waiting, struct err *e)
{
	if (sql_int(s, Q_CLASS_HELD, ret_held, e, "z", class) < 0 ||
	    sql_int(
		s, Q_URL_WAITING, ret_waiting, e, "zi", class, clock_now()) < 0)
		return -1;
	return 0;
}

/* The sample of these bytes, made if they are new. */
static int
sample_of_blob(struct store *s, const unsigned char *sha256, int64_t bytes,
    int64_t *ret_id, bool *ret_new, struct err *e)
{
	int64_t blob;
	int rc =
	    sql_int(s, Q_BLOB_ADD, &blob, e, "hii", sha256, bytes, clock_now());

	if (rc < 0)
		return -1;
	*ret_new = rc == 1;
	if (rc == 1)
		return sql_int(s, Q_SAMPLE_ADD, ret_id, e, "i", blob) < 0 ? -1
									  : 0;
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
	int64_t sample;

	if (sample_of_blob(s, sha256, bytes, &sample, ret_new, e) < 0 ||
	    sql_run(s, Q_URL_HELD, e, "iizssi", url_id, sample,
		(int64_t)http_status, etag, last_modified, clock_now()) < 0 ||
	    sql_run(s, Q_FETCH_ADD, e, "iiii", url_id, sample, s->run_id,
		clock_now()) < 0)
		return -1;
	return sample_claim(s, sample, e);
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
frontier_is_held(struct store *s, const char *url, const char *etag,
    bool *ret_held, struct err *e)
{
	int64_t one;
	int rc = sql_int(s, Q_URL_IS_HELD, &one, e, "ss", url, etag);

	*ret_held = rc == 1;
	return rc < 0 ? -1 : 0;
}
