/*
 * Private to define/: CREATE FUNCTION and PROCEDURE while they are read.
 */
#ifndef BIBD_SQLITE_DEFINE_ROUTINE_READING_H
#define BIBD_SQLITE_DEFINE_ROUTINE_READING_H

#include "workers/sqlite/dialect/define/routine.h"

#define ROUTINE_OPTIONS_MAX 64
/* What was read of the statement so far. */
struct reading {
	const char *name;
	bool procedure;
	const char *language, *body;
	char volatility;
	bool strict;
	bool set;
	bool table;	  /* RETURNS TABLE */
	bool polymorphic; /* an input is of anyelement or its like: each call says the type */
	bool compatible;  /* or of anycompatible or its like */
	uint32_t result;
	const char *row; /* the relation whose rows it returns, as SCHEMA_ROUTINE_ROW; NULL: of none */
	unsigned narguments;
	struct dialect_argument *arguments; /* the plan owns them */
	const char **defaults;		    /* the arguments' defaults as SQLite's text; NULL: an argument has none */
	const char **shown;		    /* the defaults as PostgreSQL's text, where that is known */
	unsigned noptions;
	struct {
		const char *name, *value;
	} options[ROUTINE_OPTIONS_MAX];
};

/* ---- routine_type.c ---- */

int routine_read_type(struct translator *t, const PgQuery__TypeName *name, uint32_t *oid);
/* Reads RETURNS. */
int routine_read_result(struct translator *t, const PgQuery__TypeName *name, struct reading *reading);
/* Whether the type is anycompatible or its like. */
bool routine_is_compatible(uint32_t oid);
/* Whether an input determines the type of a result of such a type. */
bool routine_is_determined(const struct reading *reading, uint32_t oid);

/* ---- routine_option.c ---- */

int routine_read_options(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading);

/* ---- routine_argument.c ---- */

int routine_read_arguments(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading);
/* Settles what the routine returns, from the OUT parameters and RETURNS. */
int routine_settle_result(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading);
/* Fails where no input determines the type of a polymorphic OUT parameter. */
int routine_check_outs(struct translator *t, const struct reading *reading);
/* Whether a call gives an argument of that mode. */
bool routine_is_input(char mode);

#endif
