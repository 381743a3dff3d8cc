/*
 * Calls of the file's own functions that answer rows, as arguments of bibd_rows().
 */
#include <string.h>

#include "workers/sqlite/dialect/set_function.h"
#include "workers/sqlite/schema/routine.h"

const char *
translate_own_column(struct translator *t, const char *alias, unsigned set, unsigned column)
{
	size_t start = t->out.length;
	const char *text;

	translate_emit(t, "bibd_own_part(");
	translate_identifier(t, alias);
	if (translate_emit_format(t, ".\"v%u\", %u)", set, column) < 0)
		return NULL;
	text = translator_copy(t, t->out.data + start);
	sql_text_cut(&t->out, start);
	return text;
}

int
translate_own_set(struct translator *t, const PgQuery__FuncCall *call, PgQuery__Node *const *definitions,
    size_t ndefinitions, struct set_call *set)
{
	struct own_call *own = translator_alloc(t, sizeof(*own));
	size_t start = t->out.length;

	if (own == NULL || translate_own_arguments(t, call, 'f', definitions, ndefinitions, own) < 0)
		return -1;
	*set = (struct set_call) { .name = translate_last_string(call->funcname, call->n_funcname),
		.unsteady = !own->steady,
		.is_record = own->row && own->ncolumns == 0,
		.narguments = own->narguments + 2,
		.own = own->row ? own : NULL };
	if (!own->row) {
		set->ncolumns = 1;
		set->columns[0] = (struct set_column) { .name = own->columns[0].name, .part = "v", .oid = own->result };
	}
	if (translate_own_head(t, start, own) < 0)
		return -1;
	sql_text_insert(&t->out, start, translator_format(t, "'own', %u, ", set->narguments));
	return translate_emit(t, "");
}
