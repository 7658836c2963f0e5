/* SPDX-License-Identifier: MIT */
/*
 * Loaded before the C library: the wall clock shows what CLOCK says, "UNIX AFTER_MS BY": it begins
 * at UNIX, and is set by BY seconds AFTER_MS later. Clocks that only go forward are as they were.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS_A_SECOND 1000
#define NS_A_MS 1000000

typedef int clock_function(clockid_t id, struct timespec *out);

static struct {
	clock_function *real;
	long long begin, after_ms, by;
	struct timespec begun;
} faked;

__attribute__((constructor)) static void begin(void)
{
	void *found = dlsym(RTLD_NEXT, "clock_gettime");
	const char *told = getenv("CLOCK");

	memcpy(&faked.real, &found, sizeof(found));
	if (!told || sscanf(told, "%lld %lld %lld", &faked.begin, &faked.after_ms, &faked.by) != 3)
		abort();
	faked.real(CLOCK_MONOTONIC, &faked.begun);
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *out);

int clock_gettime(clockid_t id, struct timespec *out)
{
	long long ms;
	int result;

	if (id != CLOCK_REALTIME)
		return faked.real(id, out);
	result = faked.real(CLOCK_MONOTONIC, out);
	ms = (long long)(out->tv_sec - faked.begun.tv_sec) * MS_A_SECOND +
	     (out->tv_nsec - faked.begun.tv_nsec) / NS_A_MS;
	*out = (struct timespec){ (time_t)(faked.begin + (ms >= faked.after_ms ? faked.by : 0) +
					   ms / MS_A_SECOND),
				  ms % MS_A_SECOND * NS_A_MS };
	return result;
}
