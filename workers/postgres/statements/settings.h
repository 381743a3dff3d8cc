/*
 * The settings of a session: what its startup packet asked for, and what it SET since. Sets are immutable and shared:
 * two sessions with the same settings have the same pointer, and a server connection knows by one comparison whether it
 * has them. What the set lacks has the value that the login starts with.
 */
#ifndef BIBD_POSTGRES_SETTINGS_H
#define BIBD_POSTGRES_SETTINGS_H

#include <sys/queue.h>

#include "workers/pgwire/pgwire.h"

#define SETTINGS_MAX 128
#define SETTINGS_SQL_MAX 16384 /* bytes of all statements of a set */
#define SETTINGS_BUCKETS 256
#define SETTINGS_UNUSED_MAX 64

struct setting {
	const char *name; /* lower case */
	const char *sql;  /* the statement that makes it so */
};

/* What a server reports of a session with these settings: ParameterStatus messages, ready to be sent. */
struct settings_report {
	uint8_t *messages; /* NULL: not known yet */
	size_t size;
	unsigned generation;
};

struct settings {
	LIST_ENTRY(settings) bucket;
	TAILQ_ENTRY(settings) unused;
	unsigned references;
	uint32_t hash;
	/* Something that may not be left on a shared connection: a role, or an encoding in which a backslash or a letter
	 * may be half of a character, so that words cannot be told (words.h). */
	bool unsafe;
	struct settings_report reports[ROLES];
	unsigned n;
	struct setting items[]; /* by name; the strings stand behind them */
};

struct settings_table {
	LIST_HEAD(, settings) buckets[SETTINGS_BUCKETS];
	TAILQ_HEAD(, settings) unused; /* kept for the next session like the last: the oldest first */
	unsigned nunused;
	struct settings *empty;
};

/* -1 when memory is out. */
int settings_open(struct settings_table *table);
void settings_close(struct settings_table *table);

struct settings *settings_reference(struct settings *settings);
/* Takes NULL. */
void settings_release(struct settings_table *table, struct settings *settings);

/* The set that a startup packet asks for; "options" is taken apart as PostgreSQL does (-c name=value, --name=value).
 * The caller owns a reference. NULL with a report when it cannot be read. */
struct settings *settings_from_startup(struct settings_table *table, const struct pgwire_startup *startup,
    struct report *r);

/* The set with one more, made by this statement (not necessarily terminated). NULL when it would be too large or memory
 * is out. The caller owns a reference. */
struct settings *settings_with(struct settings_table *table, const struct settings *base, const char *name,
    const char *sql, size_t size);

/* Whether a SET is written so plainly that it can be seen what it sets: no comment, escape or dollar quote in it. */
bool settings_is_plain(const char *sql, size_t size);

/* The set after RESET name: as the session started with it. */
struct settings *settings_reset(struct settings_table *table, const struct settings *base,
    const struct settings *startup, const char *name);

/* What of the set decides how a text of SQL is read: without time-outs, the client's name and the like. NULL: memory is
 * out. The caller owns a reference. */
struct settings *settings_meaning(struct settings_table *table, struct settings *settings);

/* Whether the setting with this name counts for that. */
bool settings_decide_reading(const char *name);

/* Whether the setting with this name decides which value a string has, of those that PostgreSQL asks when it reads a text
 * that it has read before. */
bool settings_decide_dates(const char *name);
bool settings_have_same_dates(const struct settings *a, const struct settings *b);

/* Whether a text may be read in another way with the one than with the other. What names stand for does not count: that
 * is looked up again. */
bool settings_read_alike(struct settings_table *table, struct settings *a, struct settings *b);

/* The name in lower case, malloc'ed; NULL when memory is out. */
char *settings_fold_name(const char *name);

/* Puts the statement that sets a value as it is; NULL: back to what the login starts with. */
void settings_put_config(struct pgwire_buffer *out, const char *name, const char *value);

/* Puts the SQL that turns a connection with `from` (NULL: nobody knows) into one with `to`. */
void settings_put_difference(const struct settings *from, const struct settings *to, struct pgwire_buffer *out);

#endif
