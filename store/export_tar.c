/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebDataset: tar shards (POSIX ustar) in which the members of an image
 * stand together: KEY.jpg, KEY.cls (its class's number) and KEY.json.  A key
 * ends at its first dot, so it has none.  Times, owners and modes are fixed,
 * so that the same images make the same bytes.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>

#include "store/export_formats.h"

#define BLOCK 512

struct shard {
	struct export_job *job;
	struct archive *tar; /* NULL: none is open */
	struct export_file file;
	struct err why; /* of the last write that failed */
	bool dead;      /* nothing more is written */
	int64_t size;   /* of its members so far */
	int number;
};

struct tar {
	struct shard shards[PART_COUNT]; /* one for all when it streams */
	struct export_job *job;
};

int
shards_classes(struct export_job *j, struct err *e)
{
	struct export_file f CLEANUP(export_file_release) = EXPORT_FILE_INIT;
	json_t *names;
	size_t i;

	if (j->stream)
		return 0;
	if (export_job_file(j, "classes.json", &f, e) < 0)
		return -1;
	names = json_array();
	for (i = 0; i < j->set.k; i++)
		json_array_append_new(names, json_string(j->set.classes[i]));
	return export_file_json(&f, names, e) < 0
	    ? -1
	    : export_file_end(&f, NULL, e);
}

/* An archive that was told of a failure leaks; so it is told of none, gets
 * rid of what it holds, and why is looked at after each call. */
static la_ssize_t
write_some(struct archive *a, void *ctx, const void *data, size_t len)
{
	struct shard *s = ctx;

	(void)a;
	if (!s->dead && export_file_add(&s->file, data, len, &s->why) < 0)
		s->dead = true;
	return (la_ssize_t)len;
}

static int
check(struct shard *s, bool fine, struct err *e)
{
	if (fine && s->why.kind == ERR_NONE)
		return 0;
	if (s->why.kind != ERR_NONE)
		*e = s->why;
	else
		err_set(e, ERR_FATAL, "tar: %s", archive_error_string(s->tar));
	return -1;
}

static int
open_shard(struct shard *s, const char *part, struct err *e)
{
	char *name CLEANUP(freep) = xasprintf("%s-%06d.tar", part, s->number);

	if (export_job_file(s->job, name, &s->file, e) < 0)
		return -1;
	s->tar = archive_write_new();
	if (s->tar == NULL)
		return err_set(e, ERR_FATAL, "tar: out of memory");
	if (check(s,
		archive_write_set_format_ustar(s->tar) == ARCHIVE_OK &&
		    archive_write_set_bytes_in_last_block(s->tar, 1) ==
			ARCHIVE_OK &&
		    archive_write_open(s->tar, s, NULL, write_some, NULL) ==
			ARCHIVE_OK,
		e) < 0)
		return -1;
	s->number++;
	s->size = 2 * BLOCK; /* its end */
	s->job->stats.shards++;
	return 0;
}

static int
close_shard(struct shard *s, struct err *e)
{
	if (s->tar == NULL)
		return 0;
	if (check(s, archive_write_close(s->tar) == ARCHIVE_OK, e) < 0)
		return -1;
	archive_write_free(TAKE(s->tar));
	return export_file_end(&s->file, NULL, e);
}

int
tar_begin(struct export_job *j, void **ret_state, struct err *e)
{
	struct tar *t = xcalloc(1, sizeof(*t));
	size_t i;

	t->job = j;
	for (i = 0; i < PART_COUNT; i++) {
		t->shards[i].job = j;
		t->shards[i].file = EXPORT_FILE_INIT;
	}
	*ret_state = t;
	return shards_classes(j, e);
}

void
tar_end(void *state)
{
	struct tar *t = state;
	size_t i;

	for (i = 0; i < PART_COUNT; i++) {
		/* What was not closed is given up. */
		t->shards[i].dead = true;
		archive_write_free(t->shards[i].tar);
		export_file_release(&t->shards[i].file);
	}
	free(t);
}

static int64_t
member_size(size_t len)
{
	return BLOCK + ((int64_t)len + BLOCK - 1) / BLOCK * BLOCK;
}

static int
add_member(struct shard *s, const struct export_picture *p, const char *ext,
    const void *data, size_t len, struct err *e)
{
	struct archive_entry *entry = archive_entry_new();
	char name[64];
	int rc;

	snprintf(name, sizeof(name), "%s.%s", p->id, ext);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0444);
	archive_entry_set_size(entry, (la_int64_t)len);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	rc = check(s,
	    archive_write_header(s->tar, entry) == ARCHIVE_OK &&
		archive_write_data(s->tar, data, len) == (la_ssize_t)len,
	    e);
	archive_entry_free(entry);
	s->size += member_size(len);
	return rc;
}

int
tar_add(void *state, const struct export_picture *p, struct err *e)
{
	struct tar *t = state;
	struct shard *s = &t->shards[t->job->stream ? 0 : p->row->part];
	json_t *facts = lists_facts(t->job, p);
	char *json CLEANUP(freep) = NULL;
	char number[24];
	int64_t size;

	json_object_set_new(
	    facts, "class", json_integer((json_int_t)p->row->class));
	json = json_dumps(facts, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(facts);
	snprintf(number, sizeof(number), "%zu", p->row->class);
	size = member_size(p->len) + member_size(strlen(number)) +
	    member_size(strlen(json));
	if (s->tar != NULL && !t->job->stream &&
	    s->size + size > t->job->request->shard_bytes &&
	    close_shard(s, e) < 0)
		return -1;
	if ((s->tar == NULL && open_shard(s, p->part, e) < 0) ||
	    add_member(s, p, p->ext, p->data, p->len, e) < 0 ||
	    add_member(s, p, "cls", number, strlen(number), e) < 0)
		return -1;
	return add_member(s, p, "json", json, strlen(json), e);
}

int
tar_finish(void *state, struct err *e)
{
	struct tar *t = state;
	size_t i;

	for (i = 0; i < PART_COUNT; i++)
		if (close_shard(&t->shards[i], e) < 0)
			return -1;
	return 0;
}
