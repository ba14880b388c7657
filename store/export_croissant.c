/* SPDX-License-Identifier: Apache-2.0 */
/*
 * croissant.json: the dataset by MLCommons' Croissant 1.1, beside folders of
 * images and their manifest.csv.  http://mlcommons.org/croissant/1.1
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "store/export_formats.h"

/* The context that its validator takes: the one in the specification's
 * appendix is no JSON, and speaks of schema.org without https. */
static const char context[] =
    "{\"@language\":\"en\",\"@vocab\":\"https://schema.org/\","
    "\"arrayShape\":\"cr:arrayShape\",\"citeAs\":\"cr:citeAs\","
    "\"column\":\"cr:column\",\"conformsTo\":\"dct:conformsTo\","
    "\"containedIn\":\"cr:containedIn\","
    "\"cr\":\"http://mlcommons.org/croissant/\","
    "\"data\":{\"@id\":\"cr:data\",\"@type\":\"@json\"},"
    "\"dataType\":{\"@id\":\"cr:dataType\",\"@type\":\"@vocab\"},"
    "\"dct\":\"http://purl.org/dc/terms/\","
    "\"equivalentProperty\":\"cr:equivalentProperty\","
    "\"examples\":{\"@id\":\"cr:examples\",\"@type\":\"@json\"},"
    "\"extract\":\"cr:extract\",\"field\":\"cr:field\","
    "\"fileObject\":\"cr:fileObject\",\"fileProperty\":\"cr:fileProperty\","
    "\"fileSet\":\"cr:fileSet\",\"format\":\"cr:format\","
    "\"includes\":\"cr:includes\",\"isArray\":\"cr:isArray\","
    "\"isLiveDataset\":\"cr:isLiveDataset\",\"jsonPath\":\"cr:jsonPath\","
    "\"key\":\"cr:key\",\"md5\":\"cr:md5\","
    "\"parentField\":\"cr:parentField\",\"path\":\"cr:path\","
    "\"prov\":\"http://www.w3.org/ns/prov#\","
    "\"rai\":\"http://mlcommons.org/croissant/RAI/\","
    "\"recordSet\":\"cr:recordSet\",\"references\":\"cr:references\","
    "\"regex\":\"cr:regex\",\"repeated\":\"cr:repeated\","
    "\"replace\":\"cr:replace\",\"samplingRate\":\"cr:samplingRate\","
    "\"sc\":\"https://schema.org/\",\"separator\":\"cr:separator\","
    "\"source\":\"cr:source\",\"subField\":\"cr:subField\","
    "\"transform\":\"cr:transform\"}";

int
croissant_begin(struct export_job *j, void **ret_state, struct err *e)
{
	return lists_csv_begin(j, ret_state, e);
}

/* ---- files -------------------------------------------------------------- */

static json_t *
file_object(const char *id, const char *text, const unsigned char *sha256,
    int64_t bytes)
{
	char hex[SHA256_HEX];
	char size[32];

	text_to_hex(hex, sha256, SHA256_SIZE);
	snprintf(size, sizeof(size), "%lld B", (long long)bytes);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "@type",
	    "cr:FileObject", "@id", id, "name", id, "description", text,
	    "contentUrl", id, "contentSize", size, "encodingFormat", "text/csv",
	    "sha256", hex);
}

/* One value, or a list of several. */
static json_t *
one_or_all(json_t *list)
{
	json_t *one;

	if (json_array_size(list) != 1)
		return list;
	one = json_incref(json_array_get(list, 0));
	json_decref(list);
	return one;
}

static json_t *
image_files(const struct export_job *j)
{
	json_t *includes = json_array(), *types = json_array();
	bool there[PART_COUNT] = { false };
	size_t i;
	int part;

	for (i = 0; i < j->set.n; i++)
		there[j->set.rows[i].part] = true;
	for (part = 0; part < PART_COUNT; part++)
		if (there[part])
			json_array_append_new(includes,
			    json_sprintf("%s/*/*", j->format->parts[part]));
	for (i = 0; i < j->types.n; i++)
		json_array_append_new(
		    types, json_sprintf("image/%s", j->types.v[i].name));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "@type",
	    "cr:FileSet", "@id", "image-files", "name", "image-files",
	    "description", "PART/CLASS/IMAGE", "encodingFormat",
	    one_or_all(types), "includes", one_or_all(includes));
}

