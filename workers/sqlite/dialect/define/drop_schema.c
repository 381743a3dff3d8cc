/*
 * DROP SCHEMA: with CASCADE what is in the schema goes first, and without it nothing may be there.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/schema_contents.h"
#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/schema/names.h"

static unsigned
count_contents(const struct define_contents *contents)
{
	return contents->tables.count + contents->views.count + contents->sequences.count + contents->routines.count;
}

/* What each is, in PostgreSQL's words. */
static void
put_contents(FILE *out, const char *schema, const struct define_contents *contents, const char *before,
    const char *behind)
{
	const struct definition_names *lists[] = { &contents->tables, &contents->views, &contents->sequences,
		&contents->routines };
	static const char *const words[] = { "table", "view", "sequence", "function" };
	bool first = true;

	for (size_t n = 0; n < sizeof(lists) / sizeof(lists[0]); n++) {
		for (unsigned i = 0; i < lists[n]->count; i++) {
			fprintf(out, "%s%s%s %s.%s%s", first ? "" : "\n", before, words[n], schema,
			    namespace_relation(lists[n]->names[i]), behind);
			first = false;
		}
	}
}

static int
report_not_empty(struct translator *t, const char *schema, const struct define_contents *contents)
{
	const char *behind = translator_format(t, " depends on schema %s", schema);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop schema %s because other objects depend on it", schema);
	if (out != NULL && behind != NULL)
		put_contents(out, schema, contents, "", behind);
	if (out != NULL && fclose(out) == 0)
		report_detail(t->report, "%s", text);
	free(text);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

static int
notice_cascade(struct translator *t, const char *schema, const struct define_contents *contents)
{
	unsigned n = count_contents(contents);
	char *text = NULL;
	size_t length;
	FILE *out;
	int result;

	if (n > 1)
		return define_add_notice(t, "drop cascades to %u other objects", n);
	if ((out = open_memstream(&text, &length)) == NULL)
		return translate_out_of_memory(t);
	put_contents(out, schema, contents, "drop cascades to ", "");
	result = fclose(out) == 0 ? define_add_notice(t, "%s", text) : translate_out_of_memory(t);
	free(text);
	return result;
}

/* Tables of other schemas let them go. */
static int
drop_sequences(struct translator *t, const struct define_contents *contents)
{
	for (unsigned i = 0; i < contents->sequences.count; i++) {
		const char *name = contents->sequences.names[i];

		if (define_release_sequence(t, "public", name, &contents->tables, true) == -1 ||
		    translate_emit(t, "DROP VIEW ") == -1 || define_emit_relation(t, "public", name) == -1 ||
		    translate_emit(t, ";\n") == -1)
			return -1;
	}
	return 0;
}

struct callers {
	struct translator *t;
	struct define_contents *contents;
};

static int
add_callers(void *arg, const struct schema_routine *routine, const char *what)
{
	struct callers *c = arg;

	(void)what;
	return routine_add_callers(c->t, routine, &c->contents->tables, &c->contents->views);
}

static int
drop_routine(void *arg, const struct schema_routine *routine, const char *what)
{
	return routine_drop_with_schema(arg, routine, what);
}

static int
drop_schema(struct translator *t, const char *schema, bool cascade)
{
	struct define_contents contents;
	int result = define_list_contents(t, schema, &contents);

	if (result == 0 && count_contents(&contents) > 0)
		result = cascade ? notice_cascade(t, schema, &contents) : report_not_empty(t, schema, &contents);
	if (result == 0)
		result = routine_each_of_schema(t, schema, add_callers, &(struct callers) { t, &contents });
	if (result == 0)
		result = define_drop_relations(t, &contents.tables, &contents.views);
	if (result == 0)
		result = drop_sequences(t, &contents);
	if (result == 0)
		result = routine_each_of_schema(t, schema, drop_routine, t);
	if (result == 0)
		result = define_emit_schema_mark(t, "DROP VIEW ", schema);
	define_contents_free(&contents);
	return result;
}

int
define_drop_schema(struct translator *t, const PgQuery__DropStmt *stmt)
{
	bool cascade = stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;

	t->plan->tag = "DROP SCHEMA";
	for (size_t i = 0; i < stmt->n_objects; i++) {
		const char *name = translate_string(stmt->objects[i]);
		int result = 0;

		if (name == NULL)
			return translate_refuse(t, -1, "this DROP");
		if (schema_has_own(t->schema, name))
			result = drop_schema(t, name, cascade);
		else if (strcmp(name, "public") == 0)
			result = translate_refuse(t, -1, "DROP SCHEMA public");
		else if (schema_has_namespace(t->schema, name))
			result = translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE,
			    "permission denied for schema %s", name);
		else if (!stmt->missing_ok)
			result =
			    translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", name);
		else
			result = define_add_notice(t, "schema \"%s\" does not exist, skipping", name);
		if (result == -1)
			return -1;
	}
	return 0;
}
