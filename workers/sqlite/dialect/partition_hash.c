/*
 * Hash partitions: which types have a hash that is PostgreSQL's, and the call that says whether a row is in one. That
 * call is no function of PostgreSQL's: conditions of partitions alone have it (partition_emit_text).
 */
#include <string.h>

#include "workers/sqlite/dialect/partition.h"

bool
partition_is_hashed(uint32_t oid)
{
	static const uint32_t oids[] = { TYPE_BOOL, TYPE_INT2, TYPE_INT4, TYPE_INT8, TYPE_OID, TYPE_TEXT, TYPE_VARCHAR,
		TYPE_BPCHAR, TYPE_NAME, TYPE_BYTEA, TYPE_UUID, TYPE_DATE, TYPE_TIME, TYPE_TIMESTAMP, TYPE_TIMESTAMPTZ,
		TYPE_FLOAT4, TYPE_FLOAT8, TYPE_NUMERIC };

	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		if (oids[i] == oid)
			return true;
	return false;
}

bool
partition_is_hash_call(const struct translator *t, const PgQuery__FuncCall *call)
{
	return t->partition && call->n_funcname == 1 &&
	    strcmp(translate_last_string(call->funcname, 1), PARTITION_HASH_CALL) == 0;
}

int
partition_hash_call(struct translator *t, const PgQuery__FuncCall *call, struct expression *type)
{
	size_t start = t->out.length;

	translate_emit(t, "bibd_hash_partition(");
	for (size_t i = 0; i < call->n_args; i++) {
		size_t from = t->out.length + (i > 0 ? strlen(", ") : 0);
		struct expression e;

		translate_emit(t, i > 0 ? ", " : "");
		if (translate_expression(t, call->args[i], &e) < 0 || expression_canonize(t, &e, -1) < 0)
			return -1;
		if (i < 2)
			continue;
		if (!partition_is_hashed(e.oid))
			return translate_refuse(t, -1, "PARTITION BY HASH of this type");
		sql_text_insert(&t->out, from, translator_format(t, "%u, ", e.oid));
	}
	if (translate_emit(t, ")") < 0)
		return -1;
	*type = expression_value(start, TYPE_BOOL);
	type->end = t->out.length;
	return 0;
}