/* ---- records ------------------------------------------------------------ */

static json_t *
field(const char *id, const char *text, json_t *type, json_t *source)
{
	json_t *f = json_pack("{s:s, s:s, s:s, s:s, s:o}", "@type", "cr:Field",
	    "@id", id, "name", id, "description", text, "dataType", type);

	if (source != NULL)
		json_object_set_new(f, "source", source);
	return f;
}

static json_t *
column(const char *name)
{
	return json_pack("{s:{s:s}, s:{s:s}}", "fileObject", "@id",
	    "manifest.csv", "extract", "column", name);
}

static json_t *
property(const char *name)
{
	return json_pack("{s:{s:s}, s:{s:s}}", "fileSet", "@id", "image-files",
	    "extract", "fileProperty", name);
}

static json_t *
refer(json_t *f, json_t *to)
{
	json_object_set_new(f, "references", to);
	return f;
}

static json_t *
field_of(const char *id)
{
	return json_pack("{s:{s:s}}", "field", "@id", id);
}

static json_t *
record_set(const char *id, const char *text, const char *key, json_t *fields)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:s}, s:o}", "@type",
	    "cr:RecordSet", "@id", id, "name", id, "description", text, "key",
	    "@id", key, "field", fields);
}

static json_t *
splits(const struct export_job *j)
{
	static const char *const urls[PART_COUNT] = { "cr:TrainingSplit",
		"cr:ValidationSplit", "cr:TestSplit" };
	json_t *data = json_array(), *fields = json_array(), *set;
	int part;

	for (part = 0; part < PART_COUNT; part++)
		json_array_append_new(data,
		    json_pack("{s:s, s:s}", "splits/name",
			j->format->parts[part], "splits/url", urls[part]));
	json_array_append_new(fields,
	    field("splits/name", "As folders and manifest.csv have it.",
		json_string("sc:Text"), NULL));
	json_array_append_new(fields,
	    field("splits/url", "What it is for.", json_string("cr:Split"),
		NULL));
	set = record_set("splits", "The parts.", "splits/name", fields);
	json_object_set_new(set, "dataType", json_string("cr:Split"));
	json_object_set_new(set, "data", data);
	return set;
}

static json_t *
classes(const struct export_job *j)
{
	json_t *data = json_array(), *fields = json_array(), *set;
	size_t i;

	for (i = 0; i < j->set.k; i++)
		json_array_append_new(data,
		    json_pack("{s:s, s:I}", "classes/name", j->set.classes[i],
			"classes/number", (json_int_t)i));
	json_array_append_new(fields,
	    field("classes/name", "What an image is of.",
		json_string("sc:Text"), NULL));
	json_array_append_new(fields,
	    field("classes/number", "Its place in the order of the folders.",
		json_string("sc:Integer"), NULL));
	set = record_set("classes", "The classes.", "classes/name", fields);
	json_object_set_new(set, "dataType", json_string("sc:Enumeration"));
	json_object_set_new(set, "data", data);
	return set;
}

/* Files and the lines that tell of them, joined by the file's name. */
static json_t *
images(void)
{
	static const struct {
		const char *id, *column, *text;
	} texts[] = { { "images/path", "path", "Where its file is." },
		{ "images/sha256", "sha256", "Of the original's bytes." },
		{ "images/source", "source", "Who offered it." },
		{ "images/licence", "licence",
		    "As the source says, or \"unknown\"." },
		{ "images/url", "url", "Where it was found." } };
	json_t *fields = json_array(), *same = column("path");
	size_t i;

	json_object_set_new(
	    same, "transform", json_pack("{s:s}", "regex", "([^/]+)$"));
	json_array_append_new(fields,
	    refer(field("images/file", "The file's name.",
		      json_string("sc:Text"), property("filename")),
		same));
	json_array_append_new(fields,
	    field("images/image", "The picture.", json_string("sc:ImageObject"),
		property("content")));
	json_array_append_new(fields,
	    refer(field("images/label", "What it is of.",
		      json_pack("[s, s]", "sc:Text", "cr:Label"),
		      column("label")),
		field_of("classes/name")));
	json_array_append_new(fields,
	    refer(field("images/split", "The part that it is in.",
		      json_pack("[s, s]", "sc:Text", "cr:Split"),
		      column("split")),
		field_of("splits/name")));
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		json_array_append_new(fields,
		    field(texts[i].id, texts[i].text, json_string("sc:Text"),
			column(texts[i].column)));
	return record_set(
	    "images", "Images, one a record.", "images/file", fields);
}

