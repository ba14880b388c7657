/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx_files: networks and tensors of files, for tests.
 */
#ifndef TESTS_ONNX_FILES_H
#define TESTS_ONNX_FILES_H

#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "tests/shared.h"
#include "trainer/net.h"

#define SUITE "/usr/share/libonnx-testdata/data"

/* Read a file whole; false: it is not there. */
static inline bool
file_of(const char *path, struct buf *ret)
{
	struct err e = { 0 };

	*ret = BUF_INIT(1u << 30);
	return file_read(path, ret, &e) == 0;
}

/* The tensor of a .pb file; 0: no such file; -1: refused. */
static inline int
tensor_of(const char *path, struct tensor *ret, struct err *e)
{
	struct buf b CLEANUP(buf_release) = BUF_INIT(1u << 30);

	if (!file_of(path, &b))
		return 0;
	return tensor_read(ret, b.data, b.len, e) < 0 ? -1 : 1;
}

static inline double
number_of(const struct tensor *t, size_t i)
{
	switch (t->type) {
	case NET_FLOAT:
		return (double)((const float *)t->data)[i];
	case NET_UINT8:
	case NET_BOOL:
		return ((const uint8_t *)t->data)[i];
	case NET_INT8:
		return ((const int8_t *)t->data)[i];
	case NET_INT32:
		return ((const int32_t *)t->data)[i];
	case NET_INT64:
		return (double)((const int64_t *)t->data)[i];
	case NET_DOUBLE:
		return ((const double *)t->data)[i];
	}
	return NAN;
}

/* Type, shape and numbers, as the suite's own runner compares them. */
static inline bool
tensors_agree(const struct tensor *a, const struct tensor *b)
{
	size_t i;
	int d;

	if (a->type != b->type || a->shape.rank != b->shape.rank)
		return false;
	for (d = 0; d < a->shape.rank; d++)
		if (a->shape.dim[d] != b->shape.dim[d])
			return false;
	for (i = 0; i < a->n; i++) {
		double x = number_of(a, i), y = number_of(b, i);

		if (x != y && !(fabs(x - y) <= 1e-5 + 1e-4 * fabs(y)))
			return false;
	}
	return true;
}

#endif
