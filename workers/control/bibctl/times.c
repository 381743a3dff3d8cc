/*
 * Ages and times as they stand on a command line.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workers/control/bibctl/bibctl.h"

int64_t
bibctl_read_age(const char *text)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t digits = strspn(text, "0123456789");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (digits > 0 && digits < 8 && text[digits] == units[i].unit && text[digits + 1] == '\0')
			return strtol(text, NULL, 10) * units[i].seconds;
	return -1;
}

/* A form of strptime(3), read whole; false when the text has another one. */
static bool
times_has_form(const char *text, const char *form, struct tm *tm)
{
	const char *end = strptime(text, form, tm);

	return end != NULL && *end == '\0';
}

int
bibctl_read_time(const char *text, int64_t now_us, int64_t *us)
{
	static const char *const days[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M",
		"%Y-%m-%dT%H:%M" };
	static const char *const clocks[] = { "%H:%M:%S", "%H:%M" };
	time_t now = (time_t)(now_us / 1000000), then = -1;
	struct tm tm = { .tm_isdst = -1 };

	if (times_has_form(text, "%Y-%m-%dT%H:%M:%SZ", &tm)) {
		*us = (int64_t)timegm(&tm) * 1000000;
		return 0;
	}
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]) && then == -1; i++) {
		tm = (struct tm) { .tm_isdst = -1 };
		if (times_has_form(text, days[i], &tm))
			then = mktime(&tm);
	}
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]) && then == -1; i++) {
		if (localtime_r(&now, &tm) == NULL)
			return -1;
		tm.tm_sec = 0;
		tm.tm_isdst = -1;
		if (!times_has_form(text, clocks[i], &tm))
			continue;
		/* A time of the day without a date is the last one that has passed. */
		if ((then = mktime(&tm)) > now) {
			tm.tm_mday--;
			tm.tm_isdst = -1;
			then = mktime(&tm);
		}
	}
	*us = (int64_t)then * 1000000;
	return then == -1 ? -1 : 0;
}
