/*
 * Makes sets of settings, shares equal ones, and tells which statement brings a connection from one set to another.
 */
#include "workers/postgres/statements/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <bsd/string.h>

#define ROWS(table) table, sizeof(table) / sizeof((table)[0])

/* A set while it is put together. */
struct draft {
	struct pg_setting items[SETTINGS_MAX];
	unsigned n;
};

int
pg_settings_open(struct pg_settings_table *table)
{
	*table = (struct pg_settings_table) { 0 };
	TAILQ_INIT(&table->unused);
	if ((table->empty = calloc(1, sizeof(*table->empty))) == NULL)
		return -1;
	table->empty->references = 1;
	table->empty->hash = 0;
	LIST_INSERT_HEAD(&table->buckets[0], table->empty, bucket);
	return 0;
}

static void
pg_settings_free(struct pg_settings *settings)
{
	LIST_REMOVE(settings, bucket);
	for (unsigned i = 0; i < ROLES; i++)
		free(settings->reports[i].messages);
	free(settings);
}

void
pg_settings_close(struct pg_settings_table *table)
{
	for (unsigned i = 0; i < SETTINGS_BUCKETS; i++)
		while (!LIST_EMPTY(&table->buckets[i]))
			pg_settings_free(LIST_FIRST(&table->buckets[i]));
	*table = (struct pg_settings_table) { 0 };
}

struct pg_settings *
pg_settings_reference(struct pg_settings *settings)
{
	settings->references++;
	return settings;
}

void
pg_settings_release(struct pg_settings_table *table, struct pg_settings *settings)
{
	struct pg_settings *oldest;

	if (settings == NULL || --settings->references > 0)
		return;
	TAILQ_INSERT_TAIL(&table->unused, settings, unused);
	if (++table->nunused <= SETTINGS_UNUSED_MAX)
		return;
	oldest = TAILQ_FIRST(&table->unused);
	TAILQ_REMOVE(&table->unused, oldest, unused);
	table->nunused--;
	pg_settings_free(oldest);
}

/* ---- the one set of these items ---- */

static uint32_t
hash_text(uint32_t hash, const char *text)
{
	do
		hash = (hash ^ (uint8_t)*text) * 0x01000193u;
	while (*text++ != '\0');
	return hash;
}

static bool
draft_equals(const struct draft *draft, const struct pg_settings *settings)
{
	if (draft->n != settings->n)
		return false;
	for (unsigned i = 0; i < draft->n; i++)
		if (strcmp(draft->items[i].name, settings->items[i].name) != 0 ||
		    strcmp(draft->items[i].sql, settings->items[i].sql) != 0)
			return false;
	return true;
}

/* The letters and digits at the end of a statement, in lower case; of set_config, those of its value. */
static void
value_end(const char *sql, char *value, size_t size)
{
	size_t n = 0;

	for (const char *p = sql; *p != '\0' && strcmp(p, ",false)") != 0; p++) {
		if (*p == ',' || *p == '=' || *p == ' ')
			n = 0;
		else if (isalnum((unsigned char)*p) && n < size - 1)
			value[n++] = (char)tolower((unsigned char)*p);
	}
	value[n] = '\0';
}

/* Whether the value is surely one of these; a leading e is that of an escape string. */
static bool
value_is_one_of(const char *sql, const char *const *values, size_t nvalues)
{
	char value[64];
	const char *p = value;

	value_end(sql, value, sizeof(value));
	for (unsigned pass = 0; pass < 2; pass++, p += value[0] == 'e' ? 1 : 0)
		for (size_t i = 0; i < nvalues; i++)
			if (strcmp(p, values[i]) == 0)
				return true;
	return false;
}

/* Client encodings in which no byte of a longer character is an ASCII one, as PostgreSQL spells them without
 * punctuation. */
static const char *const encodings_safe[] = { "utf8", "unicode", "sqlascii", "latin1", "latin2", "latin9", "iso88591",
	"iso88592", "iso885915", "win1250", "win1251", "win1252", "windows1250", "windows1251", "windows1252",
	"koi8r" };
static const char *const words_true[] = { "on", "true", "yes", "1" };

