/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

void
model_release(struct model *m)
{
	for (size_t i = 0; m->classes != NULL && i < m->softmax.k; i++)
		free(m->classes[i]);
	free(m->classes);
	free(m->features);
	free(m->recipe);
	free(m->recipe_steps);
	free(m->snapshot);
	free(m->griddle);
	free(m->blas);
	json_decref(m->options);
	metrics_release(&m->validation);
	metrics_release(&m->test);
	softmax_release(&m->softmax);
	*m = (struct model){ 0 };
}

int64_t
model_label(const struct model *m, const char *class_name)
{
	for (size_t i = 0; i < m->softmax.k; i++)
		if (strcmp(m->classes[i], class_name) == 0)
			return (int64_t)i;
	return -1;
}

int
model_check_features(
    const struct model *m, const char *features, size_t d, struct err *err)
{
	if (strcmp(m->features, features) != 0)
		return err_set(err, ERR_INPUT,
		    "the model wants features \"%s\", these are \"%s\"",
		    m->features, features);
	if (m->softmax.d != d)
		return err_set(err, ERR_INPUT,
		    "the model wants %zu features, these are %zu", m->softmax.d,
		    d);
	return 0;
}

int
model_predict(
    const struct model *m, const float *features, float *p, struct err *err)
{
	softmax_predict(&m->softmax, features, 1, p);
	for (size_t i = 0; i < m->softmax.k; i++)
		if (!isfinite(p[i]))
			return err_set(err, ERR_INPUT,
			    "the model's numbers overflow on this image");
	return 0;
}
