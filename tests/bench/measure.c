/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure FILE COMMAND...: run it and append "seconds CPU-seconds peak-KiB"
 * to FILE; its exit status.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	struct timespec from, to;
	struct rusage used;
	int status = 0;
	pid_t child;
	FILE *out;

	if (argc < 3)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &from);
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &used) != child)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &to);
	out = fopen(argv[1], "a");
	if (out == NULL)
		return 1;
	fprintf(out, "%.4f %.4f %ld\n",
	    (double)(to.tv_sec - from.tv_sec) +
		(double)(to.tv_nsec - from.tv_nsec) / 1e9,
	    seconds(&used.ru_utime) + seconds(&used.ru_stime), used.ru_maxrss);
	if (fclose(out) != 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
