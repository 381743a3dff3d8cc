/*
 * Time zones, read from the system's own files (tzfile(5), version 2 and later). libc's localtime keeps one zone for
 * the whole process; sessions here have one each.
 */
#include <endian.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workers/sqlite/types/codec.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define ZONE_NAME_MAX 64
#define ZONE_FILE_MAX 65536
#define ZONES_MAX 700 /* more than the system has names */
#define HEADER_SIZE 44

struct zone {
	char name[ZONE_NAME_MAX];
	unsigned ntimes;
	int64_t *times;	  /* seconds since 1970; the offset before the first is `initial` */
	int32_t *offsets; /* from times[i] on */
	int32_t initial;
	SLIST_ENTRY(zone) entry;
};

/* Zones are read once and shared by all threads for the life of the process: there are a few hundred at most, and a
 * zone that was read is never changed. The lock guards the list, not the zones. */
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;
static SLIST_HEAD(zone_list, zone) zones = SLIST_HEAD_INITIALIZER(zones);
static unsigned nzones;

/* The counts of a header, in the file's order. */
struct tz_counts {
	uint32_t ut, standard, leaps, times, types, characters;
};

static bool
name_is_safe(const char *name)
{
	if (*name == '\0' || *name == '/' || strlen(name) >= ZONE_NAME_MAX || strstr(name, "..") != NULL)
		return false;
	for (const char *p = name; *p != '\0'; p++) {
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/", *p) == NULL)
			return false;
	}
	return true;
}

static uint8_t *
file_read(const char *name, size_t *length)
{
	char path[sizeof(ZONE_DIRECTORY) + ZONE_NAME_MAX] = ZONE_DIRECTORY;
	uint8_t *data = NULL;
	struct stat st;
	ssize_t n;
	int fd;

	if (!name_is_safe(name))
		return NULL;
	memcpy(path + sizeof(ZONE_DIRECTORY) - 1, name, strlen(name) + 1); /* name_is_safe has measured it */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= HEADER_SIZE && st.st_size <= ZONE_FILE_MAX &&
	    (data = malloc((size_t)st.st_size)) != NULL) {
		n = read(fd, data, (size_t)st.st_size);
		*length = n > 0 ? (size_t)n : 0;
	}
	close(fd);
	return data;
}

static bool
header_read(struct pgwire_reader *in, struct tz_counts *c)
{
	const uint8_t *magic = pgwire_get_bytes(in, 4);
	bool fits = magic != NULL && memcmp(magic, "TZif", 4) == 0;

	(void)pgwire_get_bytes(in, 16); /* version and what is reserved */
	*c = (struct tz_counts) { .ut = pgwire_get_int32(in) };
	c->standard = pgwire_get_int32(in);
	c->leaps = pgwire_get_int32(in);
	c->times = pgwire_get_int32(in);
	c->types = pgwire_get_int32(in);
	c->characters = pgwire_get_int32(in);
	return fits && !in->failed && c->times <= ZONE_FILE_MAX && c->types > 0 && c->types <= 256 &&
	    c->leaps <= ZONE_FILE_MAX && c->characters <= ZONE_FILE_MAX && c->standard <= 256 && c->ut <= 256;
}

static void
zone_free(struct zone *zone)
{
	free(zone->times);
	free(zone->offsets);
	free(zone);
}

/* The 64-bit data block. */
static bool
zone_fill(struct zone *zone, struct pgwire_reader *in, const struct tz_counts *c)
{
	const uint8_t *indexes, *types;
	int32_t offsets[256];

	zone->times = calloc(c->times + 1, sizeof(*zone->times));
	zone->offsets = calloc(c->times + 1, sizeof(*zone->offsets));
	if (zone->times == NULL || zone->offsets == NULL)
		return false;
	for (unsigned i = 0; i < c->times; i++)
		zone->times[i] = (int64_t)pgwire_get_int64(in);
	indexes = pgwire_get_bytes(in, c->times);
	types = pgwire_get_bytes(in, (size_t)c->types * 6);
	if (in->failed)
		return false;
	for (unsigned i = 0; i < c->types; i++) {
		uint32_t offset;

		memcpy(&offset, types + (size_t)i * 6, sizeof(offset));
		offsets[i] = (int32_t)be32toh(offset);
	}
	for (unsigned i = 0; i < c->times; i++) {
		if (indexes[i] >= c->types)
			return false;
		zone->offsets[i] = offsets[indexes[i]];
	}
	zone->initial = offsets[0];
	zone->ntimes = c->times;
	return true;
}

