/*
 * A trigger in PostgreSQL's words.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/types/quote.h"

char *
describe_trigger_call(sqlite3 *db, const struct schema_trigger *trigger, const char *path)
{
	struct schema_routine routine = { 0 };
	bool found = schema_routine_load(db, trigger->function, &routine);
	char schema[NAMESPACE_BYTES];
	const char *part;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL) {
		schema_routine_clear(&routine);
		return NULL;
	}
	namespace_of(found ? routine.name : "", schema);
	if (!search_path_names(path, schema)) {
		describe_put_name(out, schema);
		(void)fputc('.', out);
	}
	describe_put_name(out, namespace_relation(found ? routine.name : ""));
	schema_routine_clear(&routine);
	(void)fputc('(', out);
	for (unsigned i = 0; (part = schema_trigger_part(trigger->arguments, i, &length)) != NULL; i++) {
		(void)fputs(i > 0 ? ", " : "", out);
		quote_put(out, part, length, '\'');
	}
	(void)fputc(')', out);
	return fclose(out) == 0 ? text : NULL;
}

static void
put_events(FILE *out, const struct schema_trigger *trigger)
{
	static const struct {
		int event;
		const char *word;
	} events[] = { { TRIGGER_INSERT, "INSERT" }, { TRIGGER_DELETE, "DELETE" }, { TRIGGER_UPDATE, "UPDATE" },
		{ TRIGGER_TRUNCATE, "TRUNCATE" } };
	const char *before = " ", *part;
	size_t length;

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if ((trigger->type & events[i].event) == 0)
			continue;
		(void)fprintf(out, "%s%s", before, events[i].word);
		before = " OR ";
		for (unsigned n = 0; events[i].event == TRIGGER_UPDATE &&
		     (part = schema_trigger_part(trigger->columns, n, &length)) != NULL;
		     n++) {
			char *name = strndup(part, length);

			(void)fputs(n == 0 ? " OF " : ", ", out);
			describe_put_name(out, name == NULL ? "" : name);
			free(name);
		}
	}
}

static void
put_relation(FILE *out, const struct schema_trigger *trigger, const struct describe_how *how)
{
	char schema[NAMESPACE_BYTES];

	namespace_of(trigger->relation, schema);
	if (!how->pretty || !search_path_names(how->path, schema)) {
		describe_put_name(out, schema);
		(void)fputc('.', out);
	}
	describe_put_name(out, namespace_relation(trigger->relation));
}

static void
put_tables(FILE *out, const struct schema_trigger *trigger)
{
	if (trigger->old_table == NULL && trigger->new_table == NULL)
		return;
	(void)fputs(" REFERENCING", out);
	if (trigger->old_table != NULL) {
		(void)fputs(" OLD TABLE AS ", out);
		describe_put_name(out, trigger->old_table);
	}
	if (trigger->new_table != NULL) {
		(void)fputs(" NEW TABLE AS ", out);
		describe_put_name(out, trigger->new_table);
	}
}

char *
describe_trigger(sqlite3 *db, const struct schema_trigger *trigger, struct describe_how *how)
{
	const char *kept = how->pretty ? trigger->pretty : trigger->plain;
	char *text = NULL, *call, *condition;
	size_t length;
	FILE *out;

	condition = kept == NULL ? NULL : describe_resolve(how, kept);
	how->lost = trigger->condition != NULL && condition == NULL;
	if (how->lost || (call = describe_trigger_call(db, trigger, how->path)) == NULL) {
		free(condition);
		return NULL;
	}
	if ((out = open_memstream(&text, &length)) == NULL) {
		free(condition);
		free(call);
		return NULL;
	}
	(void)fprintf(out, "CREATE %sTRIGGER ", trigger->is_constraint ? "CONSTRAINT " : "");
	describe_put_name(out, trigger->name);
	(void)fputs((trigger->type & TRIGGER_BEFORE) != 0 ? " BEFORE"
		: (trigger->type & TRIGGER_INSTEAD) != 0  ? " INSTEAD OF"
							  : " AFTER",
	    out);
	put_events(out, trigger);
	(void)fputs(" ON ", out);
	put_relation(out, trigger, how);
	put_tables(out, trigger);
	(void)fprintf(out, " %sFOR EACH %s ", trigger->is_constraint ? "NOT DEFERRABLE INITIALLY IMMEDIATE " : "",
	    (trigger->type & TRIGGER_ROW) != 0 ? "ROW" : "STATEMENT");
	if (condition != NULL)
		(void)fprintf(out, "WHEN (%s) ", condition);
	(void)fprintf(out, "EXECUTE FUNCTION %s", call);
	free(condition);
	free(call);
	return fclose(out) == 0 ? text : NULL;
}
