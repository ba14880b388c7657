/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people read: README.md, the dataset's card (Hugging Face's front
 * matter; the questions of Gebru et al., Datasheets for Datasets, 2021, as
 * far as the catalog knows the answers), and ATTRIBUTION.csv, one line for
 * each image.
 */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "store/export_formats.h"

#define CARD_MAX (16u << 20)

/* ---- whose it is -------------------------------------------------------- */

static int
add_record(
    struct export_file *f, const char *const *fields, size_t n, struct err *e)
{
	struct buf line CLEANUP(buf_release) = BUF_INIT(CARD_MAX);

	export_csv_record(&line, fields, n);
	return export_file_add(f, line.data, line.len, e);
}

int
card_whose_begin(struct export_job *j, struct err *e)
{
	static const char *const head[] = { "image", "title", "author",
		"licence", "licence_url", "page", "url", "source", "sha256" };

	if (export_job_file(j, "ATTRIBUTION.csv", &j->whose, e) < 0)
		return -1;
	j->whose.hash = sha256_new();
	return add_record(&j->whose, head, ARRAY_SIZE(head), e);
}

int
card_whose_add(
    struct export_job *j, const struct export_picture *p, struct err *e)
{
	const struct export_origin *o = p->origin;
	const char *fields[] = { p->path == NULL ? p->id : p->path, o->title,
		o->author, o->licence, o->licence_url, o->page, o->url,
		o->source, p->hex };

	return add_record(&j->whose, fields, ARRAY_SIZE(fields), e);
}

/* ---- counts ------------------------------------------------------------- */

static int64_t
count(const struct export_job *j, int part, size_t class)
{
	return j->counts[(size_t)part * j->set.k + class];
}

static int64_t
count_part(const struct export_job *j, int part)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < j->set.k; i++)
		n += count(j, part, i);
	return n;
}

static int64_t
count_class(const struct export_job *j, size_t class)
{
	int64_t n = 0;
	int part;

	for (part = 0; part < PART_COUNT; part++)
		n += count(j, part, class);
	return n;
}

static int64_t
count_images(const struct export_job *j)
{
	return j->stats.files - j->stats.copies;
}

/* ---- what it is called -------------------------------------------------- */

char *
card_name(const struct export_job *j)
{
	const struct dataset_opts *o = j->request->dataset;

	return o->name != NULL ? xstrdup(o->name)
			       : xasprintf("griddle-%s", j->snapshot->name);
}

char *
card_description(const struct export_job *j)
{
	const struct dataset_opts *o = j->request->dataset;
	struct buf b CLEANUP(buf_release) = BUF_INIT(CARD_MAX);
	size_t i;

	if (o->description != NULL)
		return xstrdup(o->description);
	buf_addf(&b, "%lld images in %zu classes:", (long long)count_images(j),
	    j->set.k);
	for (i = 0; i < j->set.k; i++)
		buf_addf(&b, "%s %s", i == 0 ? "" : ",", j->set.classes[i]);
	return xstrdup((const char *)b.data);
}

/* ---- the front matter --------------------------------------------------- */

static void
put_yaml(struct buf *b, const char *key, const char *text)
{
	buf_addf(b, "%s: ", key);
	export_yaml(b, text);
	buf_add(b, "\n", 1);
}

static void
put_licence(struct buf *b, const struct export_job *j)
{
	const char *own = j->request->dataset->licence;
	const char *id = own != NULL ? export_licence_hf(own)
	    : j->licences.n == 1     ? export_licence_hf(j->licences.v[0].name)
				     : "other";

	put_yaml(b, "license", id);
	if (strcmp(id, "other") != 0)
		return;
	put_yaml(b, "license_name",
	    own != NULL              ? own
		: j->licences.n == 1 ? j->licences.v[0].name
				     : "several");
	put_yaml(b, "license_link", "ATTRIBUTION.csv");
}

