/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vectors: features of pictures, whatever makes them: numbers made by hand
 * (features.h), or a backbone's answers (backbone.h).
 */
#ifndef TRAINER_VECTORS_H
#define TRAINER_VECTORS_H

#include "trainer/backbone.h"

struct vectors;

/*
 * By `train { features }`: "plain", the name of a backbone, or "auto", which
 * is the newest backbone if there is one.  ERR_INPUT: no such backbone.
 */
int vectors_choose(
    struct store *, const char *choice, struct vectors **, struct err *);
/* By the name that a model kept; ERR_INPUT: its backbone is gone. */
int vectors_of_model(
    struct store *, const char *features, struct vectors **, struct err *);
void vectors_free(struct vectors *);
DEFINE_CLEANUP(struct vectors, vectors_free)

/* What vectors are called, and how many numbers are in one. */
const char *vectors_name(const struct vectors *);
size_t vectors_count(const struct vectors *);
/* The backbone's SHA-256 in hexadecimal; NULL: there is none. */
const char *vectors_backbone(const struct vectors *);

/* Hand over a picture; flush waits for all.  `done` comes in any order. */
int vectors_push(struct vectors *, size_t id, const uint8_t *rgb, int width,
    int height, backbone_done_fn *done, void *ctx, struct err *);
int vectors_flush(
    struct vectors *, backbone_done_fn *done, void *ctx, struct err *);

#endif
