/*
 * Reading a CREATE TABLE back. What stands there was written by definition_print, or by another program that made the
 * file: what has no place in the model marks the definition as opaque, so that no rebuild loses it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/definition_check.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/types/types.h"

static const char *const constraint_words[] = {
	"CONSTRAINT",
	"PRIMARY",
	"NOT",
	"NULL",
	"UNIQUE",
	"CHECK",
	"DEFAULT",
	"COLLATE",
	"REFERENCES",
	"GENERATED",
	"AS",
};

static bool
begins_constraint(const struct definition_lexer *lexer)
{
	for (size_t i = 0; i < sizeof(constraint_words) / sizeof(constraint_words[0]); i++) {
		if (definition_lex_is(lexer, constraint_words[i]))
			return true;
	}
	return false;
}

static bool
ends_item(const struct definition_lexer *lexer)
{
	return lexer->kind == DEFINITION_END || definition_lex_is(lexer, ",") || definition_lex_is(lexer, ")");
}

/* A type: everything up to the first constraint, as it is written. */
static char *
parse_type(struct definition_lexer *lexer)
{
	size_t begin = lexer->start, end = begin;

	while (!ends_item(lexer) && !begins_constraint(lexer)) {
		end = lexer->end;
		if (!definition_lex_is(lexer, "(")) {
			definition_lex_next(lexer);
			continue;
		}
		free(definition_lex_parenthesised(lexer));
		end = lexer->start;
	}
	while (end > begin && strchr(" \t\r\n", lexer->text[end - 1]) != NULL)
		end--;
	return strndup(lexer->text + begin, end - begin);
}

/* What sqlite3_column_decltype would say: quotes undone. */
static void
find_type(struct definition_column *column)
{
	struct definition_lexer lexer;
	const struct type *type;
	char *name = NULL;

	definition_lex_begin(&lexer, column->declaration);
	if (lexer.kind == DEFINITION_QUOTED && lexer.text[lexer.end] == '\0')
		name = definition_lex_name(&lexer);
	type = type_by_declaration(name != NULL ? name : column->declaration, &column->typmod);
	column->dimensions = type_declared_dimensions(column->declaration);
	column->oid = type->oid;
	free(name);
}

/* A default's value: in parentheses, or a signed literal or one word. */
static char *
parse_default(struct definition_lexer *lexer)
{
	size_t begin = lexer->start;

	if (definition_lex_is(lexer, "("))
		return definition_lex_parenthesised(lexer);
	if (definition_lex_is(lexer, "+") || definition_lex_is(lexer, "-"))
		definition_lex_next(lexer);
	char *text = strndup(lexer->text + begin, lexer->end - begin);
	definition_lex_next(lexer);
	return text;
}

/* ("a", "b"); anything but plain names makes the definition opaque. */
static void
parse_names(struct definition_lexer *lexer, struct definition *d, struct definition_names *names)
{
	if (!definition_lex_take(lexer, "("))
		return;
	while (lexer->kind != DEFINITION_END && !definition_lex_is(lexer, ")")) {
		char *name = definition_lex_name(lexer);

		if (name == NULL || definition_add_name(names, name) == -1)
			d->opaque = true;
		free(name);
		if (!ends_item(lexer)) {
			d->opaque = true;
			while (!ends_item(lexer))
				definition_lex_next(lexer);
		}
		(void)definition_lex_take(lexer, ",");
	}
	(void)definition_lex_take(lexer, ")");
}

/* ON CONFLICT x: PostgreSQL has no such thing in a table. */
static void
parse_conflict(struct definition_lexer *lexer, struct definition *d)
{
	if (!definition_lex_take(lexer, "ON"))
		return;
	d->opaque = true;
	definition_lex_next(lexer);
	definition_lex_next(lexer);
}

static char *
parse_action(struct definition_lexer *lexer)
{
	if (definition_lex_take(lexer, "SET"))
		return strdup(
		    definition_lex_take(lexer, "NULL") ? "SET NULL" : (definition_lex_next(lexer), "SET DEFAULT"));
	if (definition_lex_take(lexer, "NO")) {
		definition_lex_next(lexer);
		return NULL;
	}
	if (definition_lex_take(lexer, "CASCADE"))
		return strdup("CASCADE");
	(void)definition_lex_take(lexer, "RESTRICT");
	return strdup("RESTRICT");
}

