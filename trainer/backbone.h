/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backbone: a network from outside, whose answers are features.
 *
 * The file is read, and the network run, in sandboxed children only
 * (`griddle worker model`): what comes out of them is a description, whose
 * texts are checked, and lists of finite numbers.  That is the simplest safe
 * design: neither protobuf-c nor an operator ever sees a stranger's numbers
 * in a process that can open a file, and as many pictures run at once as
 * there are children.
 *
 * A picture becomes the network's input by one function, whoever asks:
 * stretched to a square (triangle filter, wide enough for what it shrinks),
 * then (v - mean) / std of each channel of RGB, 0..255.
 */
#ifndef TRAINER_BACKBONE_H
#define TRAINER_BACKBONE_H

#include <jansson.h>

#include "store/backbones.h"

enum {
	BACKBONE_SIDE_MAX = 512,
	BACKBONE_OUTPUT_MAX = 255,  /* bytes of its name */
	BACKBONE_COUNT_MAX = 65536, /* numbers for a picture */
	BACKBONE_FILE_MAX = 512 << 20,
};

/* How a picture goes in, and which answer is taken. */
struct backbone_use {
	int64_t side; /* pixels */
	double mean[3], std[3];
	bool channels_last; /* the network's input is [N, side, side, 3] */
	char output[BACKBONE_OUTPUT_MAX + 1];
	int64_t count; /* numbers for a picture */
};

/* What a person says beyond what the file says; 0 or NULL: nothing. */
struct backbone_wish {
	int64_t side;
	const char *mean, *std; /* "R,G,B" or one number for all */
	const char *output;
};

/*
 * Bring in a file's bytes under a name: describe it, try it on two pictures,
 * keep it.  *ret is what its row holds, as JSON.  ERR_INPUT: refused, or it
 * has to be said how pictures go in.
 */
int backbone_import(struct store *, const char *name, const void *onnx,
    size_t len, const struct backbone_wish *, json_t **ret, struct err *);

/* The part of a row's JSON that use needs; ERR_DAMAGED. */
int backbone_use_of(
    const struct backbone_row *, struct backbone_use *ret, struct err *);

/*
 * What vectors of it are called, "onnx-1 ...": network, output and every
 * number of the use are in it; the caller frees.
 */
char *backbone_features(
    const struct backbone_row *, const struct backbone_use *);

/* ---- running ---- */

struct backbone;

/* x: use->count numbers of the picture with this id, borrowed. */
typedef int backbone_done_fn(
    void *ctx, size_t id, const float *x, struct err *);

/* Takes over fd, which has the network's bytes. */
struct backbone *backbone_new(const struct backbone_use *,
    const unsigned char sha256[SHA256_SIZE], int fd);
void backbone_free(struct backbone *);
DEFINE_CLEANUP(struct backbone, backbone_free)
/* A row's, checked against its SHA-256. */
int backbone_open(struct store *, const struct backbone_row *,
    struct backbone **ret, struct err *);

/* Hand over a picture of interleaved 8-bit RGB; `done` comes in any order. */
int backbone_push(struct backbone *, size_t id, const uint8_t *rgb, int width,
    int height, backbone_done_fn *, void *ctx, struct err *);
/* Wait for all that was handed over. */
int backbone_flush(
    struct backbone *, backbone_done_fn *, void *ctx, struct err *);

/* `griddle worker model`. */
int trainer_worker(void);

#endif
