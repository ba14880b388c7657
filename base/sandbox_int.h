/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers that have a file of their own.  Each gives 1 when it is in
 * force, 0 when the kernel lacks it, -1 on errors.
 */
#ifndef BASE_SANDBOX_INT_H
#define BASE_SANDBOX_INT_H

#include "base/err.h"

int sandbox_filter_calls(struct err *);

#endif
