/*
 * The triggers of a statement: found, asked whether they fire, and run.
 */
#include "workers/sqlite/session/fire.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/session/routine.h"

/* ---- found ---- */

static bool
needs_quotes(const char *text, size_t length)
{
	if (length == 0 || (length == 4 && strncasecmp(text, "null", 4) == 0))
		return true;
	for (size_t i = 0; i < length; i++)
		if (strchr("{}\",\\ \t\n\r\v\f", text[i]) != NULL)
			return true;
	return false;
}

static void
put_argument(FILE *out, const char *text, size_t length)
{
	bool quoted = needs_quotes(text, length);

	if (quoted)
		(void)fputc('"', out);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			(void)fputc('\\', out);
		(void)fputc(text[i], out);
	}
	if (quoted)
		(void)fputc('"', out);
}

/* TG_ARGV begins at 0. */
static int
read_arguments(const char *list, struct fire_trigger *trigger)
{
	const char *part;
	size_t length = 0;
	FILE *out;

	while (schema_trigger_part(list, trigger->narguments, &length) != NULL)
		trigger->narguments++;
	if (trigger->narguments == 0)
		return 0;
	if ((out = open_memstream(&trigger->arguments, &length)) == NULL)
		return -1;
	(void)fprintf(out, "[0:%u]={", trigger->narguments - 1);
	for (unsigned i = 0; (part = schema_trigger_part(list, i, &length)) != NULL; i++) {
		if (i > 0)
			(void)fputc(',', out);
		put_argument(out, part, length);
	}
	(void)fputc('}', out);
	return fclose(out) == 0 ? 0 : -1;
}

static bool
is_named(const struct schema_trigger *from, const struct dialect_fire *fire)
{
	if (from->columns[0] == '\0')
		return true;
	for (unsigned i = 0; i < fire->members[0].ncolumns; i++)
		if (fire->set[i] && schema_trigger_names(from, fire->members[0].columns[i].name))
			return true;
	return false;
}

static int
take(const struct schema_trigger *from, const struct dialect_fire *fire, struct fire_trigger *trigger)
{
	*trigger = (struct fire_trigger) { .name = strdup(from->name),
		.type = from->type,
		.clone = from->parent != 0,
		.function = from->function,
		.named = is_named(from, fire) };
	if ((from->old_table != NULL && (trigger->old_table = strdup(from->old_table)) == NULL) ||
	    (from->new_table != NULL && (trigger->new_table = strdup(from->new_table)) == NULL))
		return -1;
	if (from->condition != NULL && asprintf(&trigger->condition, "SELECT (%s)", from->condition) < 0)
		trigger->condition = NULL;
	return trigger->name == NULL || (from->condition != NULL && trigger->condition == NULL) ||
		read_arguments(from->arguments, trigger) == -1
	    ? -1
	    : 0;
}

static int
load(struct session *session, const struct dialect_fire *fire, const char *database, const char *relation,
    struct fire_triggers *triggers)
{
	/* A row that moves to another partition is deleted from one and inserted into the other. */
	int events = fire->events | (fire->route != NULL ? TRIGGER_INSERT | TRIGGER_DELETE : 0);
	const struct schema_trigger *all;
	unsigned n;

	if (schema_load_triggers(session->connection->schema) == -1)
		return -1;
	all = schema_triggers(session->connection->schema, &n);
	if ((triggers->list = calloc(n + 1, sizeof(*triggers->list))) == NULL)
		return -1;
	if (strcmp(database, "public") != 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		if (strcmp(all[i].relation, relation) == 0 && schema_trigger_is_on(&all[i]) &&
		    (all[i].type & events) != 0 && take(&all[i], fire, &triggers->list[triggers->n++]) == -1)
			return -1;
	return 0;
}

int
fire_triggers_load(struct session *session, const struct dialect_fire *fire, unsigned member,
    struct fire_triggers *triggers, struct report *r)
{
	const char *database = fire->members[member].database, *relation = fire->members[member].relation;
	bool before = session->connection->context.internal;
	int status;

