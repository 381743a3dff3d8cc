/*
 * BEGIN and its like, SET, SHOW, RESET, DISCARD.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/settings/settings.h"

int
statement_is(struct translator *t, enum dialect_kind kind, const char *tag)
{
	t->plan->kind = kind;
	t->plan->tag = tag;
	return 0;
}

int
statement_answers(struct translator *t, const char *const *names, unsigned n)
{
	struct dialect_plan *plan = t->plan;

	plan->has_rows = true;
	if ((plan->columns = calloc(n, sizeof(*plan->columns))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < n; i++) {
		plan->columns[i] = (struct dialect_column) { .name = strdup(names[i]), .oid = TYPE_TEXT, .typmod = -1 };
		plan->ncolumns = i + 1;
		if (plan->columns[i].name == NULL)
			return translate_out_of_memory(t);
	}
	return 0;
}

const char *
statement_constant(struct translator *t, const PgQuery__Node *node, bool *null)
{
	const PgQuery__AConst *constant;

	*null = false;
	while (node != NULL && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
		node = node->type_cast->arg;
	if (node == NULL || node->node_case != PG_QUERY__NODE__NODE_A_CONST)
		return NULL;
	constant = node->a_const;
	*null = constant->isnull;
	switch (constant->isnull ? PG_QUERY__A__CONST__VAL__NOT_SET : constant->val_case) {
	case PG_QUERY__A__CONST__VAL_IVAL:
		return translator_format(t, "%d", constant->ival->ival);
	case PG_QUERY__A__CONST__VAL_FVAL:
		return constant->fval->fval;
	case PG_QUERY__A__CONST__VAL_SVAL:
		return constant->sval->sval;
	case PG_QUERY__A__CONST__VAL_BOOLVAL:
		return constant->boolval->boolval ? "t" : "f";
	default:
		return NULL;
	}
}

bool
statement_option(const PgQuery__DefElem *option)
{
	static const char *const off[] = { "false", "off", "0", "no", "f", "n" };
	const PgQuery__Node *arg = option->arg;

	if (arg == NULL)
		return true;
	if (arg->node_case == PG_QUERY__NODE__NODE_BOOLEAN)
		return arg->boolean->boolval;
	if (arg->node_case == PG_QUERY__NODE__NODE_INTEGER)
		return arg->integer->ival != 0;
	for (size_t i = 0; translate_string(arg) != NULL && i < sizeof(off) / sizeof(off[0]); i++)
		if (strcasecmp(translate_string(arg), off[i]) == 0)
			return false;
	return true;
}

/* ---- transactions ---- */

static const struct {
	const char *name;
	int level;
} isolation_levels[] = {
	{ "read uncommitted", 0 },
	{ "read committed", 0 },
	{ "repeatable read", 1 },
	{ "serializable", 2 },
};

static void
read_option(struct dialect_plan *plan, const PgQuery__DefElem *option)
{
	const PgQuery__AConst *value =
	    option->arg != NULL && option->arg->node_case == PG_QUERY__NODE__NODE_A_CONST ? option->arg->a_const : NULL;
	int number = value != NULL && value->val_case == PG_QUERY__A__CONST__VAL_IVAL ? value->ival->ival : 0;

	if (value == NULL)
		return;
	if (strcmp(option->defname, "transaction_read_only") == 0)
		plan->u.transaction.read_only = number != 0;
	if (strcmp(option->defname, "transaction_deferrable") == 0)
		plan->u.transaction.deferrable = number != 0;
	if (value->val_case != PG_QUERY__A__CONST__VAL_SVAL)
		return;
	for (size_t i = 0; i < sizeof(isolation_levels) / sizeof(isolation_levels[0]); i++)
		if (strcmp(isolation_levels[i].name, value->sval->sval) == 0)
			plan->u.transaction.isolation = isolation_levels[i].level;
}

static void
read_options(struct dialect_plan *plan, PgQuery__Node *const *options, size_t n)
{
	plan->u.transaction.isolation = plan->u.transaction.read_only = plan->u.transaction.deferrable = -1;
	for (size_t i = 0; i < n; i++)
		if (options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM)
			read_option(plan, options[i]->def_elem);
}

int
statement_transaction(struct translator *t, const PgQuery__Node *node)
{
	static const struct {
		enum dialect_kind kind;
		const char *tag;
	} kinds[] = {
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN] = { DIALECT_BEGIN, "BEGIN" },
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START] = { DIALECT_BEGIN, "START TRANSACTION" },
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT] = { DIALECT_COMMIT, "COMMIT" },
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK] = { DIALECT_ROLLBACK, "ROLLBACK" },
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT] = { DIALECT_SAVEPOINT, "SAVEPOINT" },
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE] = { DIALECT_RELEASE, "RELEASE" },
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO] = { DIALECT_ROLLBACK_TO, "ROLLBACK" },
	};
	const PgQuery__TransactionStmt *stmt = node->transaction_stmt;
	size_t kind = (size_t)stmt->kind;

	if (kind >= sizeof(kinds) / sizeof(kinds[0]) || kinds[kind].tag == NULL)
		return translate_refuse(t, -1, "two-phase commit");
	read_options(t->plan, stmt->options, stmt->n_options);
	t->plan->u.transaction.chain = stmt->chain;
	if (stmt->savepoint_name != NULL && *stmt->savepoint_name != '\0' &&
	    (t->plan->u.transaction.name = translator_plan_copy(t, stmt->savepoint_name)) == NULL)
		return -1;
	return statement_is(t, kinds[kind].kind, kinds[kind].tag);
}

