/*
 * The marks of children, and who is whose child: one look at the file for each change of its schema.
 */
#include "workers/sqlite/schema/inherit.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/inheritance.h"
#include "workers/sqlite/schema/list.h"

/* NAME_END stands behind each name in the mark; COLUMNS_BEGIN stands before the names of columns. */
#define NAME_END '\6'
#define COLUMNS '\7'

static void
put_names(FILE *out, const struct definition_names *names)
{
	for (unsigned i = 0; i < names->count; i++)
		for (const char *p = names->names[i];; p++) {
			if (*p == '\0') {
				fputc(NAME_END, out);
				break;
			}
			fputc(*p, out);
			if (*p == '\'')
				fputc('\'', out);
		}
}

void
inherit_print(const struct definition *d, FILE *out)
{
	fputc('\'', out);
	put_names(out, &d->parents);
	fputc(COLUMNS, out);
	put_names(out, &d->own_columns);
	fputs("' NOTNULL", out);
}

/* Reads one name, its quotes undone, and moves *at behind it. */
static int
take_name(const char **at, struct definition_names *names)
{
	char *name = strdup(*at), *put = name;
	int result;

	for (; **at != NAME_END && **at != '\0'; ++*at) {
		if (put != NULL)
			*put++ = **at;
		if (**at == '\'' && (*at)[1] == '\'')
			++*at;
	}
	if (**at == NAME_END)
		++*at;
	if (put == NULL)
		return -1;
	*put = '\0';
	result = definition_add_name(names, name);
	free(name);
	return result;
}

int
inherit_parse(const char *expression, struct definition *d)
{
	const char *at = expression + (*expression == '\'');
	int result = 0;

	while (*at != COLUMNS && *at != '\0' && *at != '\'')
		result |= take_name(&at, &d->parents);
	at += *at == COLUMNS;
	while (*at != '\0' && *at != '\'')
		result |= take_name(&at, &d->own_columns);
	return result;
}

/* ---- who is whose child ---- */

static int
add_link(struct inheritance *all, const char *database, const char *child, const char *parent)
{
	struct inheritance_link *grown = reallocarray(all->links, all->n + 1, sizeof(*grown));

	if (grown == NULL)
		return -1;
	all->links = grown;
	grown[all->n] =
	    (struct inheritance_link) { .database = database, .child = strdup(child), .parent = strdup(parent) };
	all->n++;
	return grown[all->n - 1].child == NULL || grown[all->n - 1].parent == NULL ? -1 : 0;
}

static void
read_database(sqlite3 *db, const char *database, struct inheritance *all)
{
	bool temporary = strcmp(database, "temp") == 0;
	static const char *const texts[] = {
		"SELECT name, sql FROM public.sqlite_schema WHERE type = 'table' AND instr(sql, '" DEFINITION_INHERITS
		"') > 0 ORDER BY rowid",
		"SELECT name, sql FROM temp.sqlite_schema WHERE type = 'table' AND instr(sql, '" DEFINITION_INHERITS
		"') > 0 ORDER BY rowid",
	};
	sqlite3_stmt *stmt;
	int rc;

	if (sqlite3_prepare_v2(db, texts[temporary], -1, &stmt, NULL) != SQLITE_OK) {
		all->failed = true;
		return;
	}
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct definition d;

		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		const char *sql = (const char *)sqlite3_column_text(stmt, 1);

		if (name == NULL || sql == NULL || definition_parse(sql, &d) == -1) {
			all->failed = true;
			continue;
		}
		for (unsigned i = 0; i < d.parents.count; i++)
			if (add_link(all, database, name, d.parents.names[i]) == -1)
				all->failed = true;
		definition_free(&d);
	}
	all->failed |= rc != SQLITE_DONE;
	sqlite3_finalize(stmt);
}

void
inheritance_free(struct inheritance *all)
{
	for (unsigned i = 0; i < all->n; i++) {
		free(all->links[i].child);
		free(all->links[i].parent);
	}
	free(all->links);
	while (all->lists != NULL) {
		struct inheritance_list *next = all->lists->next;

		free(all->lists);
		all->lists = next;
	}
	all->links = NULL;
	all->n = 0;
	all->read = all->failed = false;
}

static struct inheritance *
read_all(struct schema *schema)
{
	struct inheritance *all = schema_inheritance_of(schema);

	if (all->read)
		return all;
	inheritance_free(all);
	all->read = true;
	read_database(schema_database(schema), "public", all);
	read_database(schema_database(schema), "temp", all);
	return all;
}

/* Adds the children of one table that are not there yet. */
static void
add_children(struct schema *schema, struct inheritance *all, const struct schema_table *parent,
    struct inheritance_list *list)
{
	for (unsigned i = 0; i < all->n; i++) {
		const struct inheritance_link *link = &all->links[i];
		const struct schema_table *child;
		bool known = false;

		if (link->child == NULL || link->parent == NULL || strcmp(link->database, parent->schema) != 0 ||
		    strcmp(link->parent, parent->name) != 0)
			continue;
		if ((child = schema_find_table(schema, link->database, link->child)) == NULL) {
			all->failed = true;
			continue;
		}
		for (unsigned k = 0; k < list->n; k++)
			known |= list->tables[k] == child;
		if (!known)
			list->tables[list->n++] = child;
	}
}

const struct schema_table *const *
schema_descendants(struct schema *schema, const struct schema_table *table, unsigned *n)
{
	struct inheritance *all = read_all(schema);
	struct inheritance_list *list;

	*n = 0;
	if (all->n == 0 || table->kind != 'r')
		return NULL;
	for (list = all->lists; list != NULL && list->table != table; list = list->next)
		;
	if (list == NULL) {
		if ((list = calloc(1, sizeof(*list) + all->n * sizeof(list->tables[0]))) == NULL) {
			all->failed = true;
			return NULL;
		}
		*list = (struct inheritance_list) { .next = all->lists, .table = table };
		all->lists = list;
		add_children(schema, all, table, list);
		for (unsigned i = 0; i < list->n; i++)
			add_children(schema, all, list->tables[i], list);
	}
	*n = list->n;
	return list->n == 0 ? NULL : list->tables;
}

bool
schema_has_children(struct schema *schema, const struct schema_table *table)
{
	unsigned n;

	return schema_descendants(schema, table, &n) != NULL;
}

bool
schema_has_parent(struct schema *schema, const struct schema_table *table)
{
	const struct inheritance *all = read_all(schema);

	for (unsigned i = 0; i < all->n; i++)
		if (all->links[i].child != NULL && strcmp(all->links[i].database, table->schema) == 0 &&
		    strcmp(all->links[i].child, table->name) == 0)
			return true;
	return false;
}
