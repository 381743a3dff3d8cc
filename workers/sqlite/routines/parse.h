/*
 * Private to the parser: parse.c has blocks, parse_declare.c declarations, parse_sql.c pieces of SQL and where their
 * values go, parse_statement.c, parse_loop.c, parse_cursor.c and parse_return.c the statements, parse_raise.c RAISE,
 * ASSERT and GET DIAGNOSTICS. Each function begins at the scanner's token, and leaves it behind what it has read; -1 or
 * NULL: the report is filled.
 */
#ifndef BIBD_SQLITE_ROUTINES_PARSE_H
#define BIBD_SQLITE_ROUTINES_PARSE_H

#include "workers/sqlite/routines/scan.h"
#include "workers/sqlite/routines/tree.h"

/* A block or a loop around the statement at hand. */
struct parse_label {
	const char *name; /* NULL: none */
	bool loop;
	const struct parse_label *outer;
};

struct parser {
	struct scanner scan;
	struct routine *routine;
	const struct routine_name *names;
	const struct parse_label *labels;
	unsigned block; /* number of the one at hand, and how many there are */
	unsigned nblocks;
	unsigned depth;
	int shadows;  /* routine_signature.shadows */
	bool handles; /* within an exception handler */
	struct report *report;
};

void *parse_alloc(struct parser *p, size_t size);
int parse_refuse(struct parser *p, const char *what);
/* Takes the word or symbol, or fails with 42601. */
int parse_expect_word(struct parser *p, const char *word);
int parse_expect_symbol(struct parser *p, const char *symbol);
/* Takes it if it is there. 1, 0, -1. */
int parse_accept_word(struct parser *p, const char *word);
int parse_accept_symbol(struct parser *p, const char *symbol);
/* The identifier at hand, in the arena. */
const char *parse_identifier(struct parser *p);

/* ---- parse.c ---- */
struct routine_statement *parse_new(struct parser *p, enum routine_kind kind);
/* Puts a name in force; its slot, or -1. */
int parse_declare(struct parser *p, const char *name, const char *label, bool constant);
/* Whether the name that is declared hides another, and may not. */
int parse_check_shadow(struct parser *p, const char *name);
/* A block from DECLARE or BEGIN to END. */
struct routine_statement *parse_block(struct parser *p, const char *label);

/* ---- parse_declare.c ---- */
/* What stands between DECLARE and BEGIN; label: of the block. The variables are put behind the list with that end. */
int parse_declarations(struct parser *p, const char *label, struct routine_variable **end);
/* The text of a type, up to what can follow it. `argument`: of a cursor, which a comma or a bracket ends. */
int parse_type(struct parser *p, struct routine_variable *variable, bool argument);

/* ---- parse_sql.c ---- */

/* SQL up to one of the words or symbols, at which it stops. NULL entries end the list. */
struct routine_sql *parse_sql_until(struct parser *p, const char *const *ends);
/* The text from one token to another. `prefix` is put before it. Its syntax is checked. */
struct routine_sql *parse_sql_slice(struct parser *p, const char *prefix, size_t start, size_t end);
/* Brackets hide what is in them: how many are open behind the token at hand. One that closes none is 42601. */
int parse_count_bracket(struct parser *p, unsigned *depth);
/* "x, y.z": variables, and fields of records, separated by commas. */
int parse_targets(struct parser *p, struct routine_statement *statement);
/* One of them; what stands behind it, such as a subscript, is left. The variable's name; NULL: reported. */
const char *parse_target(struct parser *p, struct routine_target *target);
/* Writes "name", which takes up to twice its bytes and three; the end of it. */
char *parse_put_identifier(char *out, const char *name);
/* The variable whose name is at hand; NULL: none. */
const struct routine_name *parse_find_variable(struct parser *p);
/* A statement of SQL up to its semicolon; INTO is taken out. */
struct routine_statement *parse_sql_statement(struct parser *p);
/* "expr, expr, ..." up to one of the ends. */
int parse_list(struct parser *p, struct routine_statement *statement, const char *const *ends);
struct routine_statement *parse_execute(struct parser *p);
/* The decoded string at hand, in the arena. */
const char *parse_string(struct parser *p);

/* ---- parse_statement.c ---- */

/* Statements up to END, ELSE, ELSIF, WHEN or EXCEPTION. */
int parse_statements(struct parser *p, struct routine_statement **list);

/* ---- parse_cursor.c ---- */

/* [NO SCROLL | SCROLL] CURSOR ..., up to the semicolon. */
int parse_cursor_declaration(struct parser *p, struct routine_variable *variable);
struct routine_statement *parse_open(struct parser *p);
struct routine_statement *parse_fetch(struct parser *p);
struct routine_statement *parse_close(struct parser *p);
/* Whether what stands behind FOR ... IN is a cursor with its query. 1, 0, -1. */
int parse_is_cursor(struct parser *p);
struct routine_statement *parse_for_cursor(struct parser *p, struct routine_statement *statement, const char *name,
    const char *label);

/* ---- parse_loop.c, parse_return.c ---- */
/* LOOP ... END LOOP [label]; */
struct routine_statement *parse_loop_body(struct parser *p, struct routine_statement *statement, const char *label);
struct routine_statement *parse_loop(struct parser *p, const char *label);
struct routine_statement *parse_while(struct parser *p, const char *label);
struct routine_statement *parse_for(struct parser *p, const char *label);
struct routine_statement *parse_foreach(struct parser *p, const char *label);
struct routine_statement *parse_exit(struct parser *p);
struct routine_statement *parse_return(struct parser *p);

/* ---- parse_raise.c ---- */
struct routine_statement *parse_raise(struct parser *p);
struct routine_statement *parse_assert(struct parser *p);
struct routine_statement *parse_diagnostics(struct parser *p);
/* A condition's name, or SQLSTATE '...'. */
int parse_condition(struct parser *p, struct routine_condition **list);

#endif
