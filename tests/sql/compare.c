/*
 * compare NODE PLAIN FILE...: runs each statement of the files on a node and on a plain PostgreSQL (both the
 * directory of a socket), first by the simple and then by the extended protocol, and prints every statement that the
 * two answer differently: rows, names and types of columns, command tag, or the SQLSTATE of the error.
 *
 * A comment that stands on a line of its own before a statement may say more about it:
 *	-- refused	the node answers 0A000, as is promised; the plain server is not asked
 *	-- may refuse	the node may answer 0A000; what it answers else is compared
 *	-- any order	the rows are compared without regard to their order
 *	-- with detail	of an error the DETAIL is compared too
 *	-- any modifiers	likewise the modifiers of the columns' types: the server tells those of folded constants
 *	-- with A | B	the values of $1 and $2, as text; null is NULL. Both runs then use the extended protocol.
 * Exit: 0; 1 when anything differed; 2 when there is no connection; 64 for wrong usage or a file that can't be read.
 */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 16
/* What describe() makes of 0A000. */
#define REFUSAL "error 0A000\n"

struct statement {
	const char *text; /* NUL-terminated */
	int line;
	bool refused, may_refuse, any_order, any_modifiers, with_detail;
	int nvalues;
	const char *values[VALUES_MAX];
};

struct run {
	PGconn *node, *plain;
	const char *file;
	bool extended;
	int statements, differing, refusals;
};

/* ---- one answer as lines of text ---- */

/* A type that a statement made has another OID on each side: all of those count as one. */
#define FIRST_MADE_OID 16384

static unsigned
shown_type(Oid type)
{
	return type < FIRST_MADE_OID ? type : FIRST_MADE_OID;
}

static char *
row_text(const PGresult *result, int row)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL) {
		perror("compare");
		exit(2);
	}
	for (int column = 0; column < PQnfields(result); column++)
		fprintf(out, "%s%s", column > 0 ? " | " : "",
		    PQgetisnull(result, row, column) ? "<null>" : PQgetvalue(result, row, column));
	fputc('\n', out);
	fclose(out);
	return text;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
print_rows(FILE *out, const PGresult *result, const struct statement *statement)
{
	int nrows = PQntuples(result);
	char **rows = calloc((size_t)nrows + 1, sizeof(*rows));

	if (rows == NULL) {
		perror("compare");
		exit(2);
	}
	for (int column = 0; column < PQnfields(result); column++)
		fprintf(out, "%s%s:%u:%d", column > 0 ? " | " : "", PQfname(result, column),
		    shown_type(PQftype(result, column)), statement->any_modifiers ? -1 : PQfmod(result, column));
	fputc('\n', out);
	for (int row = 0; row < nrows; row++)
		rows[row] = row_text(result, row);
	if (statement->any_order)
		qsort(rows, (size_t)nrows, sizeof(*rows), compare_texts);
	for (int row = 0; row < nrows; row++) {
		fputs(rows[row], out);
		free(rows[row]);
	}
	free(rows);
}

static const char *
sqlstate(const PGresult *result)
{
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return code != NULL ? code : "?????";
}

/* Owned by the caller. */
static char *
describe(PGresult *result, const struct statement *statement)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL) {
		perror("compare");
		exit(2);
	}
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		print_rows(out, result, statement);
	if (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK)
		fprintf(out, "%s\n", PQcmdStatus(result));
	else
		fprintf(out, "error %s\n", sqlstate(result));
	if (statement->with_detail && PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) != NULL)
		fprintf(out, "%s\n", PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
	fclose(out);
	return text;
}

/* ---- one statement ---- */

static PGresult *
ask(PGconn *connection, const struct statement *statement, bool extended)
{
	if (extended || statement->nvalues > 0)
		return PQexecParams(connection, statement->text, statement->nvalues, NULL, statement->values, NULL,
		    NULL, 0);
	return PQexec(connection, statement->text);
}

static void
print_marked(const char *text, char mark)
{
	while (*text != '\0') {
		int length = (int)strcspn(text, "\n");

		printf("%c %.*s\n", mark, length, text);
		text += length + (text[length] == '\n');
	}
}

static void
report_difference(struct run *run, const struct statement *statement, const char *plain, const PGresult *node,
    const char *node_text)
{
	printf("%s:%d (%s): %s\n", run->file, statement->line, run->extended ? "extended" : "simple", statement->text);
	print_marked(plain, '-');
	print_marked(node_text, '+');
	if (PQresultErrorMessage(node)[0] != '\0')
		printf("  %s", PQresultErrorMessage(node));
	run->differing++;
}

static void
run_statement(struct run *run, const struct statement *statement)
{
	PGresult *node = ask(run->node, statement, run->extended);
	char *node_text = describe(node, statement), *plain_text;

	if (statement->refused || (statement->may_refuse && strcmp(node_text, REFUSAL) == 0)) {
		plain_text = strdup(REFUSAL);
		run->refusals++;
	} else {
		PGresult *plain = ask(run->plain, statement, run->extended);

		plain_text = describe(plain, statement);
		PQclear(plain);
	}
	run->statements++;
	if (plain_text == NULL || strcmp(node_text, plain_text) != 0)
		report_difference(run, statement, plain_text == NULL ? "" : plain_text, node, node_text);
	free(plain_text);
	free(node_text);
	PQclear(node);
}

/* ---- a file, taken apart ---- */

/* Behind the quoted thing that begins at p. */
static char *
skip_quoted(char *p, bool backslashes)
{
	char quote = *p++;

	for (; *p != '\0' && *p != quote; p++)
		if (backslashes && *p == '\\' && p[1] != '\0')
			p++;
	return *p == '\0' ? p : p + 1;
}