/* As the Hub sorts datasets. */
static const char *
size_category(int64_t n)
{
	static const struct {
		int64_t below;
		const char *name;
	} sizes[] = { { 1000, "n<1K" }, { 10000, "1K<n<10K" },
		{ 100000, "10K<n<100K" }, { 1000000, "100K<n<1M" },
		{ 10000000, "1M<n<10M" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		if (n < sizes[i].below)
			return sizes[i].name;
	return "10M<n<100M";
}

static void
put_configs(struct buf *b, const struct export_job *j)
{
	int part;

	if (j->format->pattern == NULL)
		return;
	buf_addf(b, "configs:\n- config_name: default\n  data_files:\n");
	for (part = 0; part < PART_COUNT; part++)
		if (count_part(j, part) > 0)
			buf_addf(b, "  - split: %s\n    path: \"%s%s\"\n",
			    part == PART_VAL ? "validation" : part_names[part],
			    j->format->parts[part], j->format->pattern);
}

/* With metadata.jsonl, so that its texts become numbers of classes; it has
 * to name every key there is. */
static void
put_features(struct buf *b, const struct export_job *j)
{
	static const char *const texts[] = { "sha256", "source", "author",
		"licence", "url" };
	size_t i;

	if (strcmp(j->format->name, "hf") != 0)
		return;
	buf_addf(b,
	    "dataset_info:\n  features:\n  - name: image\n"
	    "    dtype: image\n  - name: label\n    dtype:\n"
	    "      class_label:\n        names:\n");
	for (i = 0; i < j->set.k; i++) {
		buf_addf(b, "          '%zu': ", i);
		export_yaml(b, j->set.classes[i]);
		buf_add(b, "\n", 1);
	}
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		buf_addf(b, "  - name: %s\n    dtype: string\n", texts[i]);
}

static void
put_front(struct buf *b, const struct export_job *j)
{
	char *name CLEANUP(freep) = card_name(j);

	buf_addf(b, "---\n");
	put_yaml(b, "pretty_name", name);
	put_licence(b, j);
	buf_addf(b, "task_categories:\n- image-classification\n");
	buf_addf(
	    b, "size_categories:\n- \"%s\"\n", size_category(j->stats.files));
	put_configs(b, j);
	put_features(b, j);
	buf_addf(b, "---\n\n");
}

/* ---- the text ----------------------------------------------------------- */

static void
put_cell(struct buf *b, const char *text)
{
	buf_addf(b, "| ");
	export_markdown(b, text);
	buf_add(b, " ", 1);
}

static void
put_composition(struct buf *b, const struct export_job *j)
{
	int64_t least = INT64_MAX, most = 0, n;
	size_t i;
	int part;

	buf_addf(b,
	    "## Composition\n\n| class | number | train | %s | test | "
	    "all |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
	    j->format->parts[PART_VAL]);
	for (i = 0; i < j->set.k; i++) {
		n = count_class(j, i);
		least = n < least ? n : least;
		most = n > most ? n : most;
		put_cell(b, j->set.classes[i]);
		buf_addf(b, "| %zu ", i);
		for (part = 0; part < PART_COUNT; part++)
			buf_addf(b, "| %lld ", (long long)count(j, part, i));
		buf_addf(b, "| %lld |\n", (long long)n);
	}
	buf_addf(b, "| all | ");
	for (part = 0; part < PART_COUNT; part++)
		buf_addf(b, "| %lld ", (long long)count_part(j, part));
	buf_addf(b, "| %lld |\n\n", (long long)count_images(j));
	if (j->stats.copies > 0)
		buf_addf(b,
		    "And %lld copies of the training images, changed "
		    "at random.\n\n",
		    (long long)j->stats.copies);
	buf_addf(b,
	    "Balance: the smallest class has %lld images, the largest "
	    "%lld.\n",
	    (long long)least, (long long)most);
	if (j->stats.uneven > 0)
		buf_addf(b,
		    "Some classes have no image in some part: number "
		    "classes by the table, not by the folders of one "
		    "part.\n");
	buf_add(b, "\n", 1);
}

static void
put_sources(struct buf *b, const struct export_job *j)
{
	size_t i;

	buf_addf(b, "## Sources\n\n| source | images |\n| --- | ---: |\n");
	for (i = 0; i < j->sources.n; i++) {
		put_cell(b, j->sources.v[i].name);
		buf_addf(b, "| %lld |\n", (long long)j->sources.v[i].n);
	}
	buf_add(b, "\n", 1);
}

static void
put_licences(struct buf *b, const struct export_job *j)
{
	const char *own = j->request->dataset->licence, *link;
	char text[128];
	size_t i;

	buf_addf(b, "## Licences\n\n");
	if (own != NULL) {
		buf_addf(b, "Of the dataset as a whole: ");
		export_markdown(b, own);
		buf_addf(b, ". Of its images, as their sources say:\n\n");
	}
	buf_addf(b, "| licence | images | text |\n| --- | ---: | --- |\n");
	for (i = 0; i < j->licences.n; i++) {
		link = export_licence_link(
		    j->licences.v[i].name, text, sizeof(text));
		put_cell(b, j->licences.v[i].name);
		buf_addf(b, "| %lld ", (long long)j->licences.v[i].n);
		put_cell(b, link != NULL ? link : j->licences.v[i].url);
		buf_addf(b, "|\n");
	}
	buf_addf(b,
	    "\nATTRIBUTION.csv says for each image its title, author, "
	    "licence and address, where they are known. \"unknown\" "
	    "is no permission.\n\n");
}

static void
put_pair(struct buf *b, const char *key, const json_t *value)
{
	char *text CLEANUP(freep) = json_is_string(value)
	    ? xstrdup(json_string_value(value))
	    : json_dumps(
		  value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);

	put_cell(b, key);
	put_cell(b, text == NULL ? "" : text);
	buf_addf(b, "|\n");
}

static void
put_pairs(struct buf *b, const char *prefix, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		char *name CLEANUP(freep) = xasprintf("%s%s", prefix, key);

		put_pair(b, name, value);
	}
}

static void
put_making(struct buf *b, const struct export_job *j)
{
	json_t *about = json_loads(j->request->about, 0, NULL);
	json_t *split = json_loads(j->snapshot->options, 0, NULL);

	buf_addf(b, "## How it was made\n\n");
	if (j->request->originals)
		buf_addf(b, "The images are the bytes that were gathered.");
	else
		buf_addf(b, "The images are JPEGs made by the recipe below.");
	buf_addf(b,
	    " Near duplicates were grouped and one of each group kept, so "
	    "that none is in two parts. Labels are those of the sources or "
	    "of people who looked at the images.\n\n"
	    "| what | value |\n| --- | --- |\n");
	put_pairs(b, "", about);
	put_pairs(b, "split: ", split);
	json_decref(about);
	json_decref(split);
	buf_addf(b, "\n");
}

int
card_write(struct export_job *j, struct err *e)
{
	struct export_file f CLEANUP(export_file_release) = EXPORT_FILE_INIT;
	struct buf b CLEANUP(buf_release) = BUF_INIT(CARD_MAX);
	char *name CLEANUP(freep) = card_name(j);
	char *description CLEANUP(freep) = card_description(j);
	const struct dataset_opts *o = j->request->dataset;

	put_front(&b, j);
	buf_addf(&b, "# ");
	export_markdown(&b, name);
	buf_addf(&b, "\n\n");
	export_markdown(&b, description);
	buf_addf(&b, "\n\nMade by ");
	export_markdown(&b, o->creator != NULL ? o->creator : "unknown");
	if (o->url != NULL) {
		buf_addf(&b, ", ");
		export_markdown(&b, o->url);
	}
	buf_addf(&b, ".\n\n");
	put_composition(&b, j);
	put_sources(&b, j);
	put_licences(&b, j);
	put_making(&b, j);
	return export_job_file(j, "README.md", &f, e) < 0 ||
		export_file_add(&f, b.data, b.len, e) < 0
	    ? -1
	    : export_file_end(&f, NULL, e);
}
