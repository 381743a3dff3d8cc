/*
 * Run-time settings of a session: SET, SHOW, RESET, set_config(), current_setting(). One table of the settings that are
 * known, with their types, defaults and who may change them.
 */
#ifndef BIBD_SQLITE_SETTINGS_H
#define BIBD_SQLITE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/types/types.h"

struct settings;

/* Settings of a new session with the defaults; a value given in the startup packet becomes the session's default (what
 * RESET returns to). NULL: out of memory. */
struct settings *settings_new(void);
void settings_free(struct settings *s);
/* Takes a parameter of the startup packet; "options" (PGOPTIONS) is taken apart here. The worker sets
 * session_authorization to the role, after what the client sent. */
int settings_set_startup(struct settings *s, const char *name, const char *value, struct report *r);

/* SET [LOCAL]: names are not case-sensitive; `a.b` names are taken as they come (custom). Unknown: 42704; a bad value:
 * 22023; a fixed one: 55P02. Values come back as PostgreSQL shows them: SET statement_timeout=5000 is shown as "5s".
 * value NULL is SET ... TO DEFAULT. LOCAL outside a transaction is checked and has no effect. */
int settings_set(struct settings *s, const char *name, const char *value, bool local, struct report *r);
int settings_reset(struct settings *s, const char *name, struct report *r); /* name NULL: RESET ALL */
/* The value as SHOW shows it, valid until the next change. NULL: 42704. */
const char *settings_get(struct settings *s, const char *name, struct report *r);
/* For SHOW ALL and pg_settings: i-th setting; false after the last. */
bool settings_by_index(struct settings *s, unsigned i, const char **name, const char **value, const char **description);

/* A function's SET: the value holds until settings_end_local, or until something else is set for longer meanwhile.
 * *kept is that one's to take back (malloc'ed, or NULL). -1: reported, and nothing has changed. */
int settings_begin_local(struct settings *s, const char *name, const char *value, char **kept, struct report *r);
void settings_end_local(struct settings *s, const char *name, char *kept);

/* Transactions: changes made since settings_begin are undone by rollback; LOCAL ones end at either. Savepoints nest:
 * the first one's depth is 1; a released one needs no call, its depth is used again. */
void settings_begin(struct settings *s);
void settings_savepoint(struct settings *s, unsigned depth);
void settings_rollback_to(struct settings *s, unsigned depth);
void settings_commit(struct settings *s);
void settings_rollback(struct settings *s);

/* ParameterStatus: calls put for each reported setting whose value changed since the last call; all of them at
 * first. */
void settings_report(struct settings *s, void (*put)(void *arg, const char *name, const char *value), void *arg);

/* What PL/pgSQL warns of, or takes for an error: plpgsql.extra_warnings and extra_errors. */
enum settings_check {
	SETTINGS_SHADOWED_VARIABLES = 1,
	SETTINGS_TOO_MANY_ROWS = 2,
	SETTINGS_STRICT_MULTI_ASSIGNMENT = 4
};

/* The settings that the worker itself acts on. Durations are in milliseconds; 0: off. */
struct settings_values {
	int64_t statement_timeout, lock_timeout, idle_in_transaction_session_timeout, idle_session_timeout;
	int extra_float_digits;
	bool bytea_escape;
	bool default_transaction_read_only, default_transaction_deferrable;
	int default_transaction_isolation; /* 0 read committed, 1 repeatable read, 2 serializable */
	enum report_severity client_min_messages;
	const char *timezone;
	const char *search_path; /* the text that was set; see search_path.h */
	bool standard_conforming_strings;
	char date_order; /* of DateStyle: 'M', 'D' or 'Y' comes first; see struct type_settings */
	enum type_date_style date_style;
	enum type_interval_style interval_style;
	unsigned plpgsql_errors, plpgsql_warnings; /* bits of enum settings_check */
	bool plpgsql_asserts;
	bool plpgsql_columns_first, plpgsql_variables_first; /* plpgsql.variable_conflict; neither: it is an error */
};
const struct settings_values *settings_values(struct settings *s);

/* The name in PostgreSQL's spelling ("DateStyle"), from any spelling of it; NULL: there is no such setting. */
const char *settings_name(const char *name);

#endif