/* ---- the dataset -------------------------------------------------------- */

/* Every licence of its images, by its text's address if that is known. */
static json_t *
licences(const struct export_job *j)
{
	const char *own = j->request->dataset->licence, *link;
	json_t *list = json_array();
	char text[128];
	size_t i;

	if (own != NULL) {
		link = export_licence_link(own, text, sizeof(text));
		json_array_append_new(
		    list, json_string(link != NULL ? link : own));
		return one_or_all(list);
	}
	for (i = 0; i < j->licences.n; i++) {
		link = export_licence_link(
		    j->licences.v[i].name, text, sizeof(text));
		if (link == NULL)
			link = j->licences.v[i].url[0] != 0
			    ? j->licences.v[i].url
			    : j->licences.v[i].name;
		json_array_append_new(list, json_string(link));
	}
	return one_or_all(list);
}

static void
describe(json_t *set, const struct export_job *j)
{
	const struct dataset_opts *o = j->request->dataset;
	char *name CLEANUP(freep) = card_name(j);
	char *text CLEANUP(freep) = card_description(j);
	char *hash CLEANUP(freep) =
	    xasprintf("nih:sha-256;%s", j->snapshot->hash);
	time_t created = (time_t)j->snapshot->created;
	char date[16] = "";
	struct tm tm;

	if (gmtime_r(&created, &tm) != NULL)
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	/* Without a page it is still named: by its hash (RFC 6920, 7). */
	json_object_update_new(set,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:b}",
		"@type", "sc:Dataset", "conformsTo",
		"http://mlcommons.org/croissant/1.1", "name", name,
		"description", text, "url", o->url != NULL ? o->url : hash,
		"creator", "@type", "sc:Organization", "name",
		o->creator != NULL ? o->creator : "unknown", "datePublished",
		date, "isLiveDataset", 0));
	json_object_set_new(set, "license", licences(j));
}

int
croissant_finish(void *state, struct err *e)
{
	struct lists *l = state;
	struct export_job *j = l->job;
	struct export_file f CLEANUP(export_file_release) = EXPORT_FILE_INIT;
	const int64_t bytes = l->files[0].bytes;
	unsigned char digest[SHA256_SIZE];
	char *text CLEANUP(freep) = NULL;
	json_t *set;

	if (export_file_end(&l->files[0], digest, e) < 0 ||
	    export_job_file(j, "croissant.json", &f, e) < 0)
		return -1;
	set = json_pack("{s:o}", "@context", json_loads(context, 0, NULL));
	describe(set, j);
	json_object_set_new(set, "distribution",
	    json_pack("[o, o, o]",
		file_object("manifest.csv", "One line for each image file.",
		    digest, bytes),
		file_object("ATTRIBUTION.csv", "Whose each image is.",
		    j->whose_sha256, j->whose_bytes),
		image_files(j)));
	json_object_set_new(set, "recordSet",
	    json_pack("[o, o, o]", splits(j), classes(j), images()));
	text = json_dumps(set, JSON_INDENT(2));
	json_decref(set);
	if (text == NULL)
		return err_set(e, ERR_FATAL, "croissant.json: no JSON");
	return export_file_add(&f, text, strlen(text), e) < 0 ||
		export_file_add(&f, "\n", 1, e) < 0
	    ? -1
	    : export_file_end(&f, NULL, e);
}
