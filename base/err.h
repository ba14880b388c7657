/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err: errors as values.
 *
 * A function that can fail returns -1 and takes a `struct err *` last; the
 * error is untouched on success.  Nothing below cli/ prints an error: it
 * travels up, gaining context by err_wrap(), and is printed once.
 *
 * What is wrong with an item (a broken image, a page that is gone) is not an
 * error but a verdict, and is kept in the catalog.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
	ERR_NONE,
	ERR_RETRY,   /* the world's fault: the same call may work later */
	ERR_INPUT,   /* this item's fault: note it, take the next one */
	ERR_USAGE,   /* the call or the config is wrong */
	ERR_BUSY,    /* another run holds the workspace */
	ERR_DAMAGED, /* the workspace is damaged, or its disk full */
	ERR_STOPPED, /* a signal asked us to stop; state is kept */
	ERR_FATAL,   /* ours: stop the stage */
};

struct err {
	enum err_kind kind;
	char msg[512]; /* "context: cause"; no heap, survives any failure */
};

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* All return -1, so that `return err_set(...)` reads as one thought. */

/* A new error. */
int err_set(struct err *, enum err_kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/*
 * A new error with errno's text behind a colon.  ENOSPC, EDQUOT, EROFS, EFBIG
 * and EIO become ERR_DAMAGED, whatever kind is given.
 */
int err_sys(struct err *, enum err_kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Put "fmt: " before the message; the kind stays. */
int err_wrap(struct err *, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The exit status that cli.md gives this kind. */
int err_exit_status(const struct err *);

#endif
