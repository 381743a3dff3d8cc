/*
 * Options of views: security_barrier, security_invoker and check_option, as PostgreSQL checks and keeps them.
 */
#include <string.h>
#include <strings.h>

#include "workers/sqlite/dialect/define/view.h"
#include "workers/sqlite/dialect/statements.h"

/* The value of an option as it is kept; NULL: the report is filled. */
static const char *
option_value(struct translator *t, const PgQuery__DefElem *option)
{
	const PgQuery__Node *arg = option->arg;

	if (arg == NULL)
		return "true";
	switch (arg->node_case) {
	case PG_QUERY__NODE__NODE_STRING:
		return translator_copy(t, arg->string->sval);
	case PG_QUERY__NODE__NODE_INTEGER:
		return translator_format(t, "%d", arg->integer->ival);
	case PG_QUERY__NODE__NODE_FLOAT:
		return translator_copy(t, arg->float_->fval);
	case PG_QUERY__NODE__NODE_TYPE_NAME:
		return translator_copy(t, translate_last_string(arg->type_name->names, arg->type_name->n_names));
	default:
		(void)translate_refuse(t, option->location, "this value of an option");
		return NULL;
	}
}

/* What PostgreSQL takes for a boolean: the words may be cut. */
static bool
is_boolean(const char *value)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on", "off", "1", "0" };
	size_t length = strlen(value);

	for (size_t i = 0; length > 0 && i < sizeof(words) / sizeof(words[0]); i++)
		if (strncasecmp(value, words[i], length) == 0)
			return strcasecmp(value, "o") != 0;
	return false;
}

static int
check_value(struct translator *t, const char *name, const char *value)
{
	if (strcmp(name, "security_barrier") == 0 || strcmp(name, "security_invoker") == 0)
		return is_boolean(value) ? 0
					 : translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
					       "invalid value for boolean option \"%s\": %s", name, value);
	if (strcmp(name, "check_option") != 0)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized parameter \"%s\"", name);
	if (strcasecmp(value, "local") == 0 || strcasecmp(value, "cascaded") == 0)
		return 0;
	translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for enum option \"%s\": %s", name,
	    value);
	report_detail(t->report, "Valid values are \"local\" and \"cascaded\".");
	return -1;
}

static const PgQuery__DefElem *
find_option(PgQuery__Node *const *list, size_t n, const char *name, size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]->def_elem->defname) == length &&
		    strncmp(list[i]->def_elem->defname, name, length) == 0)
			return list[i]->def_elem;
	return NULL;
}

const char *
define_view_reset(struct translator *t, const char *options, PgQuery__Node *const *list, size_t n)
{
	const char *left = "";

	while (left != NULL && options != NULL && *options != '\0') {
		size_t length = strcspn(options, ",");

		if (find_option(list, n, options, strcspn(options, "=")) == NULL)
			left = translator_format(t, "%s%s%.*s", left, *left == '\0' ? "" : ",", (int)length, options);
		options += length + (options[length] == ',');
	}
	return left;
}

const char *
define_view_options(struct translator *t, const char *options, PgQuery__Node *const *list, size_t n)
{
	const char *all = define_view_reset(t, options, list, n);

	for (size_t i = 0; all != NULL && i < n; i++) {
		const PgQuery__DefElem *option = list[i]->def_elem;
		const char *value;

		if (find_option(list, i, option->defname, strlen(option->defname)) != NULL) {
			(void)translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "parameter \"%s\" specified more than once", option->defname);
			return NULL;
		}
		if ((value = option_value(t, option)) == NULL || check_value(t, option->defname, value) == -1)
			return NULL;
		all = translator_format(t, "%s%s%s=%s", all, *all == '\0' ? "" : ",", option->defname, value);
	}
	return all;
}

int
define_check_option(struct translator *t, const char *options, const char *why)
{
	if (why == NULL || kept_view_check(options) == '\0')
		return 0;
	translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "WITH CHECK OPTION is supported only on automatically updatable views");
	report_hint(t->report, "%s", why);
	return -1;
}