static char *
skip_dollars(char *p)
{
	size_t tag = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_") + 2;
	char *end;

	if (p[tag - 1] != '$')
		return p + 1;
	for (end = strchr(p + tag, '$'); end != NULL; end = strchr(end + 1, '$'))
		if (strncmp(end, p, tag) == 0)
			return end + tag;
	return p + strlen(p);
}

/* The semicolon that ends the statement at p, or the end of the text. */
static char *
find_end(char *p)
{
	while (*p != '\0' && *p != ';') {
		if (*p == '\'' || *p == '"')
			p = skip_quoted(p, *p == '\'' && (p[-1] == 'e' || p[-1] == 'E'));
		else if (*p == '-' && p[1] == '-')
			p += strcspn(p, "\n");
		else if (*p == '$' && (p[1] < '0' || p[1] > '9'))
			p = skip_dollars(p);
		else
			p++;
	}
	return p;
}

static void
take_values(struct statement *statement, char *list)
{
	for (char *save = NULL, *value = strtok_r(list, "|", &save); value != NULL && statement->nvalues < VALUES_MAX;
	     value = strtok_r(NULL, "|", &save)) {
		size_t length;

		value += strspn(value, " ");
		for (length = strlen(value); length > 0 && value[length - 1] == ' ';)
			value[--length] = '\0';
		statement->values[statement->nvalues++] = strcmp(value, "null") == 0 ? NULL : value;
	}
}

static void
take_mark(struct statement *statement, char *comment)
{
	if (strcmp(comment, "-- refused") == 0)
		statement->refused = true;
	else if (strcmp(comment, "-- may refuse") == 0)
		statement->may_refuse = true;
	else if (strcmp(comment, "-- any order") == 0)
		statement->any_order = true;
	else if (strcmp(comment, "-- with detail") == 0)
		statement->with_detail = true;
	else if (strcmp(comment, "-- any modifiers") == 0)
		statement->any_modifiers = true;
	else if (strncmp(comment, "-- with ", 8) == 0)
		take_values(statement, comment + 8);
}

static int
count_lines(const char *from, const char *to)
{
	int lines = 0;

	for (; from < to; from++)
		lines += *from == '\n';
	return lines;
}

/* Comments and blanks before a statement. Returns where it begins. */
static char *
take_marks(char *p, struct statement *statement, int *line)
{
	for (;;) {
		char *end;

		for (; *p == ' ' || *p == '\t' || *p == '\n'; p++)
			*line += *p == '\n';
		if (p[0] != '-' || p[1] != '-')
			return p;
		end = p + strcspn(p, "\n");
		if (*end == '\n') {
			*end++ = '\0';
			++*line;
		}
		take_mark(statement, p);
		p = end;
	}
}

static void
run_text(struct run *run, char *text)
{
	int line = 1;

	for (char *p = text;;) {
		struct statement statement = { 0 };
		char *end;

		p = take_marks(p, &statement, &line);
		if (*p == '\0')
			return;
		end = find_end(p);
		statement.line = line;
		statement.text = p;
		line += count_lines(p, end);
		p = *end == '\0' ? end : end + 1;
		*end = '\0';
		run_statement(run, &statement);
	}
}

static char *
read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t capacity = 0;

	if (in == NULL || getdelim(&text, &capacity, '\0', in) == -1) {
		perror(path);
		exit(64);
	}
	fclose(in);
	return text;
}

/* ---- connections ---- */

static void
ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static PGconn *
open_connection(const char *host)
{
	const char *keys[] = { "host", "user", "dbname", "connect_timeout", NULL };
	const char *values[] = { host, "admin", "bibd", "10", NULL };
	PGconn *connection = PQconnectdbParams(keys, values, 0);

	if (PQstatus(connection) != CONNECTION_OK) {
		fputs(PQerrorMessage(connection), stderr);
		exit(2);
	}
	PQsetNoticeReceiver(connection, ignore_notice, NULL);
	return connection;
}

/* What a file made in the schema public goes, so that the next one finds nothing. */
static void
remove_relations(const char *host)
{
	PGconn *connection = open_connection(host);
	PGresult *made = PQexec(connection,
	    "select case relkind when 'v' then 'view ' else 'table ' end || quote_ident("
	    "relname) from pg_catalog.pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
	    " order by relkind desc");

	for (int row = 0; row < PQntuples(made); row++) {
		char drop[256];

		snprintf(drop, sizeof(drop), "drop %s cascade", PQgetvalue(made, row, 0));
		PQclear(PQexec(connection, drop));
	}
	PQclear(made);
	PQfinish(connection);
}

static void
run_file(struct run *run, const char *node, const char *plain, bool extended)
{
	char *text = read_file(run->file);

	run->extended = extended;
	run->node = open_connection(node);
	run->plain = open_connection(plain);
	run_text(run, text);
	PQfinish(run->node);
	PQfinish(run->plain);
	remove_relations(node);
	remove_relations(plain);
	free(text);
}

int
main(int argc, char **argv)
{
	struct run run = { 0 };

	if (argc < 4) {
		fputs("usage: compare NODE PLAIN FILE...\n", stderr);
		return 64;
	}
	for (int i = 3; i < argc; i++) {
		run.file = argv[i];
		run_file(&run, argv[1], argv[2], false);
		run_file(&run, argv[1], argv[2], true);
	}
	printf("%d statements, %d differ, %d refused\n", run.statements, run.differing, run.refusals);
	return run.differing > 0 ? 1 : 0;
}