static struct zone *
zone_parse(const uint8_t *data, size_t length)
{
	struct pgwire_reader in = { .data = data, .length = length };
	struct tz_counts c;
	struct zone *zone;

	if (!header_read(&in, &c))
		return NULL;
	/* Past the block of 32-bit times, to the one that has them in 64 bits. */
	(void)pgwire_get_bytes(&in,
	    (size_t)c.times * 5 + (size_t)c.types * 6 + c.characters + (size_t)c.leaps * 8 + c.standard + c.ut);
	if (!header_read(&in, &c) || (zone = calloc(1, sizeof(*zone))) == NULL)
		return NULL;
	if (!zone_fill(zone, &in, &c)) {
		zone_free(zone);
		return NULL;
	}
	return zone;
}

static const struct zone *
zone_find_locked(const char *name)
{
	struct zone *zone = NULL;
	uint8_t *data;
	size_t length = 0;

	SLIST_FOREACH(zone, &zones, entry)
	{
		if (strcasecmp(zone->name, name) == 0)
			return zone;
	}
	if (nzones >= ZONES_MAX || (data = file_read(name, &length)) == NULL)
		return NULL;
	if ((zone = zone_parse(data, length)) != NULL) {
		memcpy(zone->name, name, strlen(name) + 1);
		SLIST_INSERT_HEAD(&zones, zone, entry);
		nzones++;
	}
	free(data);
	return zone;
}

static const struct zone *
zone_find(const char *name)
{
	const struct zone *zone;

	pthread_mutex_lock(&zones_lock);
	zone = zone_find_locked(name);
	pthread_mutex_unlock(&zones_lock);
	return zone;
}

static bool
zone_is_utc(const char *name)
{
	static const char *const names[] = { "UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "Zulu", "Universal", "UCT" };

	if (name == NULL)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* Zone files list their transitions up to 2037. What lies beyond is looked up in a year that has the same calendar: the
 * same weekdays, leap or not, as a year of 2009 to 2036. */
static int64_t
into_known_years(int64_t unix_s)
{
	const int64_t end = INT64_C(2114380800); /* 2037-01-01 */
	int64_t days = unix_s / 86400 - TYPE_EPOCH_SHIFT_DAYS, year, first, like;
	int month, day;

	if (unix_s < end)
		return unix_s;
	type_civil_from_days(days, &year, &month, &day);
	first = type_days_from_civil(year, 1, 1);
	for (int64_t y = 2009; y <= 2036; y++) {
		like = type_days_from_civil(y, 1, 1);
		if ((first - like) % 7 == 0 && type_days_in_month(y, 2) == type_days_in_month(year, 2))
			return unix_s - (first - like) * 86400;
	}
	return unix_s;
}

static int
zone_offset(const struct zone *zone, int64_t unix_s)
{
	unsigned low = 0, high = zone->ntimes;

	unix_s = into_known_years(unix_s);
	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (zone->times[middle] <= unix_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? zone->initial : zone->offsets[low - 1];
}

/* POSIX's form of a zone without rules: a name of letters or in <>, and hours[:minutes] west of Greenwich. */
static bool
zone_is_fixed(const char *name, int *offset_s)
{
	size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	const char *p = name + letters;
	int hours = 0, minutes = 0, sign;

	if (*name == '<') {
		if ((p = strchr(name, '>')) == NULL)
			return false;
		p++;
	} else if (letters < 3)
		return false;
	sign = *p == '-' ? 1 : -1;
	p += *p == '-' || *p == '+';
	if (*p < '0' || *p > '9' || strspn(p, "0123456789:") != strlen(p))
		return false;
	if (sscanf(p, "%2d:%2d", &hours, &minutes) < 1 || hours > 15 || minutes > 59)
		return false;
	*offset_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
type_zone_offset_at_utc(const char *name, int64_t unix_s, int *offset_s)
{
	const struct zone *zone;

	*offset_s = 0;
	if (zone_is_utc(name) || zone_is_fixed(name, offset_s))
		return true;
	if ((zone = zone_find(name)) == NULL)
		return false;
	*offset_s = zone_offset(zone, unix_s);
	return true;
}

/* A local time that a clock change repeats or skips is taken with the offset before the change, as PostgreSQL does for
 * one that is skipped; of a repeated one it takes the second, standard time. */
bool
type_zone_offset_at_local(const char *name, int64_t local_unix_s, int *offset_s)
{
	const struct zone *zone;
	int before, after;

	*offset_s = 0;
	if (zone_is_utc(name) || zone_is_fixed(name, offset_s))
		return true;
	if ((zone = zone_find(name)) == NULL)
		return false;
	before = zone_offset(zone, local_unix_s - 86400);
	after = zone_offset(zone, local_unix_s + 86400);
	*offset_s = zone_offset(zone, local_unix_s - after) == after ? after : before;
	return true;
}
