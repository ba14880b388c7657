/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "store/check.h"
#include "store/snapshot.h"
#include "trainer/evaluation.h"

#define REPORT_MAX (16 << 20)

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>griddle report</title>\n<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem;\n"
    "  margin: 2rem auto; padding: 0 1rem; }\n"
    "table { border-collapse: collapse; margin: 1rem 0; }\n"
    "th, td { padding: .3rem .8rem; text-align: right;\n"
    "  border-bottom: 1px solid #8884; }\n"
    "th:first-child, td:first-child { text-align: left; }\n"
    "td.right { background: #3a84; }\n"
    "td.wrong { background: #c644; }\n"
    ".figure { font-size: 2.5rem; font-weight: 600; }\n"
    "</style></head><body>\n";

/* Text from outside, as text. */
static void
put_text(struct buf *b, const char *s)
{
	for (; *s != 0; s++) {
		switch (*s) {
		case '<':
			buf_addf(b, "&lt;");
			break;
		case '&':
			buf_addf(b, "&amp;");
			break;
		default:
			buf_add(b, s, 1);
		}
	}
}

static int
class_row(void *ctx, const struct status_class *class)
{
	struct buf *b = ctx;

	buf_addf(b, "<tr><td>");
	put_text(b, class->name);
	return buf_addf(b,
	    "</td><td>%lld</td><td>%lld</td><td>%lld</td>"
	    "<td>%lld</td></tr>\n",
	    (long long)class->images, (long long)class->refused,
	    (long long)class->duplicates, (long long)class->usable);
}

static int
source_row(void *ctx, const struct status_source *s)
{
	struct buf *b = ctx;
	char date[20] = "never";

	if (s->finished != 0)
		clock_date(date, sizeof(date), s->finished);
	buf_addf(b, "<tr><td>");
	put_text(b, s->name);
	buf_addf(b, "</td><td>");
	put_text(b, s->type);
	return buf_addf(b, "</td><td>%lld</td><td>%s</td></tr>\n",
	    (long long)s->images, date);
}

static int
licence_row(void *ctx, const char *licence, int64_t n)
{
	struct buf *b = ctx;

	buf_addf(b, "<tr><td>");
	put_text(b, licence);
	return buf_addf(b, "</td><td>%lld</td></tr>\n", (long long)n);
}

static int
put_dataset(struct cli *c, struct buf *b, struct err *e)
{
	struct filter *all CLEANUP(filter_freep) = NULL;

	buf_addf(b,
	    "<h2>Dataset</h2><table><tr><th>class</th><th>images</th>"
	    "<th>refused</th><th>duplicates</th><th>usable</th></tr>\n");
	if (status_classes(c->store, class_row, b, e) < 0)
		return -1;
	buf_addf(b,
	    "</table>\n<h2>Sources</h2><table><tr><th>source</th>"
	    "<th>type</th><th>images</th><th>last complete</th></tr>\n");
	if (status_sources(c->store, source_row, b, e) < 0)
		return -1;
	buf_addf(b,
	    "</table>\n<h2>Licences</h2><table><tr><th>licence</th>"
	    "<th>images</th></tr>\n");
	if (filter_parse(NULL, 0, &all, e) < 0 ||
	    sample_count_by(c->store, all, "licence", licence_row, b, e) < 0)
		return -1;
	return buf_addf(b, "</table>\n");
}

static void
put_ratio(struct buf *b, const json_t *value)
{
	if (json_is_number(value))
		buf_addf(b, "<td>%.3f</td>", json_number_value(value));
	else
		buf_addf(b, "<td>-</td>");
}

static void
put_classes(struct buf *b, const json_t *figures)
{
	json_t *v;
	const char *name;

	buf_addf(b,
	    "<table><tr><th>class</th><th>precision</th>"
	    "<th>recall</th><th>F1</th><th>images</th></tr>\n");
	json_object_foreach(json_object_get(figures, "classes"), name, v)
	{
		buf_addf(b, "<tr><td>");
		put_text(b, name);
		buf_addf(b, "</td>");
		put_ratio(b, json_object_get(v, "precision"));
		put_ratio(b, json_object_get(v, "recall"));
		put_ratio(b, json_object_get(v, "f1"));
		buf_addf(b, "<td>%lld</td></tr>\n",
		    (long long)json_integer_value(
			json_object_get(v, "support")));
	}
	buf_addf(b, "</table>\n");
}

static void
put_confusion(struct buf *b, const json_t *figures)
{
	const json_t *row, *cell;
	json_t *v;
	const char *name;
	size_t i, k;

	buf_addf(b,
	    "<h3>Confusion matrix</h3><p>A row is the true class, a "
	    "column the model's answer.</p><table><tr><th></th>");
	json_object_foreach(json_object_get(figures, "classes"), name, v)
	{
		buf_addf(b, "<th>");
		put_text(b, name);
		buf_addf(b, "</th>");
	}
	buf_addf(b, "</tr>\n");
	i = 0;
	json_object_foreach(json_object_get(figures, "classes"), name, v)
	{
		row = json_array_get(json_object_get(figures, "confusion"), i);
		buf_addf(b, "<tr><td>");
		put_text(b, name);
		buf_addf(b, "</td>");
		json_array_foreach(row, k, cell)
		    buf_addf(b, "<td class=\"%s\">%lld</td>",
			k == i                             ? "right"
			    : json_integer_value(cell) > 0 ? "wrong"
							   : "",
			(long long)json_integer_value(cell));
		buf_addf(b, "</tr>\n");
		i++;
	}
	buf_addf(b, "</table>\n");
}