/* Whether a setting may not be left on a connection that others share, or changes what words mean. */
static bool
is_unsafe(const struct pg_setting *item)
{
	if (strcmp(item->name, "role") == 0 || strcmp(item->name, "session_authorization") == 0 ||
	    strcmp(item->name, "idle_session_timeout") == 0)
		return true;
	if (strcmp(item->name, "client_encoding") == 0)
		return !value_is_one_of(item->sql, ROWS(encodings_safe));
	if (strcmp(item->name, "standard_conforming_strings") == 0)
		return !value_is_one_of(item->sql, ROWS(words_true));
	/* With the temporary schema in front, every table is a temporary one. */
	return strcasestr(item->sql, "pg_temp") != NULL;
}

static struct pg_settings *
pg_settings_make(const struct draft *draft, size_t size)
{
	struct pg_settings *settings = calloc(1, sizeof(*settings) + draft->n * sizeof(settings->items[0]) + size);
	char *text;

	if (settings == NULL)
		return NULL;
	text = (char *)&settings->items[draft->n];
	settings->n = draft->n;
	for (unsigned i = 0; i < draft->n; i++) {
		settings->items[i].name = text;
		text = stpcpy(text, draft->items[i].name) + 1;
		settings->items[i].sql = text;
		text = stpcpy(text, draft->items[i].sql) + 1;
		settings->unsafe |= is_unsafe(&settings->items[i]);
	}
	return settings;
}

static struct pg_settings *
pg_settings_intern(struct pg_settings_table *table, const struct draft *draft)
{
	uint32_t hash = draft->n == 0 ? 0 : 0x811c9dc5u;
	struct pg_settings *settings;
	size_t size = 0;

	for (unsigned i = 0; i < draft->n; i++) {
		hash = hash_text(hash_text(hash, draft->items[i].name), draft->items[i].sql);
		size += strlen(draft->items[i].name) + strlen(draft->items[i].sql) + 2;
	}
	if (size > SETTINGS_SQL_MAX)
		return NULL;
	LIST_FOREACH(settings, &table->buckets[hash % SETTINGS_BUCKETS], bucket)
	if (settings->hash == hash && draft_equals(draft, settings)) {
		if (settings->references++ == 0) {
			TAILQ_REMOVE(&table->unused, settings, unused);
			table->nunused--;
		}
		return settings;
	}
	if ((settings = pg_settings_make(draft, size)) == NULL)
		return NULL;
	settings->references = 1;
	settings->hash = hash;
	LIST_INSERT_HEAD(&table->buckets[hash % SETTINGS_BUCKETS], settings, bucket);
	return settings;
}

/* ---- drafts ---- */

static void
draft_from(struct draft *draft, const struct pg_settings *settings)
{
	draft->n = settings->n;
	if (settings->n > 0)
		memcpy(draft->items, settings->items, settings->n * sizeof(draft->items[0]));
}

static void
draft_remove(struct draft *draft, const char *name)
{
	for (unsigned i = 0; i < draft->n; i++)
		if (strcmp(draft->items[i].name, name) == 0) {
			memmove(&draft->items[i], &draft->items[i + 1], (--draft->n - i) * sizeof(draft->items[0]));
			return;
		}
}

static int
draft_set(struct draft *draft, const char *name, const char *sql)
{
	unsigned i;

	draft_remove(draft, name);
	if (draft->n == SETTINGS_MAX)
		return -1;
	for (i = draft->n; i > 0 && strcmp(draft->items[i - 1].name, name) > 0; i--)
		draft->items[i] = draft->items[i - 1];
	draft->items[i] = (struct pg_setting) { .name = name, .sql = sql };
	draft->n++;
	return 0;
}