static void
parse_deferral(struct definition_lexer *lexer, struct definition_constraint *c)
{
	bool negated = definition_lex_take(lexer, "NOT");

	if (!definition_lex_take(lexer, "DEFERRABLE"))
		return;
	c->deferrable = !negated;
	if (!definition_lex_take(lexer, "INITIALLY"))
		return;
	c->deferred = !negated && definition_lex_is(lexer, "DEFERRED");
	definition_lex_next(lexer);
}

static void
parse_references(struct definition_lexer *lexer, struct definition *d, struct definition_constraint *c)
{
	c->parent = definition_lex_name(lexer);
	parse_names(lexer, d, &c->parent_columns);
	for (;;) {
		if (definition_lex_take(lexer, "MATCH")) {
			c->match_full = definition_lex_is(lexer, "FULL");
			definition_lex_next(lexer);
		} else if (definition_lex_take(lexer, "ON")) {
			bool delete = definition_lex_is(lexer, "DELETE");
			char **action = delete ? &c->on_delete : &c->on_update;

			definition_lex_next(lexer);
			free(*action);
			*action = parse_action(lexer);
		} else {
			break;
		}
	}
	if (definition_lex_is(lexer, "DEFERRABLE") || definition_lex_is(lexer, "NOT")) {
		struct definition_lexer ahead = *lexer;

		definition_lex_next(&ahead);
		if (definition_lex_is(lexer, "DEFERRABLE") || definition_lex_is(&ahead, "DEFERRABLE"))
			parse_deferral(lexer, c);
	}
}

struct definition_constraint *
definition_add_named(struct definition *d, enum definition_kind kind, char **name, const char *column)
{
	struct definition_constraint *c = definition_add_constraint(d, kind);

	if (c == NULL)
		return NULL;
	c->name = *name;
	*name = NULL;
	if (column != NULL && definition_add_name(&c->columns, column) == -1)
		d->opaque = true;
	return c;
}

static void
parse_generated(struct definition_lexer *lexer, struct definition_column *column)
{
	free(column->generated);
	column->generated = definition_lex_parenthesised(lexer);
	column->stored = !definition_lex_take(lexer, "VIRTUAL") && definition_lex_take(lexer, "STORED");
}

/* One column constraint; false when nothing was understood. */
static bool
parse_column_constraint(struct definition_lexer *lexer, struct definition *d, unsigned i, char **name)
{
	struct definition_column *column = &d->columns[i];
	struct definition_constraint *c;

	if (definition_lex_take(lexer, "PRIMARY")) {
		definition_lex_next(lexer);
		if ((c = definition_add_named(d, DEFINITION_PRIMARY_KEY, name, column->name)) == NULL)
			return false;
		if (!definition_lex_take(lexer, "ASC") && definition_lex_take(lexer, "DESC"))
			d->opaque = true;
		parse_conflict(lexer, d);
		c->autoincrement = definition_lex_take(lexer, "AUTOINCREMENT");
	} else if (definition_lex_take(lexer, "NOT")) {
		column->not_null = definition_lex_take(lexer, "NULL");
		parse_conflict(lexer, d);
	} else if (definition_lex_take(lexer, "NULL")) {
		parse_conflict(lexer, d);
	} else if (definition_lex_take(lexer, "UNIQUE")) {
		(void)definition_add_named(d, DEFINITION_UNIQUE, name, column->name);
		parse_conflict(lexer, d);
	} else if (definition_lex_take(lexer, "CHECK")) {
		definition_parse_check(lexer, d, i, name);
	} else if (definition_lex_take(lexer, "DEFAULT")) {
		free(column->default_sql);
		column->default_sql = parse_default(lexer);
	} else if (definition_lex_take(lexer, "COLLATE")) {
		free(column->collate);
		column->collate = definition_lex_name(lexer);
	} else if (definition_lex_take(lexer, "REFERENCES")) {
		if ((c = definition_add_named(d, DEFINITION_FOREIGN_KEY, name, column->name)) != NULL)
			parse_references(lexer, d, c);
	} else if (definition_lex_take(lexer, "GENERATED")) {
		definition_lex_next(lexer); /* ALWAYS */
	} else if (definition_lex_take(lexer, "AS")) {
		parse_generated(lexer, column);
	} else {
		return false;
	}
	return true;
}

