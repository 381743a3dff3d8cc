/*
 * Records as a whole: named, copied, shown.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/routines/run.h"

#define SELECT_WORD "SELECT "

/* Passes over one name; folded into `name`, which holds `size` bytes. NULL: there is none, or it is too long. */
static const char *
read_name(const char *at, char *name, size_t size)
{
	size_t n = 0;
	bool quoted;

	at += strspn(at, " \t\r\n\f\v");
	quoted = *at == '"';
	at += quoted;
	for (; *at != '\0' && n + 1 < size; at++) {
		if (quoted ? *at == '"' : !isalnum((unsigned char)*at) && *at != '_' && (*at & 0x80) == 0)
			break;
		name[n++] = quoted ? *at : (char)tolower((unsigned char)*at);
	}
	name[n] = '\0';
	if (n == 0 || (quoted && *at != '"') || (!quoted && isdigit((unsigned char)name[0])))
		return NULL;
	at += quoted;
	return at + strspn(at, " \t\r\n\f\v");
}

static const struct datum *
find_record(const struct run *run, const struct routine_sql *sql, const char *name)
{
	for (const struct routine_name *n = sql->names; n != NULL; n = n->outer)
		if (strcmp(n->name, name) == 0)
			return run->slots[n->slot].record ? &run->slots[n->slot] : NULL;
	return NULL;
}

static const char *
expression_of(const struct routine_sql *sql)
{
	return strncmp(sql->text, SELECT_WORD, strlen(SELECT_WORD)) == 0 ? sql->text + strlen(SELECT_WORD) : "";
}

bool
run_is_null_literal(const struct routine_sql *sql)
{
	char name[8];
	const char *end = read_name(expression_of(sql), name, sizeof(name));

	return end != NULL && *end == '\0' && strcmp(name, "null") == 0;
}

bool
run_names_record(struct run *run, const struct routine_sql *sql, const struct datum **record)
{
	char name[128];
	const char *at = read_name(expression_of(sql), name, sizeof(name));
	const struct datum *found, *first = NULL;

	if (at != NULL && *at == '\0')
		return (*record = find_record(run, sql, name)) != NULL;
	if (at == NULL || *at != '(' || strcmp(name, "coalesce") != 0)
		return false;
	do {
		at = read_name(at + 1, name, sizeof(name));
		if (at == NULL || (*at != ',' && *at != ')') || (found = find_record(run, sql, name)) == NULL)
			return false;
		if (first == NULL || first->row.nrows == 0)
			first = found;
	} while (*at == ',');
	*record = first;
	return at[1 + strspn(at + 1, " \t\r\n\f\v")] == '\0';
}

int
run_copy_row(struct run *run, const struct datum *record, struct routine_rows *rows)
{
	struct routine_rows none = record->row;

	*rows = (struct routine_rows) { 0 };
	if (record->row.nrows > 0)
		return routine_rows_add(rows, &record->row, 0, run->report);
	/* No row: its columns alone. */
	none.nrows = 0;
	return record->row.ncolumns == 0 ? 0 : routine_rows_describe(rows, &none, run->report);
}

static void
put_field(struct pgwire_buffer *out, const char *text)
{
	bool quoted = text[0] == '\0' || strpbrk(text, "\"\\(), \t\n\r\v\f") != NULL;

	if (quoted)
		pgwire_put_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			pgwire_put_byte(out, (uint8_t)*text);
		pgwire_put_byte(out, (uint8_t)*text);
	}
	if (quoted)
		pgwire_put_byte(out, '"');
}

char *
run_show_record(struct run *run, const struct datum *record)
{
	const struct routine_rows *row = &record->row;
	struct pgwire_buffer out = { .data = NULL };
	char *text = NULL;

	pgwire_put_byte(&out, '(');
	for (unsigned i = 0; i < row->ncolumns; i++) {
		struct routine_value value = { .value = row->cells[i], .oid = row->columns[i].oid, .typmod = -1 };
		char *shown;

		if (i > 0)
			pgwire_put_byte(&out, ',');
		if (value.value.kind == SQLITE_NULL)
			continue;
		if ((shown = run_show(run, &value)) == NULL) {
			pgwire_buffer_free(&out);
			return NULL;
		}
		put_field(&out, shown);
		free(shown);
	}
	pgwire_put_byte(&out, ')');
	pgwire_put_byte(&out, 0);
	if (out.failed || (text = strdup((const char *)out.data + out.start)) == NULL)
		(void)report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	pgwire_buffer_free(&out);
	return text;
}
