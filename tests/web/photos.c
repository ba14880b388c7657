/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/web/photos.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "tests/web/paint.h"

#define FILES_MAX 100000
#define DEPTH_MAX 16

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".png", "image/png" },
	{ ".jpg", "image/jpeg" },
	{ ".jpeg", "image/jpeg" },
	{ ".gif", "image/gif" },
};

static const struct {
	const char *name, *url;
} licences[] = {
	{ "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0" },
	{ "CC0", "http://creativecommons.org/publicdomain/zero/1.0/deed.en" },
	{ "CC BY 2.0", "https://creativecommons.org/licenses/by/2.0" },
	{ "Public domain", NULL },
};

const char *
image_type(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t i;

	for (i = 0; dot != NULL && i < ARRAY_SIZE(types); i++)
		if (strcasecmp(dot, types[i].ending) == 0)
			return types[i].type;
	return NULL;
}

const char *
photo_licence(const struct web *web, size_t i, const char **ret_url)
{
	i %= ARRAY_SIZE(licences);
	*ret_url = web->conf.licence != NULL ? NULL : licences[i].url;
	return web->conf.licence != NULL ? web->conf.licence : licences[i].name;
}

void
add_html(struct buf *b, const char *text)
{
	for (; *text != 0; text++)
		switch (*text) {
		case '&':
			buf_addf(b, "&amp;");
			break;
		case '<':
			buf_addf(b, "&lt;");
			break;
		case '"':
			buf_addf(b, "&quot;");
			break;
		default:
			buf_add(b, text, 1);
		}
}

void
add_url(struct buf *b, const char *path)
{
	for (; *path != 0; path++)
		if (isalnum((unsigned char)*path) ||
		    strchr("-._~/", *path) != NULL)
			buf_add(b, path, 1);
		else
			buf_addf(b, "%%%02X", (unsigned char)*path);
}

static char *
title_of(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char *title = xstrndup(name, (size_t)(strrchr(name, '.') - name));
	char *p;

	for (p = title; *p != 0; p++)
		if (*p == '_' || *p == '-')
			*p = ' ';
	*title = (char)toupper((unsigned char)*title);
	return title;
}

/* path: CLASS/.../name, where it is served below prefix. */
static void
add_photo(
    struct photos *photos, const char *prefix, const char *path, uint32_t made)
{
	struct buf url = BUF_INIT(PAGE_MAX);
	struct photo *p;

	if (photos->n >= FILES_MAX)
		return;
	if ((photos->n & (photos->n - 1)) == 0)
		photos->v = xreallocarray(
		    photos->v, photos->n * 2 + 1, sizeof(*photos->v));
	p = &photos->v[photos->n++];
	p->class = xstrndup(path, strcspn(path, "/"));
	p->path = xstrdup(path);
	p->title = title_of(path);
	p->made = made;
	buf_addf(&url, "%s", prefix);
	add_url(&url, path);
	p->url = (char *)url.data;
}

static bool
is_folder(const char *path, const struct dirent *d)
{
	struct stat st;

	if (d->d_type == DT_DIR || d->d_type == DT_REG)
		return d->d_type == DT_DIR;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Take in the folder root/below; below is "" for the root itself. */
static int
scan(struct photos *photos, const char *root, const char *below, int depth,
    struct err *e)
{
	char *folder CLEANUP(freep) = xasprintf("%s/%s", root, below);
	DIR *dir = opendir(folder);
	struct dirent *d;
	int result = 0;

	if (dir == NULL)
		return err_sys(e, ERR_INPUT, "%s", folder);
	while (result == 0 && (d = readdir(dir)) != NULL) {
		char *full CLEANUP(freep) = NULL, *path CLEANUP(freep) = NULL;

		if (*d->d_name == '.' ||
		    !text_is_utf8(d->d_name, strlen(d->d_name)))
			continue;
		path = xasprintf(
		    "%s%s%s", below, *below == 0 ? "" : "/", d->d_name);
		full = xasprintf("%s/%s", root, path);
		if (is_folder(full, d) && depth < DEPTH_MAX)
			result = scan(photos, root, path, depth + 1, e);
		else if (depth > 0 && image_type(d->d_name) != NULL)
			add_photo(photos, "/img/", path, 0);
	}
	closedir(dir);
	return result;
}

static void
make(struct photos *photos, const char *class, int64_t n)
{
	char path[64];
	int64_t i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%d.png", class, (int)i);
		add_photo(photos, "/made/", path, (uint32_t)i);
	}
}

static int
in_order(const void *a, const void *b)
{
	const struct photo *p = a, *q = b;
	int classes = strcmp(p->class, q->class);

	return classes != 0 ? classes : strcmp(p->path, q->path);
}

