/*
 * Reading a CHECK of a CREATE TABLE back. Many are no conditions of the client's: what SQLite has no syntax for is
 * written as a CHECK whose name begins with "bibd:", and is taken from that name here.
 */
#include "workers/sqlite/schema/definition_check.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/types/types.h"

/* One word of a mark: a type, a domain, or where values come from. */
static void
apply_word(struct definition_column *column, const char *word, bool first)
{
	const struct type *type = first && strcmp(word, "type") != 0 ? type_by_name(word) : NULL;
	uint32_t oid = *word == '#' ? (uint32_t)strtoul(word + 1, NULL, 10) : 0;

	if (type_is_domain(oid))
		column->domain = oid;
	else if (type_is_user(oid))
		column->oid = oid;
	else if (type != NULL)
		column->oid = type->oid;
	else if (strcmp(word, "serial") == 0)
		column->identity = DEFINITION_SERIAL;
	else if (strcmp(word, "default") == 0)
		column->identity = DEFINITION_IDENTITY;
	else if (strcmp(word, "always") == 0)
		column->identity = DEFINITION_IDENTITY_ALWAYS;
}

/* What stands after "bibd:". */
static void
apply_mark(struct definition_column *column, const char *mark)
{
	bool first = true;

	column->marked = true;
	for (const char *end; *mark != '\0'; mark = *end == ':' ? end + 1 : end, first = false) {
		char word[64];
		size_t length = strcspn(mark, ":");

		end = mark + length;
		if (length >= sizeof(word))
			continue;
		memcpy(word, mark, length);
		word[length] = '\0';
		apply_word(column, word, first);
	}
}

/* What stands for a key that is deferrable: its columns are the function's arguments behind the second. */
static void
parse_late(struct definition *d, const char *name, const char *expression)
{
	const char *rest = name + strlen(DEFINITION_LATE);
	struct definition_constraint *c = definition_add_constraint(d, DEFINITION_UNIQUE);
	struct definition_lexer lexer;

	d->incomplete |= c == NULL || expression == NULL || strlen(rest) < DEFINITION_LATE_DIGITS + 3;
	if (d->incomplete)
		return;
	c->number = (int64_t)strtoull(rest, NULL, 16);
	rest += DEFINITION_LATE_DIGITS;
	c->kind = rest[0] == 'p' ? DEFINITION_PRIMARY_KEY : DEFINITION_UNIQUE;
	c->deferrable = true;
	c->deferred = rest[1] == 'd';
	c->name = strdup(rest + 3);
	definition_lex_begin(&lexer, expression);
	while (lexer.kind != DEFINITION_END) {
		char *column = lexer.kind == DEFINITION_QUOTED ? definition_lex_name(&lexer) : NULL;

		if (column == NULL)
			definition_lex_next(&lexer);
		else
			d->incomplete |= definition_add_name(&c->columns, column) == -1;
		free(column);
	}
	d->incomplete |= c->name == NULL || c->columns.count == 0;
}

/* What stands before the condition, and the parenthesis behind it. */
static void
cut_not_valid(char *expression)
{
	char *at = expression + strlen(NOT_VALID);
	bool quoted = false;

	for (; *at != '\0' && (quoted || strncmp(at, NOT_VALID_END, strlen(NOT_VALID_END)) != 0); at++)
		quoted ^= *at == '"';
	if (*at == '\0')
		return;
	at += strlen(NOT_VALID_END);
	memmove(expression, at, strlen(at) + 1);
	if (*expression != '\0')
		expression[strlen(expression) - 1] = '\0';
}

void
definition_parse_check(struct definition_lexer *lexer, struct definition *d, unsigned column, char **name)
{
	char *expression = definition_lex_parenthesised(lexer);
	struct definition_constraint *c;

	if (*name != NULL && strncmp(*name, DEFINITION_FULL, strlen(DEFINITION_FULL)) == 0) {
		free(expression);
		return;
	}
	if (*name != NULL && strncmp(*name, DEFINITION_LATE, strlen(DEFINITION_LATE)) == 0) {
		parse_late(d, *name, expression);
		free(expression);
		return;
	}
	if (*name != NULL && strcmp(*name, DEFINITION_UNLOGGED) == 0) {
		d->unlogged = true;
		free(expression);
		return;
	}
	if (*name != NULL && strcmp(*name, DEFINITION_INHERITS) == 0) {
		d->incomplete |= expression == NULL || inherit_parse(expression, d) == -1;
		free(expression);
		return;
	}
	if (*name != NULL && strcmp(*name, DEFINITION_PARTITION) == 0) {
		free(d->partition);
		d->partition = expression == NULL ? NULL : schema_partition_parse_key(expression);
		d->incomplete |= d->partition == NULL;
		free(expression);
		return;
	}
	if (*name != NULL && strcmp(*name, DEFINITION_MATVIEW) == 0) {
		d->matview = true;
		free(expression);
		return;
	}
	if (*name != NULL && strncmp(*name, DEFINITION_ON_COMMIT, strlen(DEFINITION_ON_COMMIT)) == 0) {
		d->commit_deletes = strcmp(*name, DEFINITION_COMMIT_DELETES) == 0;
		d->commit_drops = !d->commit_deletes;
		free(expression);
		return;
	}
	if (*name != NULL && strncmp(*name, DEFINITION_MARK, strlen(DEFINITION_MARK)) == 0 && column < d->ncolumns) {
		apply_mark(&d->columns[column], *name + strlen(DEFINITION_MARK));
		free(expression);
	} else if ((c = definition_add_named(d, DEFINITION_CHECK, name, NULL)) != NULL) {
		c->no_inherit = expression != NULL && strncmp(expression, NO_INHERIT, strlen(NO_INHERIT)) == 0;
		if (c->no_inherit)
			memmove(expression, expression + strlen(NO_INHERIT),
			    strlen(expression + strlen(NO_INHERIT)) + 1);
		c->not_valid = expression != NULL && strncmp(expression, NOT_VALID, strlen(NOT_VALID)) == 0;
		if (c->not_valid)
			cut_not_valid(expression);
		c->expression = expression;
	} else {
		free(expression);
	}
}
