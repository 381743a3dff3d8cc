/*
 * Reads the system's clocks, or a test's own, and prints a time of day.
 */
#include "common/clock.h"

#include <stdio.h>
#include <time.h>

/* File scope, since time has no owner to pass it: tests put a clock of their own here. */
static int64_t (*clock_fake)(void);

int64_t
clock_now_ms(void)
{
	struct timespec ts;

	if (clock_fake != NULL)
		return clock_fake();
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_realtime_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void
clock_set_fake(int64_t (*fn)(void))
{
	clock_fake = fn;
}

char *
clock_text(int64_t realtime_us, char *buf, size_t size)
{
	time_t seconds = (time_t)(realtime_us / 1000000);
	int us = (int)(realtime_us % 1000000);
	struct tm tm;
	size_t n;

	if (us < 0) {
		us += 1000000;
		seconds--;
	}
	if (gmtime_r(&seconds, &tm) == NULL || (n = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm)) == 0) {
		if (size > 0)
			buf[0] = '\0';
		return buf;
	}
	(void)snprintf(buf + n, size - n, ".%03dZ", us / 1000);
	return buf;
}
