/*
 * The arguments of what makes JSON: values are put into its words by bibd_json_value, which is told their types.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/types/codec.h"

/* Whose values become JSON, and which of their arguments are keys. */
static const struct {
	const char *name;
	bool has_keys;
} makers[] = {
	{ "json_agg", false },
	{ "jsonb_agg", false },
	{ "to_json", false },
	{ "to_jsonb", false },
	{ "json_build_array", false },
	{ "jsonb_build_array", false },
	{ "json_build_object", true },
	{ "jsonb_build_object", true },
};

static int
make_value(struct translator *t, struct expression *e, int location)
{
	uint32_t oid;
	bool own;

	if (expression_plain(t, e) < 0)
		return -1;
	oid = e->oid;
	own = type_has_json_form(oid) || type_is_array(oid) || type_is_text(oid);
	if (!own && oid != TYPE_UNKNOWN && expression_cast(t, e, TYPE_TEXT, -1, CAST_EXPLICIT, location) < 0)
		return -1;
	if (expression_wrap(t, e, "bibd_json_value(", translator_format(t, ", %u)", own ? oid : TYPE_TEXT)) < 0)
		return -1;
	e->oid = TYPE_JSON;
	e->canonical = false;
	return 0;
}

int
translate_json_arguments(struct translator *t, const char *name, struct expression *list, size_t n, int location)
{
	size_t maker = 0;

	while (maker < sizeof(makers) / sizeof(makers[0]) && strcmp(makers[maker].name, name) != 0)
		maker++;
	if (maker == sizeof(makers) / sizeof(makers[0]))
		return 0;
	for (size_t i = 0; makers[maker].has_keys && i < n; i += 2)
		if (type_is_array(list[i].oid) || list[i].oid == TYPE_JSON || list[i].oid == TYPE_JSONB)
			return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "key value must be scalar, not array, composite, or json");
	for (size_t i = n; i-- > 0;)
		if (makers[maker].has_keys && i % 2 == 0
			? expression_cast(t, &list[i], TYPE_TEXT, -1, CAST_EXPLICIT, location) < 0
			: make_value(t, &list[i], location) < 0)
			return -1;
	return 0;
}
