/* Settings as SQL: what a startup packet asks for, and the way from one set to another. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/statements/settings.h"

/* ---- the startup packet ---- */

static void
put_text(struct pgwire_buffer *out, const char *text)
{
	pgwire_put_bytes(out, text, strlen(text));
}

/* Puts an escape string, the one kind of literal that is read the same under any setting. */
static void
put_literal(struct pgwire_buffer *out, const char *text)
{
	put_text(out, "E'");
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			pgwire_put_byte(out, (uint8_t)*text);
		pgwire_put_byte(out, (uint8_t)*text);
	}
	put_text(out, "'");
}

/* A startup packet gives the value itself, which SET would read as a list or a number; NULL: back to the start. */
void
pg_settings_put_config(struct pgwire_buffer *out, const char *name, const char *value)
{
	put_text(out, "SELECT pg_catalog.set_config(");
	put_literal(out, name);
	put_text(out, ",");
	if (value == NULL)
		put_text(out, "NULL");
	else
		put_literal(out, value);
	put_text(out, ",false)");
}

static int
startup_take(struct pg_settings_table *table, struct pg_settings **settings, const char *name, const char *value,
    struct report *r)
{
	struct pgwire_buffer sql = { 0 };
	struct pg_settings *next = NULL;
	char *folded = pg_settings_fold_name(name);

	if (folded != NULL) {
		pg_settings_put_config(&sql, folded, value);
		if (!sql.failed)
			next = pg_settings_with(table, *settings, folded, (const char *)sql.data, sql.end);
	}
	pgwire_buffer_free(&sql);
	free(folded);
	if (next == NULL)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "too many settings in startup packet");
	pg_settings_release(table, *settings);
	*settings = next;
	return 0;
}

/* The next word of "options": a backslash takes the next character as it is. NULL at the end. */
static char *
options_next(const char **p, char *word, size_t size)
{
	size_t n = 0;

	while (isspace((unsigned char)**p))
		(*p)++;
	if (**p == '\0')
		return NULL;
	for (; **p != '\0' && !isspace((unsigned char)**p); (*p)++) {
		if (**p == '\\' && (*p)[1] != '\0')
			(*p)++;
		if (n < size - 1)
			word[n++] = **p;
	}
	word[n] = '\0';
	return word;
}

static int
options_take(struct pg_settings_table *table, struct pg_settings **settings, const char *options, struct report *r)
{
	char word[PGWIRE_STARTUP_SETTINGS_MAX * 64] = "", *text, *equals;

	while ((text = options_next(&options, word, sizeof(word))) != NULL) {
		if (strcmp(text, "-c") == 0)
			text = options_next(&options, word, sizeof(word));
		else if (strncmp(text, "-c", 2) == 0 || strncmp(text, "--", 2) == 0)
			text += 2;
		else
			text = NULL;
		if (text == NULL || text[0] == '\0' || (equals = strchr(text, '=')) == NULL)
			return report_set(r, SQLSTATE_SYNTAX_ERROR,
			    "invalid command-line argument for server process: %s", word);
		*equals = '\0';
		for (char *p = text; *p != '\0'; p++)
			if (*p == '-')
				*p = '_';
		if (startup_take(table, settings, text, equals + 1, r) == -1)
			return -1;
	}
	return 0;
}

struct pg_settings *
pg_settings_from_startup(struct pg_settings_table *table, const struct pgwire_startup *startup, struct report *r)
{
	struct pg_settings *settings = pg_settings_reference(table->empty);

	/* Settings that the packet names outrank those in its options. */
	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < startup->nsettings; i++) {
			const char *name = startup->settings[2 * i], *value = startup->settings[2 * i + 1];
			bool options = strcmp(name, "options") == 0;
			int result = 0;

			if (options && pass == 0)
				result = options_take(table, &settings, value, r);
			else if (!options && pass == 1)
				result = startup_take(table, &settings, name, value, r);
			if (result == -1) {
				pg_settings_release(table, settings);
				return NULL;
			}
		}
	return settings;
}

/* ---- from one to another ---- */

/* Puts the change from one setting to the other, for one name: old is what the connection has, new what it is to
 * have. */
static void
put_change(const struct pg_setting *old, const struct pg_setting *new, struct pgwire_buffer *out)
{
	if (old != NULL && new != NULL && strcmp(old->sql, new->sql) == 0)
		return;
	if (new != NULL)
		put_text(out, new->sql);
	else if (old != NULL)
		pg_settings_put_config(out, old->name, NULL);
	/* A newline first: the statement may end in a comment. */
	put_text(out, "\n;");
}

void
pg_settings_put_difference(const struct pg_settings *from, const struct pg_settings *to, struct pgwire_buffer *out)
{
	unsigned nfrom = from == NULL ? 0 : from->n, i = 0, j = 0;

	if (from == NULL)
		put_text(out, "RESET ALL;");
	while (i < nfrom || j < to->n) {
		const struct pg_setting *old = i < nfrom ? &from->items[i] : NULL;
		const struct pg_setting *new = j < to->n ? &to->items[j] : NULL;
		int order = old == NULL ? 1 : new == NULL ? -1 : strcmp(old->name, new->name);

		put_change(order <= 0 ? old : NULL, order >= 0 ? new : NULL, out);
		i += order <= 0 ? 1 : 0;
		j += order >= 0 ? 1 : 0;
	}
}
