/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blas: the one place that sets up OpenBLAS.
 *
 * One thread always: a head's products are too narrow to gain from more, and
 * with some kernels the last bits depend on the number.  OpenBLAS picks its
 * kernels by the processor it believes to run on, or by OPENBLAS_CORETYPE;
 * results agree between kernels to rounding, not to the bit.
 */
#ifndef TRAINER_BLAS_H
#define TRAINER_BLAS_H

#include "base/err.h"

/*
 * Set one thread, and multiply small matrices by OpenBLAS and by plain loops:
 * ERR_FATAL when they disagree, for then the kernels are wrong for this
 * processor.  Cheap; whatever trains or loads a model calls it first.
 */
int blas_start(struct err *);

/* The name of the kernels in use, "Haswell"; borrowed. */
const char *blas_core(void);

#endif
