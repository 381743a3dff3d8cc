/*
 * PL/pgSQL's blocks and declarations. Source of the grammar: PostgreSQL 15 manual, chapter 43.
 */
#include "workers/sqlite/routines/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
parse_alloc(struct parser *p, size_t size)
{
	return routine_alloc(p->routine, size, p->report);
}

int
parse_refuse(struct parser *p, const char *what)
{
	return report_set(p->report, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s in PL/pgSQL is not supported on SQLite", what);
}

int
parse_accept_word(struct parser *p, const char *word)
{
	if (!scan_is_word(&p->scan, word))
		return 0;
	return scan_next(&p->scan, p->report) == -1 ? -1 : 1;
}

int
parse_accept_symbol(struct parser *p, const char *symbol)
{
	if (!scan_is_symbol(&p->scan, symbol))
		return 0;
	return scan_next(&p->scan, p->report) == -1 ? -1 : 1;
}

int
parse_expect_word(struct parser *p, const char *word)
{
	int taken = parse_accept_word(p, word);

	return taken == 0 ? scan_fail(&p->scan, p->report) : taken == 1 ? 0 : -1;
}

int
parse_expect_symbol(struct parser *p, const char *symbol)
{
	int taken = parse_accept_symbol(p, symbol);

	return taken == 0 ? scan_fail(&p->scan, p->report) : taken == 1 ? 0 : -1;
}

const char *
parse_identifier(struct parser *p)
{
	char *name, *copy;

	if (p->scan.token.kind != TOKEN_WORD && p->scan.token.kind != TOKEN_QUOTED) {
		(void)scan_fail(&p->scan, p->report);
		return NULL;
	}
	if ((name = scan_identifier(&p->scan, p->scan.token)) == NULL) {
		(void)report_set(p->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	copy = routine_copy(p->routine, name, strlen(name), p->report);
	free(name);
	return copy == NULL || scan_next(&p->scan, p->report) == -1 ? NULL : copy;
}

struct routine_statement *
parse_new(struct parser *p, enum routine_kind kind)
{
	struct routine_statement *statement = parse_alloc(p, sizeof(*statement));

	if (statement != NULL)
		statement->kind = kind;
	return statement;
}

int
parse_declare(struct parser *p, const char *name, const char *label, bool constant)
{
	struct routine_name *entry;

	for (const struct routine_name *n = p->names; n != NULL && n->block == p->block; n = n->outer)
		if (name[0] != '\0' && strcmp(n->name, name) == 0)
			return report_set(p->report, SQLSTATE_SYNTAX_ERROR, "duplicate declaration");
	if ((entry = parse_alloc(p, sizeof(*entry))) == NULL)
		return -1;
	*entry = (struct routine_name) { .name = name,
		.label = label,
		.slot = p->routine->nslots++,
		.block = p->block,
		.constant = constant,
		.outer = p->names };
	p->names = entry;
	return (int)entry->slot;
}

const char *
routine_shadow(const struct routine *routine, unsigned i)
{
	const struct routine_shadow *shadow = routine->shadows;

	while (shadow != NULL && i-- > 0)
		shadow = shadow->before;
	return shadow == NULL ? NULL : shadow->name;
}

int
parse_check_shadow(struct parser *p, const char *name)
{
	const struct routine_name *n = p->names;
	struct routine_shadow *shadow;

	while (n != NULL && (n->block == p->block || strcmp(n->name, name) != 0))
		n = n->outer;
	if (n == NULL || p->shadows == ROUTINE_MAY_SHADOW)
		return 0;
	if (p->shadows == ROUTINE_SHADOWS_FAIL)
		return report_set(p->report, SQLSTATE_DUPLICATE_ALIAS,
		    "variable \"%s\" shadows a previously defined variable", name);
	if ((shadow = parse_alloc(p, sizeof(*shadow))) == NULL)
		return -1;
	*shadow = (struct routine_shadow) { .name = name, .before = p->routine->shadows };
	p->routine->shadows = shadow;
	return 0;
}

/* ---- blocks ---- */

static int
parse_handlers(struct parser *p, struct routine_statement *block)
{
	struct routine_branch **end = &block->branches, *branch;
	const struct routine_name *names = p->names;
	bool handles = p->handles;
	int state, message, is;

	p->block = ++p->nblocks;
	if ((state = parse_declare(p, "sqlstate", NULL, true)) == -1 ||
	    (message = parse_declare(p, "sqlerrm", NULL, true)) == -1)
		return -1;
	block->state_slot = (unsigned)state;
	block->message_slot = (unsigned)message;
	p->handles = true;
	while ((is = parse_accept_word(p, "when")) == 1) {
		if ((branch = parse_alloc(p, sizeof(*branch))) == NULL)
			return -1;
		do {
			if (parse_condition(p, &branch->conditions) == -1)
				return -1;
		} while ((is = parse_accept_word(p, "or")) == 1);
		if (is == -1 || parse_expect_word(p, "then") == -1 || parse_statements(p, &branch->body) == -1)
			return -1;
		*end = branch;
		end = &branch->next;
	}
	p->handles = handles;
	p->names = names;
	return is == -1 ? -1 : block->branches == NULL ? scan_fail(&p->scan, p->report) : 0;
}

static int
parse_block_body(struct parser *p, struct routine_statement *block)
{
	int is;

	if (parse_expect_word(p, "begin") == -1 || parse_statements(p, &block->body) == -1 ||
	    (is = parse_accept_word(p, "exception")) == -1 || (is == 1 && parse_handlers(p, block) == -1) ||
	    parse_expect_word(p, "end") == -1)
		return -1;
	if (p->scan.token.kind == TOKEN_WORD || p->scan.token.kind == TOKEN_QUOTED) {
		const char *name = parse_identifier(p);

		if (name == NULL)
			return -1;
		if (block->label == NULL || strcmp(block->label, name) != 0)
			return report_set(p->report, SQLSTATE_SYNTAX_ERROR,
			    "end label \"%s\" specified for unlabeled block", name);
	}
	return 0;
}

struct routine_statement *
parse_block(struct parser *p, const char *label)
{
	struct parse_label here = { .name = label, .outer = p->labels };
	struct routine_statement *block = parse_new(p, ROUTINE_BLOCK);
	const struct routine_name *names = p->names;
	unsigned number = p->block;
	int status;

	if (block == NULL)
		return NULL;
	block->label = label;
	p->labels = &here;
	p->block = ++p->nblocks;
	status = parse_declarations(p, label, &block->variables) == 0 ? parse_block_body(p, block) : -1;
	p->block = number;
	p->names = names;
	p->labels = here.outer;
	return status == 0 ? block : NULL;
}

/* ---- the whole ---- */

/* $n, which is the parameter's name too. */
static int
parse_number(struct parser *p, unsigned n)
{
	struct routine_name *entry = parse_alloc(p, sizeof(*entry));
	char name[16];

	(void)snprintf(name, sizeof(name), "$%u", n);
	if (entry == NULL)
		return -1;
	*entry = *p->names;
	entry->outer = p->names;
	p->names = entry;
	return (entry->name = routine_copy(p->routine, name, strlen(name), p->report)) == NULL ? -1 : 0;
}

/* In the order of their slots. */
static int
parse_trigger(struct parser *p, const char *label)
{
	static const char *const names[] = {
		[ROUTINE_SLOT_NEW] = "new",
		[ROUTINE_SLOT_OLD] = "old",
		[ROUTINE_SLOT_NAME] = "tg_name",
		[ROUTINE_SLOT_WHEN] = "tg_when",
		[ROUTINE_SLOT_LEVEL] = "tg_level",
		[ROUTINE_SLOT_OP] = "tg_op",
		[ROUTINE_SLOT_RELID] = "tg_relid",
		[ROUTINE_SLOT_RELNAME] = "tg_relname",
		[ROUTINE_SLOT_TABLE] = "tg_table_name",
		[ROUTINE_SLOT_SCHEMA] = "tg_table_schema",
		[ROUTINE_SLOT_NARGS] = "tg_nargs",
		[ROUTINE_SLOT_ARGV] = "tg_argv",
	};

	for (size_t i = ROUTINE_SLOT_NEW; i < sizeof(names) / sizeof(names[0]); i++)
		if (parse_declare(p, names[i], label, false) == -1)
			return -1;
	return 0;
}

static int
parse_parameters(struct parser *p, const struct routine_signature *signature)
{
	struct routine *routine = p->routine;
	struct routine_parameter *parameters = parse_alloc(p, (signature->nparameters + 1) * sizeof(*parameters));
	const char *label = NULL; /* the routine's own: the signature may be gone before it */

	if (parameters == NULL || parse_declare(p, "found", NULL, false) == -1)
		return -1;
	if (signature->name != NULL &&
	    (label = routine_copy(routine, signature->name, strlen(signature->name), p->report)) == NULL)
		return -1;
	p->block = ++p->nblocks;
	for (unsigned i = 0; i < signature->nparameters; i++) {
		const char *name = signature->parameters[i].name == NULL ? "" : signature->parameters[i].name;

		parameters[i] = signature->parameters[i];
		parameters[i].name = routine_copy(routine, name, strlen(name), p->report);
		if (parameters[i].name == NULL || parse_declare(p, parameters[i].name, label, false) == -1)
			return -1;
		((struct routine_name *)(uintptr_t)p->names)->refcursor = parameters[i].oid == TYPE_REFCURSOR;
		if (parse_number(p, i + 1) == -1)
			return -1;
	}
	if (signature->returns == ROUTINE_RETURNS_TRIGGER && parse_trigger(p, label) == -1)
		return -1;
	routine->parameters = parameters;
	routine->nparameters = signature->nparameters;
	routine->returns = signature->returns;
	routine->result = signature->result;
	routine->names = p->names;
	return 0;
}

/* #variable_conflict says what a name is that can be a column and a variable. */
static int
parse_option(struct parser *p)
{
	int is = parse_accept_word(p, "variable_conflict");

	if (is != 1)
		return is == -1 ? -1 : parse_refuse(p, "an option of the compiler");
	p->routine->says_conflict = true;
	p->routine->columns_first = scan_is_word(&p->scan, "use_column");
	p->routine->variables_first = scan_is_word(&p->scan, "use_variable");
	if (!p->routine->columns_first && !p->routine->variables_first && !scan_is_word(&p->scan, "error"))
		return scan_fail(&p->scan, p->report);
	return scan_next(&p->scan, p->report);
}

static int
parse_whole(struct parser *p, const char *body)
{
	const char *label = NULL;
	int is;

	if (scan_begin(&p->scan, body, p->report) == -1)
		return -1;
	while ((is = parse_accept_symbol(p, "#")) == 1)
		if (parse_option(p) == -1)
			return -1;
	if (is == -1 || (is = parse_accept_symbol(p, "<<")) == -1 ||
	    (is == 1 && ((label = parse_identifier(p)) == NULL || parse_expect_symbol(p, ">>") == -1)) ||
	    (p->routine->body = parse_block(p, label)) == NULL || parse_accept_symbol(p, ";") == -1)
		return -1;
	return p->scan.token.kind == TOKEN_END ? 0 : scan_fail(&p->scan, p->report);
}

struct routine *
routine_parse(const char *body, const struct routine_signature *signature, struct report *r)
{
	struct parser p = { .routine = calloc(1, sizeof(*p.routine)), .shadows = signature->shadows, .report = r };

	if (p.routine == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	if (parse_parameters(&p, signature) == 0 && parse_whole(&p, body) == 0)
		return p.routine;
	routine_free(p.routine);
	return NULL;
}
