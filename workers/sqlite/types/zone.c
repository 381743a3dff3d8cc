/*
 * Time zones, read from the system's own files (tzfile(5), version 2 and later). libc's localtime keeps one zone for
 * the whole process; sessions here have one each.
 */
#include <dirent.h>
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

#define ZONE_DIRECTORY "/usr/share/zoneinfo"
#define ZONE_NAME_MAX 64
#define ZONE_FILE_MAX 65536
#define ZONES_MAX 700 /* more than the system has names */
#define HEADER_SIZE 44
#define ABBREVIATION_MAX 8

struct zone {
	char name[ZONE_NAME_MAX];
	unsigned ntimes;
	int64_t *times;	  /* seconds since 1970; the offset before the first is `initial` */
	int32_t *offsets; /* from times[i] on */
	char (*names)[ABBREVIATION_MAX];
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

/* Goes from a directory into what has the next part of the name, in whatever case; false: there is none. */
static bool
path_step(char *path, size_t size, const char *part, size_t n)
{
	DIR *directory = opendir(path);
	const struct dirent *entry = NULL;
	size_t length = strlen(path);

	while (directory != NULL && (entry = readdir(directory)) != NULL)
		if (strlen(entry->d_name) == n && strncasecmp(entry->d_name, part, n) == 0)
			break;
	if (entry != NULL && length + n + 2 < size) {
		path[length] = '/';
		memcpy(path + length + 1, entry->d_name, n + 1);
	}
	if (directory != NULL)
		closedir(directory);
	return entry != NULL;
}

static bool
path_find(const char *name, char *path, size_t size)
{
	bool found = true;

	(void)snprintf(path, size, "%s", ZONE_DIRECTORY);
	for (size_t n; found && *name != '\0'; name += n + (name[n] == '/')) {
		n = strcspn(name, "/");
		found = n > 0 && path_step(path, size, name, n);
	}
	return found;
}

/* canonical: the name in the case that the file has it. */
static uint8_t *
file_read(const char *name, char canonical[ZONE_NAME_MAX], size_t *length)
{
	char path[sizeof(ZONE_DIRECTORY) + 2 * ZONE_NAME_MAX];
	uint8_t *data = NULL;
	struct stat st;
	ssize_t n;
	int fd;

	if (!name_is_safe(name) || !path_find(name, path, sizeof(path)))
		return NULL;
	memcpy(canonical, path + sizeof(ZONE_DIRECTORY), strlen(name) + 1); /* as long as the name is */
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
	free(zone->names);
	free(zone);
}

/* An abbreviation, from its index among the characters. */
static void
name_take(const uint8_t *characters, size_t n, size_t from, char name[ABBREVIATION_MAX])
{
	for (size_t i = 0; i + 1 < ABBREVIATION_MAX && from + i < n && characters[from + i] != '\0'; i++)
		name[i] = (char)characters[from + i];
}

/* The 64-bit data block. */
static bool
zone_fill(struct zone *zone, struct pgwire_reader *in, const struct tz_counts *c)
{
	const uint8_t *indexes, *types, *characters;
	int32_t offsets[256];

	zone->times = calloc(c->times + 1, sizeof(*zone->times));
	zone->offsets = calloc(c->times + 1, sizeof(*zone->offsets));
	zone->names = calloc(c->times + 1, sizeof(*zone->names));
	if (zone->times == NULL || zone->offsets == NULL || zone->names == NULL)
		return false;
	for (unsigned i = 0; i < c->times; i++)
		zone->times[i] = (int64_t)pgwire_get_int64(in);
	indexes = pgwire_get_bytes(in, c->times);
	types = pgwire_get_bytes(in, (size_t)c->types * 6);
	characters = pgwire_get_bytes(in, c->characters);
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
		name_take(characters, c->characters, types[(size_t)indexes[i] * 6 + 5], zone->names[i]);
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
	char canonical[ZONE_NAME_MAX] = "";
	uint8_t *data;
	size_t length = 0;

	SLIST_FOREACH(zone, &zones, entry)
	{
		if (strcasecmp(zone->name, name) == 0)
			return zone;
	}
	if (nzones >= ZONES_MAX || (data = file_read(name, canonical, &length)) == NULL)
		return NULL;
	if ((zone = zone_parse(data, length)) != NULL) {
		memcpy(zone->name, canonical, strlen(canonical) + 1);
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

/* How many changes of the clock were before. */
static unsigned
zone_index(const struct zone *zone, int64_t unix_s)
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
	return low;
}

static int
zone_offset(const struct zone *zone, int64_t unix_s)
{
	unsigned at = zone_index(zone, unix_s);

	return at == 0 ? zone->initial : zone->offsets[at - 1];
}

/* What a zone's name means: one offset, POSIX's rules or a file. */
struct meaning {
	const struct zone *zone; /* NULL: by the rules */
	struct type_posix_zone posix;
};

static bool
find_meaning(const char *name, struct meaning *m)
{
	*m = (struct meaning) { .zone = NULL };
	if (name == NULL)
		return true;
	return (m->zone = zone_find(name)) != NULL || type_posix_zone_parse(name, &m->posix);
}

static int
offset_by(const struct meaning *m, int64_t unix_s)
{
	return m->zone != NULL ? zone_offset(m->zone, unix_s) : type_posix_zone_offset(&m->posix, unix_s);
}

bool
type_zone_offset_at_utc(const char *name, int64_t unix_s, int *offset_s)
{
	struct meaning m;

	*offset_s = 0;
	if (!find_meaning(name, &m))
		return false;
	*offset_s = offset_by(&m, unix_s);
	return true;
}

/* A local time that a clock change repeats or skips is taken with the offset before the change, as PostgreSQL does for
 * one that is skipped; of a repeated one it takes the second, standard time. */
bool
type_zone_offset_at_local(const char *name, int64_t local_unix_s, int *offset_s)
{
	struct meaning m;
	int before, after;

	*offset_s = 0;
	if (!find_meaning(name, &m))
		return false;
	before = offset_by(&m, local_unix_s - 86400);
	after = offset_by(&m, local_unix_s + 86400);
	*offset_s = offset_by(&m, local_unix_s - after) == after ? after : before;
	return true;
}

bool
type_zone_is_fixed(const char *name, int *offset_s)
{
	struct meaning m;

	*offset_s = 0;
	if (!find_meaning(name, &m))
		return false;
	*offset_s = m.zone != NULL ? m.zone->initial : m.posix.standard_s;
	return m.zone != NULL ? m.zone->ntimes == 0 : !m.posix.has_summer;
}

bool
type_zone_abbreviated(const char *name, const char *abbreviation, int64_t unix_s, int *offset_s)
{
	const struct zone *zone = zone_find(name);
	unsigned at;

	if (zone == NULL)
		return false;
	at = zone_index(zone, unix_s);
	for (unsigned i = at; i-- > 0;)
		if (strcasecmp(zone->names[i], abbreviation) == 0) {
			*offset_s = zone->offsets[i];
			return true;
		}
	for (unsigned i = at; i < zone->ntimes; i++)
		if (strcasecmp(zone->names[i], abbreviation) == 0) {
			*offset_s = zone->offsets[i];
			return true;
		}
	return false;
}

const char *
type_zone_abbreviation_at(const char *name, int64_t unix_s)
{
	const struct zone *zone = zone_find(name);
	unsigned at = zone == NULL ? 0 : zone_index(zone, unix_s);

	return at == 0 ? NULL : zone->names[at - 1];
}

char *
type_zone_name(const char *name)
{
	struct meaning m;
	char *copy;

	if (!find_meaning(name, &m) || (copy = strdup(m.zone != NULL ? m.zone->name : name)) == NULL)
		return NULL;
	for (char *p = copy; m.zone == NULL && *p != '\0'; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
	return copy;
}