int
photos_load(const struct web *web, struct photos *photos, struct err *e)
{
	*photos = (struct photos){ .made = web->conf.root == NULL };
	if (photos->made) {
		make(photos, "rings", web->conf.made);
		make(photos, "stripes", web->conf.made);
		return 0;
	}
	if (scan(photos, web->conf.root, "", 0, e) < 0) {
		photos_release(photos);
		return -1;
	}
	if (photos->n > 0)
		qsort(photos->v, photos->n, sizeof(*photos->v), in_order);
	return 0;
}

void
photos_release(struct photos *photos)
{
	size_t i;

	for (i = 0; i < photos->n; i++) {
		free(photos->v[i].class);
		free(photos->v[i].path);
		free(photos->v[i].url);
		free(photos->v[i].title);
	}
	free(photos->v);
	*photos = (struct photos){ 0 };
}

const struct photo *
photos_of(const struct photos *photos, const char *class, size_t *ret_n)
{
	const struct photo *first = NULL;
	size_t i;

	*ret_n = 0;
	for (i = 0; i < photos->n; i++)
		if (strcmp(photos->v[i].class, class) == 0) {
			if (first == NULL)
				first = &photos->v[i];
			++*ret_n;
		}
	return first;
}

static unsigned
u16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* The frame header (SOF) of ITU T.81 says the size. */
static void
jpeg_size(const struct buf *b, struct photo_facts *f)
{
	size_t at = 2;

	while (at + 9 < b->len && b->data[at] == 0xff) {
		unsigned char kind = b->data[at + 1];

		if (kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 &&
		    kind != 0xc8 && kind != 0xcc) {
			f->height = u16(b->data + at + 5);
			f->width = u16(b->data + at + 7);
			return;
		}
		at += 2 + u16(b->data + at + 2);
	}
}

static void
size_from(const struct buf *b, struct photo_facts *f)
{
	if (b->len > 24 && memcmp(b->data, "\x89PNG", 4) == 0) {
		f->width = u16(b->data + 16) << 16 | u16(b->data + 18);
		f->height = u16(b->data + 20) << 16 | u16(b->data + 22);
	} else if (b->len > 10 && memcmp(b->data, "GIF8", 4) == 0) {
		f->width = b->data[6] | (unsigned)b->data[7] << 8;
		f->height = b->data[8] | (unsigned)b->data[9] << 8;
	} else if (b->len > 10 && memcmp(b->data, "\xff\xd8", 2) == 0) {
		jpeg_size(b, f);
	}
}

int
photo_facts(const struct web *web, const struct photo *p, struct photo_facts *f,
    struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(IMAGE_MAX);
	char *full CLEANUP(freep) = NULL;
	unsigned char sum[EVP_MAX_MD_SIZE];

	*f = (struct photo_facts){ 0 };
	if (web->conf.root == NULL) {
		made_png(p->class, p->made, &b);
	} else {
		full = xasprintf("%s/%s", web->conf.root, p->path);
		if (file_read(full, &b, e) < 0)
			return -1;
	}
	f->bytes = b.len;
	size_from(&b, f);
	EVP_Digest(b.data, b.len, sum, NULL, EVP_sha1(), NULL);
	text_to_hex(f->sha1, sum, 20);
	return 0;
}

/* No empty part, none that starts with a dot, and at least a class. */
static bool
is_photo_path(const char *path)
{
	const char *p;

	if (*path == '/' || strchr(path, '/') == NULL ||
	    image_type(path) == NULL)
		return false;
	for (p = path; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (*p == '.' || *p == '/' || *p == 0)
			return false;
	}
	return true;
}

enum MHD_Result
serve_image(struct request *r, const char *rest)
{
	char *full CLEANUP(freep) = NULL;
	struct head h = { .status = MHD_HTTP_OK, .type = image_type(rest) };
	char etag[48];
	struct stat st;
	int fd;

	if (r->web->conf.root == NULL || !is_photo_path(rest))
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	full = xasprintf("%s/%s", r->web->conf.root, rest);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		closep(&fd);
		return reply_status(r, MHD_HTTP_NOT_FOUND);
	}
	snprintf(etag, sizeof(etag), "\"%llx-%llx-%llx\"",
	    (unsigned long long)st.st_mtim.tv_sec,
	    (unsigned long long)st.st_mtim.tv_nsec,
	    (unsigned long long)st.st_size);
	h.etag = etag;
	h.modified = st.st_mtim.tv_sec;
	return reply_file(r, &h, fd, (uint64_t)st.st_size);
}