char *
pg_settings_fold_name(const char *name)
{
	char *folded = strdup(name);

	for (char *p = folded; p != NULL && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return folded;
}

struct pg_settings *
pg_settings_with(struct pg_settings_table *table, const struct pg_settings *base, const char *name, const char *sql,
    size_t size)
{
	char *text = strndup(sql, size), *folded = pg_settings_fold_name(name);
	struct pg_settings *settings = NULL;
	struct draft draft;

	draft_from(&draft, base);
	if (text != NULL && folded != NULL && draft_set(&draft, folded, text) == 0)
		settings = pg_settings_intern(table, &draft);
	free(text);
	free(folded);
	return settings;
}

bool
pg_settings_is_plain(const char *sql, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (sql[i] == '$' || sql[i] == '\\' || sql[i] == '&' || sql[i] == '\0' ||
		    (i > 0 && ((sql[i - 1] == '-' && sql[i] == '-') || (sql[i - 1] == '/' && sql[i] == '*'))))
			return false;
	return true;
}

struct pg_settings *
pg_settings_reset(struct pg_settings_table *table, const struct pg_settings *base, const struct pg_settings *startup,
    const char *name)
{
	char *folded = pg_settings_fold_name(name);
	struct pg_settings *settings = NULL;
	struct draft draft;

	if (folded == NULL)
		return NULL;
	draft_from(&draft, base);
	draft_remove(&draft, folded);
	for (unsigned i = 0; i < startup->n; i++)
		if (strcmp(startup->items[i].name, folded) == 0)
			(void)draft_set(&draft, startup->items[i].name, startup->items[i].sql);
	settings = pg_settings_intern(table, &draft);
	free(folded);
	return settings;
}

/* These settings change how long something takes, or how a value is written, but never what a text means. In doubt a
 * name is not in this list. */
static const char *const pg_settings_without_meaning[] = { "application_name", "bytea_output", "client_min_messages",
	"extra_float_digits", "idle_in_transaction_session_timeout", "idle_session_timeout", "jit", "lock_timeout",
	"statement_timeout", "synchronous_commit", "work_mem" };

static bool
pg_settings_has(const struct pg_settings *settings, const char *name)
{
	for (unsigned i = 0; i < settings->n; i++)
		if (strcmp(settings->items[i].name, name) == 0)
			return true;
	return false;
}

/* The set without one of its settings; takes the reference over. */
static struct pg_settings *
pg_settings_drop(struct pg_settings_table *table, struct pg_settings *settings, const char *name)
{
	struct pg_settings *next;

	if (settings == NULL || !pg_settings_has(settings, name))
		return settings;
	next = pg_settings_reset(table, settings, table->empty, name);
	pg_settings_release(table, settings);
	return next;
}

struct pg_settings *
pg_settings_meaning(struct pg_settings_table *table, struct pg_settings *settings)
{
	struct pg_settings *meaning = pg_settings_reference(settings);

	for (size_t i = 0; i < sizeof(pg_settings_without_meaning) / sizeof(pg_settings_without_meaning[0]); i++)
		meaning = pg_settings_drop(table, meaning, pg_settings_without_meaning[i]);
	return meaning;
}

bool
pg_settings_decide_reading(const char *name)
{
	for (size_t i = 0; i < sizeof(pg_settings_without_meaning) / sizeof(pg_settings_without_meaning[0]); i++)
		if (strcmp(name, pg_settings_without_meaning[i]) == 0)
			return false;
	return strcmp(name, "search_path") != 0;
}

bool
pg_settings_read_alike(struct pg_settings_table *table, struct pg_settings *a, struct pg_settings *b)
{
	bool alike;

	a = pg_settings_drop(table, pg_settings_meaning(table, a), "search_path");
	b = pg_settings_drop(table, pg_settings_meaning(table, b), "search_path");
	alike = a != NULL && a == b;
	pg_settings_release(table, a);
	pg_settings_release(table, b);
	return alike;
}

static const char *const pg_settings_of_dates[] = { "array_nulls", "datestyle", "intervalstyle", "lc_monetary",
	"timezone", "timezone_abbreviations", "transform_null_equals", "xmloption" };

bool
pg_settings_decide_dates(const char *name)
{
	for (size_t i = 0; i < sizeof(pg_settings_of_dates) / sizeof(pg_settings_of_dates[0]); i++)
		if (strcasecmp(name, pg_settings_of_dates[i]) == 0)
			return true;
	return false;
}

static const char *
pg_settings_sql_of(const struct pg_settings *settings, const char *name)
{
	for (unsigned i = 0; i < settings->n; i++)
		if (strcmp(settings->items[i].name, name) == 0)
			return settings->items[i].sql;
	return "";
}

bool
pg_settings_have_same_dates(const struct pg_settings *a, const struct pg_settings *b)
{
	for (size_t i = 0; i < sizeof(pg_settings_of_dates) / sizeof(pg_settings_of_dates[0]); i++)
		if (strcmp(pg_settings_sql_of(a, pg_settings_of_dates[i]),
			pg_settings_sql_of(b, pg_settings_of_dates[i])) != 0)
			return false;
	return true;
}
