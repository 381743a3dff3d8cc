/*
 * What PostgreSQL takes into an index or a generated column: calls, operators and casts that depend on their operands
 * alone. The others that were written so far are counted, by the volatility of the function that PostgreSQL calls.
 */
#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/expression.h"

void
translate_note_function(struct translator *t, uint32_t oid)
{
	const struct function_fact *fact = function_fact_by_oid(oid);

	t->nmutable += fact != NULL && fact->volatility != 'i';
}

/* Types whose form as a text depends on the session: what is written, and what is read. */
static const struct {
	uint32_t oid;
	bool read_only;
} by_session[] = {
	{ TYPE_DATE, false },
	{ TYPE_TIMESTAMP, false },
	{ TYPE_TIMESTAMPTZ, false },
	{ TYPE_INTERVAL, false },
	{ TYPE_TIME, true },
	{ TYPE_TIMETZ, true },
	{ TYPE_REGCLASS, false },
	{ TYPE_REGTYPE, false },
	{ TYPE_REGPROC, false },
	{ TYPE_REGPROCEDURE, false },
	{ TYPE_REGNAMESPACE, false },
	{ TYPE_REGROLE, false },
	{ TYPE_REGCONFIG, false },
	{ TYPE_REGDICTIONARY, false },
};

static bool
text_is_mutable(uint32_t oid, bool reads)
{
	if (type_is_array(oid) || type_is_row(oid) || type_class(oid) == TYPE_CLASS_ENUM)
		return true;
	for (size_t i = 0; i < sizeof(by_session) / sizeof(by_session[0]); i++)
		if (by_session[i].oid == oid)
			return reads || !by_session[i].read_only;
	return false;
}

void
translate_note_text_of(struct translator *t, uint32_t oid)
{
	t->nmutable += text_is_mutable(oid, false);
}

void
translate_note_cast(struct translator *t, uint32_t from, uint32_t to)
{
	const struct cast_fact *cast;

	if (from == to)
		return;
	if (type_is_array(from) && type_is_array(to)) {
		translate_note_cast(t, type_element(from), type_element(to));
		return;
	}
	for (size_t i = 0; (cast = cast_fact_by_index(i)) != NULL; i++)
		if (cast->from == from && cast->to == to) {
			if (cast->method == 'f')
				translate_note_function(t, cast->function);
			return;
		}
	if (type_is_text(to))
		t->nmutable += text_is_mutable(from, false);
	else if (type_is_text(from))
		t->nmutable += text_is_mutable(to, true);
}
