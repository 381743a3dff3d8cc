/* What the client is told of the settings, and what the worker acts upon. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/settings/state.h"

/* What the client has been told is kept where it is not the initial value. */
static bool
keep_reported(struct settings *s, unsigned index, const char *value)
{
	bool initial = strcmp(value, setting_table[index].initial) == 0;
	struct entry *e = initial ? setting_entry_find(s, index) : setting_entry_make(s, index);

	if (e == NULL)
		return initial;
	free(e->reported);
	e->reported = initial ? NULL : strdup(value);
	return initial || e->reported != NULL;
}

void
settings_report(struct settings *s, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	bool told = true;

	if (!s->unreported)
		return;
	s->unreported = false;
	for (unsigned i = 0; i < setting_count; i++) {
		const struct entry *e;
		const char *value, *known;

		if (!(setting_table[i].flags & SETTING_REPORTED))
			continue;
		e = setting_entry_find(s, i);
		value = setting_entry_value(s, i);
		known = e != NULL && e->reported != NULL ? e->reported : s->told ? setting_table[i].initial : NULL;
		if (known != NULL && strcmp(known, value) == 0)
			continue;
		put(arg, setting_table[i].name, value);
		told &= keep_reported(s, i, value);
	}
	s->told = told; /* without memory it is all told once more: harmless */
}

static int64_t
read_integer(struct settings *s, const char *name)
{
	const struct setting *setting = setting_find(name);
	int64_t v = 0;

	(void)setting_parse_integer(setting, setting_entry_value(s, (unsigned)(setting - setting_table)), &v, NULL);
	return v;
}

static bool
read_is(struct settings *s, const char *name, const char *wanted)
{
	const struct setting *setting = setting_find(name);

	return strcmp(setting_entry_value(s, (unsigned)(setting - setting_table)), wanted) == 0;
}

static enum report_severity
read_severity(struct settings *s)
{
	static const struct {
		const char *name;
		enum report_severity severity;
	} levels[] = { { "log", REPORT_LOG }, { "notice", REPORT_NOTICE }, { "warning", REPORT_WARNING },
		{ "error", REPORT_ERROR } };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (read_is(s, "client_min_messages", levels[i].name))
			return levels[i].severity;
	}
	return REPORT_DEBUG;
}

static enum type_date_style
read_date_style(struct settings *s)
{
	static const char letters[] = "ISPG"; /* in the order of the enum */
	const char *value = settings_get(s, "DateStyle", NULL), *found = value == NULL ? NULL : strchr(letters, *value);

	if (value == NULL || found == NULL)
		return TYPE_DATE_ISO;
	return (enum type_date_style)(found - letters);
}

/* The first letter of the order behind the comma. */
static char
read_date_order(struct settings *s)
{
	const char *value = settings_get(s, "DateStyle", NULL), *comma = value == NULL ? NULL : strchr(value, ',');

	return comma == NULL ? 'M' : comma[2];
}

static unsigned
read_checks(struct settings *s, const char *name)
{
	const char *value = settings_get(s, name, NULL);
	unsigned checks = 0;

	return value != NULL && setting_read_checks(value, &checks) ? checks : 0;
}

const struct settings_values *
settings_values(struct settings *s)
{
	if (!s->changed)
		return &s->values;
	s->values = (struct settings_values) {
		.statement_timeout = read_integer(s, "statement_timeout"),
		.lock_timeout = read_integer(s, "lock_timeout"),
		.idle_in_transaction_session_timeout = read_integer(s, "idle_in_transaction_session_timeout"),
		.idle_session_timeout = read_integer(s, "idle_session_timeout"),
		.extra_float_digits = (int)read_integer(s, "extra_float_digits"),
		.bytea_escape = read_is(s, "bytea_output", "escape"),
		.default_transaction_read_only = read_is(s, "default_transaction_read_only", "on"),
		.default_transaction_deferrable = read_is(s, "default_transaction_deferrable", "on"),
		.default_transaction_isolation = read_is(s, "default_transaction_isolation", "serializable") ? 2
		    : read_is(s, "default_transaction_isolation", "repeatable read")			     ? 1
													     : 0,
		.client_min_messages = read_severity(s),
		.timezone = settings_get(s, "TimeZone", NULL),
		.search_path = settings_get(s, "search_path", NULL),
		.standard_conforming_strings = true,
		.date_order = read_date_order(s),
		.date_style = read_date_style(s),
		.interval_style = read_is(s, "IntervalStyle", "iso_8601") ? TYPE_INTERVAL_ISO_8601
		    : read_is(s, "IntervalStyle", "postgres_verbose")	  ? TYPE_INTERVAL_VERBOSE
		    : read_is(s, "IntervalStyle", "sql_standard")	  ? TYPE_INTERVAL_SQL_STANDARD
									  : TYPE_INTERVAL_POSTGRES,
		.plpgsql_errors = read_checks(s, "plpgsql.extra_errors"),
		.plpgsql_warnings = read_checks(s, "plpgsql.extra_warnings"),
		.plpgsql_asserts = read_is(s, "plpgsql.check_asserts", "on"),
		.plpgsql_columns_first = read_is(s, "plpgsql.variable_conflict", "use_column"),
		.plpgsql_variables_first = read_is(s, "plpgsql.variable_conflict", "use_variable"),
	};
	s->changed = false;
	return &s->values;
}

const char *
settings_name(const char *name)
{
	const struct setting *setting = setting_find(name);

	return setting == NULL ? NULL : setting->name;
}