/* ---- settings ---- */

static int
set_transaction(struct translator *t, const PgQuery__VariableSetStmt *stmt)
{
	if (strcmp(stmt->name, "TRANSACTION SNAPSHOT") == 0)
		return translate_refuse(t, -1, "SET TRANSACTION SNAPSHOT");
	read_options(t->plan, stmt->args, stmt->n_args);
	t->plan->u.transaction.session = strcmp(stmt->name, "SESSION CHARACTERISTICS") == 0;
	return statement_is(t, DIALECT_SET_TRANSACTION, "SET");
}

/* A name of a list of names is shown as it would have to be written. */
static void
put_list_value(struct sql_text *text, const char *name, const char *value)
{
	char *quoted = NULL;
	size_t length;
	FILE *out = strcasecmp(name, "search_path") == 0 ? open_memstream(&quoted, &length) : NULL;

	if (out != NULL) {
		describe_put_name(out, value);
		text->failed |= fclose(out) != 0;
	}
	sql_text_put(text, quoted != NULL ? quoted : value);
	free(quoted);
}

char *
statement_setting_value(struct translator *t, const PgQuery__VariableSetStmt *stmt)
{
	struct sql_text text = { 0 };
	bool null;

	sql_text_put(&text, "");
	for (size_t i = 0; i < stmt->n_args; i++) {
		const char *value = statement_constant(t, stmt->args[i], &null);

		if (value == NULL) {
			translate_refuse(t, -1, "SET to this value");
			sql_text_free(&text);
			return NULL;
		}
		sql_text_put(&text, i > 0 ? ", " : "");
		put_list_value(&text, stmt->name, value);
	}
	if (text.failed) {
		translate_out_of_memory(t);
		sql_text_free(&text);
	}
	return text.data;
}

/* SET ROLE and SET SESSION AUTHORIZATION: a session keeps the role that it came with. */
static int
set_role(struct translator *t, const PgQuery__VariableSetStmt *stmt)
{
	bool null;
	const char *value = stmt->n_args > 0 ? statement_constant(t, stmt->args[0], &null) : NULL;
	bool back =
	    stmt->kind != PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE || (value != NULL && strcmp(value, "none") == 0);

	if (!back)
		return translate_refuse(t, -1, "changing the role of a session");
	return statement_is(t, DIALECT_ACCEPT, stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET ? "RESET" : "SET");
}

static int
set_value(struct translator *t, const PgQuery__VariableSetStmt *stmt)
{
	struct dialect_plan *plan = t->plan;

	plan->u.set.local = stmt->is_local;
	if ((plan->u.set.name = translator_plan_copy(t, stmt->name)) == NULL)
		return -1;
	if (stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE &&
	    (plan->u.set.value = statement_setting_value(t, stmt)) == NULL)
		return -1;
	return 0;
}

int
statement_set(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__VariableSetStmt *stmt = node->variable_set_stmt;

	if (stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL)
		return statement_is(t, DIALECT_RESET, "RESET");
	if (stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI)
		return set_transaction(t, stmt);
	if (stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_CURRENT)
		return translate_refuse(t, -1, "SET FROM CURRENT");
	if (strcmp(stmt->name, "role") == 0 || strcmp(stmt->name, "session_authorization") == 0)
		return set_role(t, stmt);
	statement_is(t, DIALECT_SET, "SET");
	if (stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET)
		statement_is(t, DIALECT_RESET, "RESET");
	return set_value(t, stmt);
}

int
statement_show(struct translator *t, const PgQuery__Node *node)
{
	static const char *const all[] = { "name", "setting", "description" };
	const char *name = node->variable_show_stmt->name, *own = settings_name(name);

	statement_is(t, DIALECT_SHOW, "SHOW");
	if (strcasecmp(name, "all") == 0)
		return statement_answers(t, all, 3);
	if ((t->plan->u.set.name = translator_plan_copy(t, name)) == NULL)
		return -1;
	return statement_answers(t, own != NULL ? &own : &name, 1);
}

int
statement_discard(struct translator *t, const PgQuery__Node *node)
{
	struct dialect_plan *plan = t->plan;

	switch (node->discard_stmt->target) {
	case PG_QUERY__DISCARD_MODE__DISCARD_PLANS:
		plan->u.discard.what = DIALECT_DISCARD_PLANS;
		return statement_is(t, DIALECT_DISCARD, "DISCARD PLANS");
	case PG_QUERY__DISCARD_MODE__DISCARD_SEQUENCES:
		plan->u.discard.what = DIALECT_DISCARD_SEQUENCES;
		return statement_is(t, DIALECT_DISCARD, "DISCARD SEQUENCES");
	case PG_QUERY__DISCARD_MODE__DISCARD_TEMP:
		plan->u.discard.what = DIALECT_DISCARD_TEMP;
		return statement_is(t, DIALECT_DISCARD, "DISCARD TEMP");
	default:
		plan->u.discard.what = DIALECT_DISCARD_ALL;
		return statement_is(t, DIALECT_DISCARD, "DISCARD ALL");
	}
}