	*triggers = (struct fire_triggers) { .session = session,
		.relation = strdup(relation),
		.relid = catalog_object_oid(database, relation) };
	namespace_of(relation, triggers->schema);
	triggers->outer = session->firing;
	session->firing = triggers;
	session->connection->context.internal = true;
	status = triggers->relation == NULL ? -1 : load(session, fire, database, relation, triggers);
	session->connection->context.internal = before;
	return status == 0 ? 0 : report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

void
fire_triggers_free(struct fire_triggers *triggers)
{
	struct fire_triggers **link = triggers->session == NULL ? NULL : &triggers->session->firing;

	while (link != NULL && *link != NULL && *link != triggers)
		link = &(*link)->outer;
	if (link != NULL && *link != NULL)
		*link = triggers->outer;
	for (unsigned i = 0; i < triggers->n; i++) {
		free(triggers->list[i].name);
		free(triggers->list[i].condition);
		free(triggers->list[i].old_table);
		free(triggers->list[i].new_table);
		free(triggers->list[i].arguments);
		routine_free(triggers->list[i].parsed);
	}
	free(triggers->list);
	free(triggers->relation);
	*triggers = (struct fire_triggers) { .n = 0 };
}

bool
fire_is_firing(const struct session *session, const char *relation)
{
	const struct fire_triggers *firing = session->firing;

	while (firing != NULL && (firing->relation == NULL || strcmp(firing->relation, relation) != 0))
		firing = firing->outer;
	return firing != NULL;
}

bool
fire_triggers_have(const struct fire_triggers *triggers, int types)
{
	for (unsigned i = 0; i < triggers->n; i++)
		if ((triggers->list[i].type & types) == types)
			return true;
	return false;
}

bool
fire_trigger_is(const struct fire_trigger *trigger, bool row, int when, int event)
{
	return ((trigger->type & TRIGGER_ROW) != 0) == row && (trigger->type & event) != 0 &&
	    (trigger->type & (TRIGGER_BEFORE | TRIGGER_INSTEAD)) == when && (event != TRIGGER_UPDATE || trigger->named);
}

/* ---- run ---- */

static const char *
name_of_event(int event)
{
	return event == TRIGGER_INSERT ? "INSERT"
	    : event == TRIGGER_DELETE  ? "DELETE"
	    : event == TRIGGER_UPDATE  ? "UPDATE"
				       : "TRUNCATE";
}

static struct routine_trigger
describe(const struct fire_triggers *triggers, const struct fire_trigger *trigger, int event,
    const struct routine_rows *old, const struct routine_rows *new)
{
	return (struct routine_trigger) { .name = trigger->name,
		.when = (trigger->type & TRIGGER_BEFORE) != 0 ? "BEFORE"
		    : (trigger->type & TRIGGER_INSTEAD) != 0  ? "INSTEAD OF"
							      : "AFTER",
		.level = (trigger->type & TRIGGER_ROW) != 0 ? "ROW" : "STATEMENT",
		.op = name_of_event(event),
		.table = namespace_relation(triggers->relation),
		.schema = triggers->schema,
		.relid = triggers->relid,
		.narguments = trigger->narguments,
		.arguments = trigger->arguments,
		.old = old,
		.new = new,
		.shape = old != NULL ? old : new };
}

/* Its function, parsed once for the statement. */
static int
need_function(struct fire_triggers *triggers, struct fire_trigger *trigger, struct report *r)
{
	struct session *session = triggers->session;
	bool before = session->connection->context.internal, found;
	struct schema_routine routine = { 0 };
	struct routine_signature signature = { .returns = ROUTINE_RETURNS_TRIGGER, .result = TYPE_TRIGGER };

	if (trigger->parsed != NULL)
		return 0;
	session->connection->context.internal = true;
	found = schema_routine_load(session->connection->db, trigger->function, &routine);
	session->connection->context.internal = before;
	if (!found)
		(void)report_set(r, SQLSTATE_UNDEFINED_FUNCTION,
		    "the function of trigger \"%s\" does not exist any more", trigger->name);
	else if (schema_routine_option(&routine, SCHEMA_ROUTINE_DEFINER) != NULL ||
	    schema_routine_option(&routine, SCHEMA_ROUTINE_SET) != NULL)
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a trigger whose function is SECURITY DEFINER or has SET is not supported on SQLite");
	else {
		signature.name = namespace_relation(routine.name);
		trigger->parsed = routine_parse(routine.body, &signature, r);
	}
	schema_routine_clear(&routine);
	return trigger->parsed == NULL ? -1 : 0;
}

int
fire_trigger_asks(struct fire_triggers *triggers, struct fire_trigger *trigger, int event,
    const struct routine_rows *old, const struct routine_rows *new, bool *holds, struct report *r)
{
	const struct routine_trigger told = describe(triggers, trigger, event, old, new);
	const struct routine_host host = routine_host(triggers->session);

	*holds = true;
	if (trigger->condition == NULL)
		return 0;
	if (need_function(triggers, trigger, r) == -1)
		return -1;
	return routine_fires(trigger->parsed, &host, &told, trigger->condition, holds, r);
}

/* ---- REFERENCING ---- */

static int
old_of(int event)
{
	return event == TRIGGER_UPDATE ? FIRE_UPDATED_OLD : FIRE_DELETED;
}

static int
new_of(int event)
{
	return event == TRIGGER_UPDATE ? FIRE_UPDATED_NEW : FIRE_INSERTED;
}

void
fire_triggers_want(const struct fire_triggers *triggers, struct fire_tables *tables)
{
	for (unsigned i = 0; i < triggers->n; i++) {
		const struct fire_trigger *trigger = &triggers->list[i];
		int event = trigger->type & TRIGGER_EVENTS;

		tables->wanted[old_of(event)] |= trigger->old_table != NULL;
		tables->wanted[new_of(event)] |= trigger->new_table != NULL;
	}
}

static const struct type_value *
row_at(const void *rows, size_t i)
{
	return ((const struct fire_rows *)rows)->rows[i].cells;
}

/* What the function of one trigger may read. */
struct named_tables {
	unsigned n;
	struct dialect_transition names[2];
	struct sql_transition rows[2];
};

static void
name_table(struct named_tables *named, const struct fire_tables *tables, const char *name, int which)
{
	if (name == NULL || tables == NULL)
		return;
	named->names[named->n] =
	    (struct dialect_transition) { .name = name, .ncolumns = tables->ncolumns, .columns = tables->columns };
	named->rows[named->n++] = (struct sql_transition) { .ncolumns = tables->ncolumns,
		.nrows = tables->rows[which].nrows,
		.row = row_at,
		.rows = &tables->rows[which] };
}

int
fire_trigger_run(struct fire_triggers *triggers, struct fire_trigger *trigger, int event,
    const struct routine_rows *old, const struct routine_rows *new, struct routine_rows *result, struct report *r)
{
	const struct routine_trigger told = describe(triggers, trigger, event, old, new);
	struct routine_host host = routine_host(triggers->session);
	struct session *session = triggers->session;
	const struct sql_transition *rows_before = session->connection->context.transitions;
	unsigned nrows_before = session->connection->context.ntransitions;
	bool steady = session->routine_steady;
	struct named_tables named = { .n = 0 };
	int status;

	if (need_function(triggers, trigger, r) == -1)
		return -1;
	if (session->routine_calls >= ROUTINE_CALLS_MAX)
		return report_set(r, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	name_table(&named, triggers->tables, trigger->old_table, old_of(event));
	name_table(&named, triggers->tables, trigger->new_table, new_of(event));
	host.ntransitions = named.n;
	host.transitions = named.names;
	session->routine_calls++;
	session->connection->context.trigger_depth++;
	session->connection->context.transitions = named.rows;
	session->connection->context.ntransitions = named.n;
	session->routine_steady = false;
	status = routine_fire(trigger->parsed, &host, &told, result, r);
	session->routine_steady = steady;
	if (session->connection != NULL) {
		session->connection->context.trigger_depth--;
		session->connection->context.transitions = rows_before;
		session->connection->context.ntransitions = nrows_before;
	}
	session->routine_calls--;
	return status;
}

int
fire_triggers_statement(struct fire_triggers *triggers, int when, int event, struct report *r)
{
	for (unsigned i = 0; i < triggers->n; i++) {
		struct fire_trigger *trigger = &triggers->list[i];
		bool holds;

		if (!fire_trigger_is(trigger, false, when, event))
			continue;
		if (fire_trigger_asks(triggers, trigger, event, NULL, NULL, &holds, r) == -1 ||
		    (holds && fire_trigger_run(triggers, trigger, event, NULL, NULL, NULL, r) == -1))
			return -1;
	}
	return 0;
}
