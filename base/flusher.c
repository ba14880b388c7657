/* SPDX-License-Identifier: Apache-2.0 */
#include "base/flusher.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

struct flusher {
	int fd;
	pthread_t thread;
	pthread_mutex_t lock; /* of the rest */
	pthread_cond_t change;
	bool wanted, ends;
};

static void *
run(void *arg)
{
	struct flusher *f = arg;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		while (!f->wanted && !f->ends)
			pthread_cond_wait(&f->change, &f->lock);
		if (f->ends)
			break;
		pthread_mutex_unlock(&f->lock);
		(void)syncfs(f->fd);
		pthread_mutex_lock(&f->lock);
		f->wanted = false;
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* Signals are for the thread that was there first. */
static bool
start(struct flusher *f)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return false;
	rc = pthread_create(&f->thread, NULL, run, f);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

struct flusher *
flusher_new(const char *folder)
{
	struct flusher *f = xcalloc(1, sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->change, NULL);
	f->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd >= 0 && start(f))
		return f;
	closep(&f->fd);
	free(f);
	return NULL;
}

void
flusher_kick(struct flusher *f)
{
	pthread_mutex_lock(&f->lock);
	if (!f->wanted) {
		f->wanted = true;
		pthread_cond_signal(&f->change);
	}
	pthread_mutex_unlock(&f->lock);
}

void
flusher_free(struct flusher *f)
{
	if (f == NULL)
		return;
	pthread_mutex_lock(&f->lock);
	f->ends = true;
	pthread_cond_signal(&f->change);
	pthread_mutex_unlock(&f->lock);
	pthread_join(f->thread, NULL);
	pthread_cond_destroy(&f->change);
	pthread_mutex_destroy(&f->lock);
	close(f->fd);
	free(f);
}
