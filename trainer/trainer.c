/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of training.
 */
#include "trainer/trainer.h"

static const char *const models[] = { "auto", "softmax", NULL };
static const char *const weightings[] = { "none", "balanced", NULL };

static const struct opt options[] = {
	{ "model", OPT_FIELD(struct train_opts, model), .def = "auto",
	    .choices = models,
	    .text = "kind of model; auto takes what is best for the data" },
	{ "features", OPT_FIELD(struct train_opts, features), .def = "auto",
	    .text = "what of a picture is learned: plain, or the name of a "
		    "backbone; auto takes the newest backbone, if any" },
	{ "epochs", OPT_FIELD(struct train_opts, epochs), .def = "60", .min = 1,
	    .max = 10000, .text = "passes over the training images, at most" },
	{ "batch", OPT_FIELD(struct train_opts, batch), .def = "32", .min = 1,
	    .max = 65536, .unit = "images", .text = "images for one step" },
	{ "learning-rate", OPT_FIELD(struct train_opts, rate), .def = "0.25",
	    .min = 1e-6, .max = 100,
	    .text = "length of a step; 1 is the longest that is safe alone" },
	{ "l2", OPT_FIELD(struct train_opts, l2), .def = "-1", .min = -1,
	    .max = 1e6,
	    .text = "penalty on large weights; -1 tries several on the "
		    "validation images" },
	{ "patience", OPT_FIELD(struct train_opts, patience), .def = "15",
	    .min = 1, .max = 10000, .unit = "epochs",
	    .text = "stop after so many without a better validation loss" },
	{ "seed", OPT_FIELD(struct train_opts, seed), .def = "1", .min = 0,
	    .max = 9007199254740992.0,
	    .text = "of the order of images; the same seed gives the same "
		    "model" },
	{ "class-weights", OPT_FIELD(struct train_opts, class_weights),
	    .def = "none", .choices = weightings,
	    .text = "balanced lets each class weigh the same, however many "
		    "images it has" },
	{ "augment", OPT_FIELD(struct train_opts, augment), .def = "0",
	    .max = 32, .unit = "copies",
	    .text = "of each training image, changed as the section augment "
		    "says" },
	{ 0 }
};

const struct opt_group train_group = {
	.name = "train",
	.text = "training a model on a snapshot",
	.opts = options,
	.size = sizeof(struct train_opts),
};
