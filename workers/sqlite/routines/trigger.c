/*
 * Functions that triggers call: OLD and NEW, and what else they are told.
 */
#include <string.h>

#include "workers/sqlite/routines/run.h"

static int
set_text(struct run *run, unsigned slot, uint32_t oid, const char *text)
{
	struct routine_value from = { .oid = oid, .typmod = -1, .value = { .kind = SQLITE_NULL } };

	if (text != NULL)
		from.value =
		    (struct type_value) { .kind = SQLITE_TEXT, .bytes = text, .length = strlen(text), .owned = NULL };
	return routine_value_copy(&from, &run->slots[slot].scalar, run->report);
}

static void
set_number(struct run *run, unsigned slot, uint32_t oid, int64_t number)
{
	run->slots[slot].scalar =
	    (struct routine_value) { .value = { .kind = SQLITE_INTEGER, .integer = number }, .oid = oid, .typmod = -1 };
}

/* A statement trigger's records have no columns. */
static int
set_row(struct run *run, unsigned slot, const char *name, const struct routine_rows *row,
    const struct routine_rows *shape)
{
	struct datum *datum = &run->slots[slot];

	datum->record = true;
	datum->name = name;
	if (row == NULL && shape == NULL)
		return 0;
	datum->fixed = true;
	if (row == NULL)
		return routine_rows_describe(&datum->row, shape, run->report);
	return routine_rows_add(&datum->row, row, 0, run->report);
}

static int
set_trigger(struct run *run, const struct routine_trigger *trigger)
{
	const struct {
		enum routine_trigger_slot slot;
		uint32_t oid;
		const char *text;
	} texts[] = {
		{ ROUTINE_SLOT_NAME, TYPE_NAME, trigger->name },
		{ ROUTINE_SLOT_WHEN, TYPE_TEXT, trigger->when },
		{ ROUTINE_SLOT_LEVEL, TYPE_TEXT, trigger->level },
		{ ROUTINE_SLOT_OP, TYPE_TEXT, trigger->op },
		{ ROUTINE_SLOT_RELNAME, TYPE_NAME, trigger->table },
		{ ROUTINE_SLOT_TABLE, TYPE_NAME, trigger->table },
		{ ROUTINE_SLOT_SCHEMA, TYPE_NAME, trigger->schema },
		{ ROUTINE_SLOT_ARGV, TYPE_TEXT_ARRAY, trigger->arguments },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (set_text(run, texts[i].slot, texts[i].oid, texts[i].text) == -1)
			return -1;
	set_number(run, ROUTINE_SLOT_RELID, TYPE_OID, trigger->relid);
	set_number(run, ROUTINE_SLOT_NARGS, TYPE_INT4, trigger->narguments);
	return set_row(run, ROUTINE_SLOT_NEW, "new", trigger->new, trigger->shape) == -1 ||
		set_row(run, ROUTINE_SLOT_OLD, "old", trigger->old, trigger->shape) == -1
	    ? -1
	    : 0;
}

int
routine_fires(const struct routine *routine, const struct routine_host *host, const struct routine_trigger *trigger,
    const char *condition, bool *holds, struct report *r)
{
	const struct routine_sql sql = { .text = condition, .names = routine->names };
	struct run run = { .routine = routine, .host = host, .report = r };
	int status = run_begin(&run);

	*holds = false;
	if (status == 0)
		status = set_trigger(&run, trigger);
	if (status == 0)
		status = run_condition(&run, &sql, holds);
	run_end(&run);
	return status;
}

int
routine_fire(const struct routine *routine, const struct routine_host *host, const struct routine_trigger *trigger,
    struct routine_rows *result, struct report *r)
{
	struct run run = { .routine = routine, .host = host, .report = r, .result = result };
	int status = run_begin(&run);

	if (status == 0)
		status = set_trigger(&run, trigger);
	if (status == 0)
		status = run_whole(&run);
	run_end(&run);
	return status;
}
