/*
 * The settings of a session: what its startup packet asked for, and what it SET since. Sets are immutable and shared:
 * two sessions with the same settings have the same pointer, and a server connection knows by one comparison whether it
 * has them. A setting that is not in the set has the value with which the login starts.
 */
#ifndef BIBD_POSTGRES_SETTINGS_H
#define BIBD_POSTGRES_SETTINGS_H

#include <sys/queue.h>

#include "workers/pgwire/pgwire.h"

#define SETTINGS_MAX 128
#define SETTINGS_SQL_MAX 16384 /* bytes of all statements of a set */
#define SETTINGS_BUCKETS 256
#define SETTINGS_UNUSED_MAX 64

struct pg_setting {
	const char *name; /* lower case */
	const char *sql;  /* the statement that makes it so */
};

/* What a server reports of a session with these settings: ParameterStatus messages, ready to be sent. */
struct pg_settings_report {
	uint8_t *messages; /* NULL: not known yet */
	size_t size;
	unsigned generation;
};

struct pg_settings {
	LIST_ENTRY(pg_settings) bucket;
	TAILQ_ENTRY(pg_settings) unused;
	unsigned references;
	uint32_t hash;
	/* Something that may not be left on a shared connection: a role, or an encoding in which a backslash or a
	 * letter may be half of a character, so that words cannot be recognised (words.h). */
	bool unsafe;
	struct pg_settings_report reports[ROLES];
	unsigned n;
	struct pg_setting items[]; /* by name; the strings stand behind them */
};

struct pg_settings_table {
	LIST_HEAD(, pg_settings) buckets[SETTINGS_BUCKETS];
	TAILQ_HEAD(, pg_settings)
	unused; /* sets that no session has now, kept for the next session that is alike; the oldest first */
	unsigned nunused;
	struct pg_settings *empty;
};

/* -1 when memory is out. */
int pg_settings_open(struct pg_settings_table *table);
void pg_settings_close(struct pg_settings_table *table);

struct pg_settings *pg_settings_reference(struct pg_settings *settings);
/* Takes NULL. */
void pg_settings_release(struct pg_settings_table *table, struct pg_settings *settings);

/* The set that a startup packet asks for; "options" is taken apart as PostgreSQL does (-c name=value, --name=value).
 * The caller owns a reference. NULL with a report when it cannot be read. */
struct pg_settings *pg_settings_from_startup(struct pg_settings_table *table, const struct pgwire_startup *startup,
    struct report *r);

/* The set with one more, made by this statement (not necessarily terminated). NULL when it would be too large or memory
 * is out. The caller owns a reference. */
struct pg_settings *pg_settings_with(struct pg_settings_table *table, const struct pg_settings *base, const char *name,
    const char *sql, size_t size);

/* Whether a SET is so plain that one can see what it sets: it has no comment, escape or dollar quote. */
bool pg_settings_is_plain(const char *sql, size_t size);

/* The set after RESET name: the setting has again the value with which the session started. */
struct pg_settings *pg_settings_reset(struct pg_settings_table *table, const struct pg_settings *base,
    const struct pg_settings *startup, const char *name);

/* The part of the set that decides how a text of SQL is read, without time-outs, the client's name and the like. NULL:
 * memory is out. The caller owns a reference. */
struct pg_settings *pg_settings_meaning(struct pg_settings_table *table, struct pg_settings *settings);

/* Whether the setting with this name is in that part. */
bool pg_settings_decide_reading(const char *name);

/* Whether the setting with this name decides which value a string has when PostgreSQL reads a text again. */
bool pg_settings_decide_dates(const char *name);
bool pg_settings_have_same_dates(const struct pg_settings *a, const struct pg_settings *b);

/* Whether a text may be read in another way with the one than with the other. What names stand for does not count: that
 * is looked up again. */
bool pg_settings_read_alike(struct pg_settings_table *table, struct pg_settings *a, struct pg_settings *b);

/* The name in lower case, malloc'ed; NULL when memory is out. */
char *pg_settings_fold_name(const char *name);

/* Puts the statement that sets a value as it is given; NULL: back to the value with which the login starts. */
void pg_settings_put_config(struct pgwire_buffer *out, const char *name, const char *value);

/* Puts the SQL that turns a connection with `from` (NULL: nobody knows) into one with `to`. */
void pg_settings_put_difference(const struct pg_settings *from, const struct pg_settings *to,
    struct pgwire_buffer *out);

#endif
