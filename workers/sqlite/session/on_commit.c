/*
 * What becomes of temporary tables at COMMIT: found by the marks of their definitions, done by a script of SQLite's.
 */
#include "workers/sqlite/session/on_commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/session/session.h"

/* One run: all temporary objects, the definitions of those that are tables, and what is to be done. */
struct on_commit {
	struct schema_objects objects;
	struct definition *definitions; /* [objects.count] */
	bool *gone;			/* [objects.count]: it is dropped */
	FILE *script;
	bool any;
};

static const struct definition *
find_definition(const struct on_commit *run, const char *table)
{
	for (unsigned i = 0; i < run->objects.count; i++)
		if (run->objects.items[i].type == 't' && strcmp(run->objects.items[i].name, table) == 0)
			return &run->definitions[i];
	return NULL;
}

/* A table that keeps its rows would be left with keys of rows that are gone. */
static int
check_references(const struct on_commit *run, struct report *r)
{
	for (unsigned i = 0; i < run->objects.count; i++) {
		const struct definition *d = &run->definitions[i];

		for (unsigned n = 0; n < d->nconstraints; n++) {
			const struct definition_constraint *c = &d->constraints[n];
			const struct definition *parent =
			    c->kind == DEFINITION_FOREIGN_KEY ? find_definition(run, c->parent) : NULL;

			if (parent == NULL || !parent->commit_deletes || d->commit_deletes || d->commit_drops)
				continue;
			(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "unsupported ON COMMIT and foreign key combination");
			report_detail(r,
			    "Table \"%s\" references \"%s\", but they do not have the same ON COMMIT setting.", d->name,
			    parent->name);
			return -1;
		}
	}
	return 0;
}

static void
put(struct on_commit *run, const char *statement, const char *name)
{
	fprintf(run->script, "%s temp.", statement);
	definition_put_name(run->script, name);
	fputs(";\n", run->script);
	run->any = true;
}

static bool
owned_by(const struct schema_object *object, const char *table)
{
	struct schema_sequence s;
	bool owned;

	if (object->type != 'S' || schema_sequence_parse(object->sql, &s) == -1)
		return false;
	owned = s.owner_table != NULL && strcmp(s.owner_table, table) == 0;
	schema_sequence_free(&s);
	return owned;
}

/* The tables and views that inherit from it or read it go before it, and those that do so of them; its sequences after
 * it. */
static void
drop(struct on_commit *run, unsigned which)
{
	const struct schema_object *object = &run->objects.items[which];

	if (run->gone[which])
		return;
	run->gone[which] = true;
	for (unsigned i = 0; i < run->objects.count; i++)
		if (definition_names_has(&run->definitions[i].parents, object->name) ||
		    (run->objects.items[i].type == 'v' && run->objects.items[i].sql != NULL &&
			schema_text_names(run->objects.items[i].sql, object->name)))
			drop(run, i);
	put(run, object->type == 't' ? "DROP TABLE" : "DROP VIEW", object->name);
	for (unsigned i = 0; i < run->objects.count; i++)
		if (!run->gone[i] && owned_by(&run->objects.items[i], object->name)) {
			run->gone[i] = true;
			put(run, "DROP VIEW", run->objects.items[i].name);
		}
}

static void
write_script(struct on_commit *run)
{
	for (unsigned i = 0; i < run->objects.count; i++) {
		if (run->definitions[i].commit_drops)
			drop(run, i);
		else if (run->definitions[i].commit_deletes && !run->gone[i])
			put(run, "DELETE FROM", run->objects.items[i].name);
	}
}

static int
run_script(struct session *session, const char *script, struct report *r)
{
	struct connection *connection = session->connection;
	int status;

	/* Keys were looked at before: parents and children are emptied one after the other. */
	schema_set_rebuilding(connection->db, true);
	status = connection_script(connection, script, true, r);
	schema_set_rebuilding(connection->db, false);
	connection->own_definitions++;
	return status;
}

static int
run_all(struct session *session, struct on_commit *run, struct report *r)
{
	char *script = NULL;
	size_t length;
	int status;

	for (unsigned i = 0; i < run->objects.count; i++)
		if (run->objects.items[i].type == 't' && run->objects.items[i].sql != NULL)
			(void)definition_parse(run->objects.items[i].sql, &run->definitions[i]);
	if (check_references(run, r) == -1)
		return -1;
	if ((run->script = open_memstream(&script, &length)) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	write_script(run);
	status = fclose(run->script) == 0 ? 0 : report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (status == 0 && run->any)
		status = run_script(session, script, r);
	free(script);
	return status;
}

int
on_commit_run(struct session *session, struct report *r)
{
	struct on_commit run = { .any = false };
	bool before = session->connection->context.internal;
	int status;

	session->connection->context.internal = true;
	status = schema_list_objects(session->connection->db, "temp", NULL, &run.objects);
	session->connection->context.internal = before;
	if (status == -1)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	run.definitions = calloc(run.objects.count + 1, sizeof(*run.definitions));
	run.gone = calloc(run.objects.count + 1, sizeof(*run.gone));
	if (run.definitions == NULL || run.gone == NULL)
		status = report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else
		status = run_all(session, &run, r);
	for (unsigned i = 0; run.definitions != NULL && i < run.objects.count; i++)
		definition_free(&run.definitions[i]);
	free(run.definitions);
	free(run.gone);
	schema_objects_free(&run.objects);
	return status;
}