static int
parse_column(struct definition_lexer *lexer, struct definition *d)
{
	struct definition_column *column = definition_add_column(d);
	unsigned i = d->ncolumns - 1;
	char *name = NULL;

	if (column == NULL || (column->name = definition_lex_name(lexer)) == NULL ||
	    (column->declaration = parse_type(lexer)) == NULL)
		return -1;
	find_type(column);
	while (!ends_item(lexer)) {
		if (definition_lex_take(lexer, "CONSTRAINT")) {
			free(name);
			name = definition_lex_name(lexer);
		} else if (parse_column_constraint(lexer, d, i, &name)) {
			free(name);
			name = NULL;
		} else {
			d->opaque = true;
			definition_lex_next(lexer);
		}
	}
	free(name);
	return 0;
}

static int
parse_table_constraint(struct definition_lexer *lexer, struct definition *d)
{
	struct definition_constraint *c = NULL;
	char *name = NULL;

	if (definition_lex_take(lexer, "CONSTRAINT"))
		name = definition_lex_name(lexer);
	if (definition_lex_take(lexer, "CHECK")) {
		definition_parse_check(lexer, d, d->ncolumns, &name);
	} else if (definition_lex_take(lexer, "UNIQUE")) {
		c = definition_add_named(d, DEFINITION_UNIQUE, &name, NULL);
	} else if (definition_lex_take(lexer, "PRIMARY")) {
		definition_lex_next(lexer);
		c = definition_add_named(d, DEFINITION_PRIMARY_KEY, &name, NULL);
	} else if (definition_lex_take(lexer, "FOREIGN")) {
		definition_lex_next(lexer);
		c = definition_add_named(d, DEFINITION_FOREIGN_KEY, &name, NULL);
	}
	free(name);
	if (c != NULL)
		parse_names(lexer, d, &c->columns);
	if (c != NULL && c->kind == DEFINITION_FOREIGN_KEY && definition_lex_take(lexer, "REFERENCES"))
		parse_references(lexer, d, c);
	parse_conflict(lexer, d);
	while (!ends_item(lexer)) {
		d->opaque = true;
		definition_lex_next(lexer);
	}
	return 0;
}

static bool
begins_table_constraint(const struct definition_lexer *lexer)
{
	static const char *const words[] = { "CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (definition_lex_is(lexer, words[i]))
			return true;
	}
	return false;
}

/* CREATE [TEMP] TABLE [IF NOT EXISTS] [schema.]name ( */
static int
parse_head(struct definition_lexer *lexer, struct definition *d)
{
	if (!definition_lex_take(lexer, "CREATE"))
		return -1;
	d->temporary = definition_lex_take(lexer, "TEMP") || definition_lex_take(lexer, "TEMPORARY");
	if (!definition_lex_take(lexer, "TABLE"))
		return -1;
	if (definition_lex_take(lexer, "IF")) {
		definition_lex_next(lexer);
		definition_lex_next(lexer);
	}
	d->name = definition_lex_name(lexer);
	if (definition_lex_take(lexer, ".")) {
		free(d->name);
		d->name = definition_lex_name(lexer);
	}
	return d->name != NULL && definition_lex_take(lexer, "(") ? 0 : -1;
}

int
definition_parse(const char *sql, struct definition *d)
{
	struct definition_lexer lexer;
	int result;

	*d = (struct definition) { 0 };
	definition_lex_begin(&lexer, sql);
	result = parse_head(&lexer, d);
	while (result == 0 && lexer.kind != DEFINITION_END) {
		result = begins_table_constraint(&lexer) ? parse_table_constraint(&lexer, d) : parse_column(&lexer, d);
		if (!definition_lex_take(&lexer, ","))
			break;
	}
	if (result == 0 && !definition_lex_take(&lexer, ")"))
		result = -1;
	for (; result == 0 && lexer.kind != DEFINITION_END; definition_lex_next(&lexer)) {
		if (definition_lex_is(&lexer, "ROWID"))
			d->without_rowid = true;
		else if (definition_lex_is(&lexer, "STRICT"))
			d->strict = true;
	}
	if (d->incomplete)
		result = -1;
	if (result == -1)
		definition_free(d);
	else
		definition_complete(d);
	return result;
}