/* Each figure with what it lies between. */
static void
put_figures(struct buf *b, const json_t *figures)
{
	const json_t *intervals = json_object_get(figures, "intervals");
	const json_t *interval;
	enum figure_kind i;

	if (intervals == NULL)
		return;
	buf_addf(b,
	    "<table><tr><th>figure</th><th>value</th><th colspan=\"2\">"
	    "95 %% interval</th></tr>\n");
	for (i = 0; i < FIGURE_KINDS; i++) {
		interval = json_object_get(intervals, figure_name(i));
		buf_addf(b, "<tr><td>%s</td>", figure_text(i));
		put_ratio(b, json_object_get(figures, figure_name(i)));
		put_ratio(b, json_array_get(interval, 0));
		put_ratio(b, json_array_get(interval, 1));
		buf_addf(b, "</tr>\n");
	}
	buf_addf(b, "</table>\n");
}

/* How often it is right when it says so: on the diagonal, as it says. */
static void
put_reliability(struct buf *b, const json_t *figures)
{
	const double side = 240, edge = 30;
	const json_t *bins = json_object_get(figures, "reliability"), *bin;
	double most = 1, x, y, n;
	size_t i;

	if (json_array_size(bins) == 0)
		return;
	json_array_foreach(bins, i, bin)
	{
		n = json_number_value(json_object_get(bin, "images"));
		most = n > most ? n : most;
	}
	buf_addf(b,
	    "<h3>Reliability</h3><p>What the model says, to the right, and "
	    "how often it is right then, upwards. A larger dot is of more "
	    "images; on the line the two agree.</p>\n"
	    "<svg viewBox=\"0 -12 %g %g\" width=\"%g\" role=\"img\" "
	    "aria-label=\"reliability\"><path d=\"M%g 0V%gH%gM%g %gL%g 0\" "
	    "fill=\"none\" stroke=\"#888\"/>\n",
	    side + edge + 12, side + edge + 12, side + edge, edge, side,
	    side + edge, edge, side, side + edge);
	buf_addf(b,
	    "<g font-size=\"11\" fill=\"currentColor\">"
	    "<text x=\"4\" y=\"10\">100</text><text x=\"4\" y=\"%g\">"
	    "0 %%</text><text x=\"%g\" y=\"%g\">0 %%</text>"
	    "<text x=\"%g\" y=\"%g\">100</text></g>\n",
	    side, edge, side + 16, side + edge - 20, side + 16);
	json_array_foreach(bins, i, bin)
	{
		n = json_number_value(json_object_get(bin, "images"));
		x = json_number_value(json_object_get(bin, "p"));
		y = json_number_value(json_object_get(bin, "right"));
		buf_addf(b,
		    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" "
		    "fill=\"#38c\" fill-opacity=\".7\"><title>says %.0f %%, "
		    "right %.0f %% of %.0f</title></circle>\n",
		    edge + side * x, side * (1 - y), 3 + 7 * sqrt(n / most),
		    100 * x, 100 * y, n);
	}
	buf_addf(b, "</svg>\n");
}

static int
put_model(struct cli *c, struct buf *b, struct err *e)
{
	struct model_row m CLEANUP(model_row_release) = { 0 };
	const json_t *interval;
	json_t *figures;
	int rc = model_get(c->store, NULL, &m, e);

	if (rc < 0)
		return -1;
	if (rc == 0 || m.test == NULL)
		return buf_addf(b, "<p>No model was evaluated yet.</p>\n");
	figures = json_loads(m.test, 0, NULL);
	interval = json_object_get(figures, "interval");
	buf_addf(b,
	    "<p class=\"figure\">%.1f %%</p><p>right on %lld images "
	    "that %s was never trained on (95 %% interval %.1f to %.1f %%); "
	    "snapshot ",
	    100 * json_number_value(json_object_get(figures, "accuracy")),
	    (long long)json_integer_value(json_object_get(figures, "images")),
	    m.name, 100 * json_number_value(json_array_get(interval, 0)),
	    100 * json_number_value(json_array_get(interval, 1)));
	put_text(b, m.snapshot);
	buf_addf(b, ".</p>\n");
	put_classes(b, figures);
	put_figures(b, figures);
	put_confusion(b, figures);
	put_reliability(b, figures);
	json_decref(figures);
	return 0;
}

int
report_write(struct cli *c, struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(REPORT_MAX);
	char *path CLEANUP(freep) =
	    xasprintf("%s/report.html", store_folder(c->store));
	char date[20];

	buf_addf(&b, "%s<h1>griddle report</h1><p>%s</p>\n", head,
	    clock_date(date, sizeof(date), clock_now()));
	if (put_model(c, &b, e) < 0 || put_dataset(c, &b, e) < 0)
		return -1;
	buf_addf(&b, "</body></html>\n");
	return file_replace(path, b.data, b.len, e);
}
