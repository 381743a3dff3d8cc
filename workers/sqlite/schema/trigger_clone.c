/*
 * Row triggers of a partitioned table are its partitions' too, each under a number of its own: they are made of the
 * table's whenever triggers are read, so that they follow what is attached and detached.
 */
#include "workers/sqlite/schema/trigger_clone.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"

/* How deep partitions may be partitioned themselves. */
#define LEVELS_MAX 16

struct link {
	char *name, *parent;
};

struct links {
	unsigned n;
	struct link *list;
};

static int
add_link(struct links *links, const char *name, struct schema_partition *mark)
{
	struct link *grown = reallocarray(links->list, links->n + 1, sizeof(*grown));

	if (grown == NULL)
		return -1;
	links->list = grown;
	grown[links->n] = (struct link) { .name = strdup(name), .parent = mark->parent };
	mark->parent = NULL;
	return grown[links->n++].name == NULL ? -1 : 0;
}

static int
read_links(sqlite3 *db, struct links *links)
{
	static const char sql[] = "SELECT name, sql FROM public.sqlite_schema WHERE type = 'view' AND "
				  "instr(sql, '/*bibd:partition ') > 0 ORDER BY rowid";
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), status = code == SQLITE_OK ? 0 : -1;

	while (status == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0),
			   *text = (const char *)sqlite3_column_text(stmt, 1);
		struct schema_partition mark;

		if (name == NULL || text == NULL)
			status = -1;
		else if ((status = schema_partition_take(text, &mark)) == 1) {
			status = add_link(links, name, &mark);
			schema_partition_free(&mark);
		}
	}
	(void)sqlite3_finalize(stmt);
	return status == 0 && code == SQLITE_DONE ? 0 : -1;
}

static const struct link *
find_link(const struct links *links, const char *name)
{
	for (unsigned i = 0; i < links->n; i++)
		if (strcmp(links->list[i].name, name) == 0)
			return &links->list[i];
	return NULL;
}

static const char *
root_of(const struct links *links, const char *name)
{
	const struct link *link = find_link(links, name);

	for (unsigned level = 0; link != NULL && level < LEVELS_MAX; level++) {
		name = link->parent;
		link = find_link(links, name);
	}
	return name;
}

static char *
copy(const char *text, bool *complete)
{
	char *made = text == NULL ? NULL : strdup(text);

	*complete &= text == NULL || made != NULL;
	return made;
}

static uint32_t
number_of(const char *relation, const char *name)
{
	char *whole = NULL;
	uint32_t number = 0;

	if (asprintf(&whole, "%s.%s", relation, name) >= 0)
		number = namespace_number("trigger", whole);
	free(whole);
	return number;
}

static int
add_clone(struct schema_trigger **triggers, unsigned *n, unsigned i, const char *partition)
{
	struct schema_trigger *grown = *n == TRIGGERS_MAX ? NULL : reallocarray(*triggers, *n + 1, sizeof(*grown));
	const struct schema_trigger *from;
	bool complete = true;

	if (grown == NULL)
		return -1;
	*triggers = grown;
	from = &grown[i];
	grown[*n] = (struct schema_trigger) { .oid = number_of(partition, from->name),
		.function = from->function,
		.name = copy(from->name, &complete),
		.relation = copy(partition, &complete),
		.type = from->type,
		.enabled = from->enabled,
		.is_constraint = from->is_constraint,
		.columns = copy(from->columns, &complete),
		.arguments = copy(from->arguments, &complete),
		.condition = copy(from->condition, &complete),
		.plain = copy(from->plain, &complete),
		.pretty = copy(from->pretty, &complete),
		.parent = from->oid };
	complete &= grown[*n].oid != 0;
	for (unsigned k = 0; k < *n; k++)
		if (grown[k].oid == grown[*n].oid) {
			grown[*n].oid++;
			k = UINT_MAX;
		}
	++*n;
	return complete ? 0 : -1;
}

static int
by_relation(const void *a, const void *b)
{
	const struct schema_trigger *x = a, *y = b;
	int order = strcmp(x->relation, y->relation);

	return order != 0 ? order : strcmp(x->name, y->name);
}

/* Those that are added at the end are their partitions' in turn. */
static int
add_clones(const struct links *links, struct schema_trigger **triggers, unsigned *n)
{
	for (unsigned i = 0; i < *n; i++)
		for (unsigned k = 0; ((*triggers)[i].type & TRIGGER_ROW) != 0 && k < links->n; k++)
			if (strcmp(links->list[k].parent, (*triggers)[i].relation) == 0 &&
			    add_clone(triggers, n, i, links->list[k].name) == -1)
				return -1;
	return 0;
}

int
schema_triggers_of_partitions(sqlite3 *db, struct schema_trigger **triggers, unsigned *n)
{
	struct links links = { .n = 0 };
	bool complete = true;
	int status = read_links(db, &links);

	if (status == 0 && links.n > 0)
		status = add_clones(&links, triggers, n);
	for (unsigned i = 0; status == 0 && links.n > 0 && i < *n; i++)
		if (find_link(&links, (*triggers)[i].relation) != NULL)
			(*triggers)[i].root = copy(root_of(&links, (*triggers)[i].relation), &complete);
	if (status == 0 && links.n > 0)
		qsort(*triggers, *n, sizeof(**triggers), by_relation);
	for (unsigned i = 0; i < links.n; i++) {
		free(links.list[i].name);
		free(links.list[i].parent);
	}
	free(links.list);
	return complete ? status : -1;
}
