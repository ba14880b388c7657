/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between a backbone's parent and its child.  Numbers travel in host order;
 * the parent believes nothing of what comes back.
 */
#ifndef TRAINER_BACKBONE_INT_H
#define TRAINER_BACKBONE_INT_H

#include "base/proc.h"
#include "trainer/backbone.h"

enum model_ask_kind {
	ASK_ABOUT, /* answer: JSON */
	ASK_RUN,   /* pixels follow; answer: a head, then numbers or a text */
};

/* The file comes as a descriptor with every request. */
struct model_ask {
	uint32_t kind;
	unsigned char sha256[SHA256_SIZE];
	struct backbone_use use;
};

struct model_answer {
	uint32_t failed; /* then a text follows */
	uint32_t count;  /* of floats that follow */
};

/* A pool of such children. */
struct proc_pool *backbone_pool(int children);

/* One request in a child of its own. */
int backbone_ask(const struct model_ask *, const uint8_t *rgb, int fd,
    struct buf *ret_answer, struct err *);
/* The numbers of an answer, which they point into; ERR_INPUT. */
int backbone_numbers(const struct buf *answer, const struct backbone_use *,
    const float **ret, size_t *ret_n, struct err *);

/* Stretch to side x side; out is interleaved RGB as well (stretch.c). */
void stretch_to(
    const uint8_t *rgb, int width, int height, int side, uint8_t *out);

#endif
