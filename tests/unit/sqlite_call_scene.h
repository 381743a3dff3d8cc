/*
 * Calls functions as SQLite calls them, without the translator: on a connection in memory that has all of them.
 */
#ifndef BIBD_TESTS_SQLITE_CALL_SCENE_H
#define BIBD_TESTS_SQLITE_CALL_SCENE_H

#include <stddef.h>

/* An expression, or all of a query that begins with "select"; and its first value as PostgreSQL shows it, "NULL", or
 * "ERROR state message". */
struct call_row {
	const char *call, *answer;
};

void call_scene_open(void);
void call_scene_close(void);
/* The session's TimeZone; "UTC" at first. */
void call_scene_zone(const char *zone);
void call_expect(const struct call_row *rows, size_t n);

#endif
