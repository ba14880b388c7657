/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/metrics.h"

#include <math.h>

#include "base/mem.h"

/* The 97.5 % point of the normal distribution. */
#define Z 1.959963984540054

#define LEAST_P 1e-15

static double
ratio(int64_t a, int64_t b)
{
	return b == 0 ? NAN : (double)a / (double)b;
}

void
wilson_interval(int64_t right, int64_t n, double *ret_low, double *ret_high)
{
	double x = (double)right, size = (double)n;
	double middle = x + Z * Z / 2;
	double reach = Z * sqrt(x * (size - x) / size + Z * Z / 4);

	*ret_low = fmax((middle - reach) / (size + Z * Z), 0);
	*ret_high = fmin((middle + reach) / (size + Z * Z), 1);
	if (n == 0)
		*ret_low = *ret_high = NAN;
}

double
cross_entropy(float p)
{
	return isnan(p) ? NAN : -log(fmax((double)p, LEAST_P));
}

size_t
likeliest_class(const float *p, size_t k)
{
	size_t best = 0;

	for (size_t j = 1; j < k; j++)
		if (p[j] > p[best])
			best = j;
	return best;
}

static void
rate_class(struct metrics *m, size_t c)
{
	struct class_metrics *out = &m->classes[c];
	int64_t right = m->confusion[c * m->k + c], answers = 0, images = 0;

	for (size_t i = 0; i < m->k; i++) {
		images += m->confusion[c * m->k + i];
		answers += m->confusion[i * m->k + c];
	}
	out->precision = ratio(right, answers);
	out->recall = ratio(right, images);
	out->f1 = ratio(2 * right, answers + images);
	out->support = images;
}

static void
add_defined(double *sum, int64_t *count, double x)
{
	if (isnan(x))
		return;
	*sum += x;
	(*count)++;
}

/* All that follows from the confusion matrix. */
static void
rate(struct metrics *m)
{
	double recalls = 0, f1s = 0;
	int64_t with_recall = 0, with_f1 = 0, right = 0;

	m->n = 0;
	for (size_t c = 0; c < m->k; c++) {
		rate_class(m, c);
		m->n += m->classes[c].support;
		right += m->confusion[c * m->k + c];
		add_defined(&recalls, &with_recall, m->classes[c].recall);
		add_defined(&f1s, &with_f1, m->classes[c].f1);
	}
	m->accuracy = ratio(right, m->n);
	m->balanced_accuracy = recalls / (double)with_recall;
	m->macro_f1 = f1s / (double)with_f1;
	wilson_interval(right, m->n, &m->low, &m->high);
}

static void
make_room(struct metrics *m, size_t k)
{
	*m = (struct metrics){ .k = k };
	m->classes = xcalloc(k, sizeof(*m->classes));
	m->confusion = xcalloc(k * k, sizeof(*m->confusion));
}

void
metrics_init(struct metrics *m, const int32_t *labels, const float *p, size_t n,
    size_t k)
{
	double loss = 0;

	make_room(m, k);
	for (size_t i = 0; i < n; i++) {
		const float *row = p + i * k;
		size_t label = (size_t)labels[i];

		m->confusion[label * k + likeliest_class(row, k)]++;
		loss += cross_entropy(row[label]);
	}
	m->log_loss = loss / (double)n;
	rate(m);
}

void
metrics_release(struct metrics *m)
{
	free(m->classes);
	free(m->confusion);
	*m = (struct metrics){ 0 };
}

json_t *
metrics_number(double x)
{
	return isfinite(x) ? json_real(round(x * 1e4) / 1e4) : json_null();
}

static json_t *
class_to_json(const struct class_metrics *c)
{
	return json_pack("{s:o, s:o, s:o, s:I}", "precision",
	    metrics_number(c->precision), "recall", metrics_number(c->recall),
	    "f1", metrics_number(c->f1), "support", (json_int_t)c->support);
}

json_t *
metrics_to_json(const struct metrics *m, char *const *classes)
{
	json_t *by_class = json_object(), *confusion = json_array();

	for (size_t i = 0; i < m->k; i++) {
		json_t *row = json_array();

		for (size_t j = 0; j < m->k; j++)
			json_array_append_new(
			    row, json_integer(m->confusion[i * m->k + j]));
		json_array_append_new(confusion, row);
		json_object_set_new(
		    by_class, classes[i], class_to_json(&m->classes[i]));
	}
	return json_pack("{s:o, s:[o, o], s:o, s:o, s:o, s:I, s:o, s:o}",
	    "accuracy", metrics_number(m->accuracy), "interval",
	    metrics_number(m->low), metrics_number(m->high),
	    "balanced_accuracy", metrics_number(m->balanced_accuracy),
	    "macro_f1", metrics_number(m->macro_f1), "log_loss",
	    metrics_number(m->log_loss), "images", (json_int_t)m->n, "classes",
	    by_class, "confusion", confusion);
}

/* Is it k lists of k?  Asked before there is room for so many. */
static bool
is_square(const json_t *confusion, size_t k)
{
	if (json_array_size(confusion) != k)
		return false;
	for (size_t i = 0; i < k; i++)
		if (json_array_size(json_array_get(confusion, i)) != k)
			return false;
	return true;
}

static bool
read_confusion(struct metrics *m, const json_t *confusion)
{
	const json_int_t most = 1 << 30; /* so that no sum overflows */
	size_t k = m->k;

	for (size_t i = 0; i < k; i++) {
		const json_t *row = json_array_get(confusion, i);

		for (size_t j = 0; j < k; j++) {
			const json_t *cell = json_array_get(row, j);
			json_int_t count = json_integer_value(cell);

			if (!json_is_integer(cell) || count < 0 || count > most)
				return false;
			m->confusion[i * k + j] = count;
		}
	}
	return true;
}

bool
metrics_from_json(struct metrics *m, const json_t *json, size_t k)
{
	const json_t *confusion = json_object_get(json, "confusion");
	const json_t *loss = json_object_get(json, "log_loss");

	if (!is_square(confusion, k) ||
	    !(json_is_null(loss) ||
		(json_is_number(loss) && json_number_value(loss) >= 0)))
		return false;
	make_room(m, k);
	if (!read_confusion(m, confusion)) {
		metrics_release(m);
		return false;
	}
	m->log_loss = json_is_null(loss) ? NAN : json_number_value(loss);
	rate(m);
	return true;
}
