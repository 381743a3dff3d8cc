/* EXPLAIN: SQLite's plan, as text line by line, or as a document of JSON, XML or YAML in the shape of PostgreSQL's. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/command.h"
#include "workers/sqlite/types/codec.h"

#define EXPLAIN_DEPTH 1000 /* SQLite's own bound of a query within queries */

/* A step of the plan: a step's parent stands before it. */
struct explain_line {
	int id, depth;
	size_t above; /* which step it is part of, once it is written; the first is part of none */
	bool last;    /* of those with its parent, or the document's only one */
	char *text;
};

struct explain {
	struct explain_line *lines;
	size_t n, room;
	struct pgwire_buffer out;
};

static void
put(struct explain *x, const char *text)
{
	pgwire_put_bytes(&x->out, text, strlen(text));
}

static void
put_indented(struct explain *x, int spaces, const char *text)
{
	while (spaces-- > 0)
		put(x, " ");
	put(x, text);
}

static void
put_quoted(struct explain *x, const char *text)
{
	type_json_put_string(&x->out, text, strlen(text));
}

static void
put_xml(struct explain *x, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			put(x, "&lt;");
		else if (*text == '>')
			put(x, "&gt;");
		else if (*text == '&')
			put(x, "&amp;");
		else
			pgwire_put_byte(&x->out, (uint8_t)*text);
	}
}

/* What a format writes: at the beginning, at a step's, before and behind the steps within it, and at both ends. */
struct explain_format {
	void (*open)(struct explain *x);
	void (*begin)(struct explain *x, const struct explain_line *line);
	void (*descend)(struct explain *x, int depth);
	void (*ascend)(struct explain *x, int depth);
	void (*end)(struct explain *x, const struct explain_line *line);
	void (*close)(struct explain *x);
};

static void
json_open(struct explain *x)
{
	put(x, "[\n  {\n    \"Plan\": {\n      \"Node Type\": ");
}

static void
json_begin(struct explain *x, const struct explain_line *line)
{
	if (line->depth > 0) {
		put_indented(x, 4 * line->depth + 4, "{\n");
		put_indented(x, 4 * line->depth + 6, "\"Node Type\": ");
	}
	put_quoted(x, line->text);
}

static void
json_descend(struct explain *x, int depth)
{
	put(x, ",\n");
	put_indented(x, 4 * depth + 6, "\"Plans\": [\n");
}

static void
json_ascend(struct explain *x, int depth)
{
	put_indented(x, 4 * depth + 6, "]");
}

static void
json_end(struct explain *x, const struct explain_line *line)
{
	put(x, "\n");
	put_indented(x, 4 * line->depth + 4, "}");
	if (line->depth > 0)
		put(x, line->last ? "\n" : ",\n");
}

static void
json_close(struct explain *x)
{
	put(x, "\n  }\n]");
}

static void
xml_open(struct explain *x)
{
	put(x, "<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Query>\n");
}

static void
xml_begin(struct explain *x, const struct explain_line *line)
{
	put_indented(x, 4 * line->depth + 4, "<Plan>\n");
	put_indented(x, 4 * line->depth + 6, "<Node-Type>");
	put_xml(x, line->text);
	put(x, "</Node-Type>\n");
}

static void
xml_descend(struct explain *x, int depth)
{
	put_indented(x, 4 * depth + 6, "<Plans>\n");
}

static void
xml_ascend(struct explain *x, int depth)
{
	put_indented(x, 4 * depth + 6, "</Plans>\n");
}

static void
xml_end(struct explain *x, const struct explain_line *line)
{
	put_indented(x, 4 * line->depth + 4, "</Plan>\n");
}

static void
xml_close(struct explain *x)
{
	put(x, "  </Query>\n</explain>");
}

static void
yaml_open(struct explain *x)
{
	put(x, "- Plan: ");
}

static void
yaml_begin(struct explain *x, const struct explain_line *line)
{
	put(x, "\n");
	put_indented(x, 4 * line->depth + (line->depth > 0 ? 2 : 4), line->depth > 0 ? "- " : "");
	put(x, "Node Type: ");
	put_quoted(x, line->text);
}

static void
yaml_descend(struct explain *x, int depth)
{
	put(x, "\n");
	put_indented(x, 4 * depth + 4, "Plans: ");
}

static void
nothing_at(struct explain *x, int depth)
{
	(void)x;
	(void)depth;
}

static void
nothing_of(struct explain *x, const struct explain_line *line)
{
	(void)x;
	(void)line;
}

static void
nothing(struct explain *x)
{
	(void)x;
}

static const struct explain_format formats[] = {
	[DIALECT_EXPLAIN_JSON] = { json_open, json_begin, json_descend, json_ascend, json_end, json_close },
	[DIALECT_EXPLAIN_XML] = { xml_open, xml_begin, xml_descend, xml_ascend, xml_end, xml_close },
	[DIALECT_EXPLAIN_YAML] = { yaml_open, yaml_begin, yaml_descend, nothing_at, nothing_of, nothing },
};

/* Ends what is open, the step `at` and those above it, until there are `depth`; the one that is open then. */
static size_t
close_to(struct explain *x, const struct explain_format *format, size_t at, int depth)
{
	for (int n = x->lines[at].depth + 1; n > depth; n--) {
		format->end(x, &x->lines[at]);
		if (n - 1 > depth)
			format->ascend(x, n - 2);
		at = x->lines[at].above;
	}
	return at;
}

static void
put_document(struct explain *x, const struct explain_format *format)
{
	size_t at = 0;

	format->open(x);
	for (size_t i = 0; i < x->n; i++) {
		const struct explain_line *line = &x->lines[i];

		if (i > 0)
			at = close_to(x, format, at, line->depth);
		if (i > 0 && x->lines[i - 1].depth < line->depth)
			format->descend(x, line->depth - 1);
		format->begin(x, line);
		x->lines[i].above = at;
		at = i;
	}
	(void)close_to(x, format, at, 0);
	format->close(x);
}

/* ---- the steps ---- */

static void
explain_free(struct explain *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->lines[i].text);
	free(x->lines);
	pgwire_buffer_free(&x->out);
}

static int
add_line(struct explain *x, int id, int depth, const char *text, struct report *r)
{
	if (x->n == x->room) {
		size_t room = x->room == 0 ? 16 : x->room * 2;
		struct explain_line *lines = realloc(x->lines, room * sizeof(*lines));

		if (lines == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		x->lines = lines;
		x->room = room;
	}
	x->lines[x->n] = (struct explain_line) { .id = id, .depth = depth, .last = true, .text = strdup(text) };
	if (x->lines[x->n].text == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	/* The one before it at this depth, with nothing less deep between, has the same parent. */
	for (size_t i = x->n++; i > 0 && x->lines[i - 1].depth >= depth; i--)
		if (x->lines[i - 1].depth == depth) {
			x->lines[i - 1].last = false;
			break;
		}
	return 0;
}

static int
depth_below(const struct explain *x, int parent)
{
	for (size_t i = x->n; i > 0; i--)
		if (x->lines[i - 1].id == parent)
			return x->lines[i - 1].depth + 1;
	return 1;
}

/* A document has one step at its top, below which all of SQLite's are. */
static int
read_lines(struct explain *x, sqlite3_stmt *stmt, struct report *r)
{
	if (add_line(x, 0, 0, "Query", r) == -1)
		return -1;
	while (statement_step(stmt) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(stmt, 3);
		int depth = depth_below(x, sqlite3_column_int(stmt, 1));

		if (depth < EXPLAIN_DEPTH &&
		    add_line(x, sqlite3_column_int(stmt, 0), depth, line == NULL ? "" : line, r) == -1)
			return -1;
	}
	return 0;
}

static int
answer_document(struct session *session, struct portal *portal, sqlite3_stmt *stmt, struct report *r)
{
	struct explain x = { 0 };
	int status = read_lines(&x, stmt, r);

	if (status == 0) {
		put_document(&x, &formats[portal->shared->plan->u.explain.format]);
		pgwire_put_byte(&x.out, 0);
		if (x.out.failed)
			status = report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		else
			command_put_row(session, portal, (const char *[]) { (const char *)x.out.data }, 1);
	}
	explain_free(&x);
	return status;
}

static int
answer_lines(struct session *session, struct portal *portal, sqlite3_stmt *stmt)
{
	while (statement_step(stmt) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(stmt, 3);

		command_put_row(session, portal, (const char *[]) { line == NULL ? "" : line }, 1);
	}
	return 0;
}

/* The plan of what `inner` has open. */
static int
answer(struct session *session, struct portal *portal, const struct dialect_plan *inner, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	sqlite3_stmt *stmt = NULL;
	int status = -1;
	char *sql;

	if (inner->kind != DIALECT_QUERY && inner->kind != DIALECT_MODIFY)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "EXPLAIN of %s is not supported on SQLite",
		    inner->kind == DIALECT_DEFINE ? "CREATE TABLE AS" : inner->tag);
	if (plan->u.explain.analyze && inner->kind == DIALECT_MODIFY)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "EXPLAIN ANALYZE of a statement that changes rows is not supported on SQLite");
	sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", inner->sql == NULL ? "SELECT 1" : inner->sql);
	if (sql == NULL || sqlite3_prepare_v2(session->connection->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		(void)connection_report(session->connection, sqlite3_extended_errcode(session->connection->db), inner,
		    r);
	else
		status = plan->u.explain.format == DIALECT_EXPLAIN_TEXT ? answer_lines(session, portal, stmt)
									: answer_document(session, portal, stmt, r);
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
	return status;
}

enum portal_result
command_explain(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct prepared *prepared;
	struct portal inner = { .name = NULL };
	enum portal_result result;

	if (portal->nvalues != plan->nparams) {
		(void)report_set(r, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%u", portal->nvalues + 1);
		return PORTAL_FAILED;
	}
	if ((prepared = prepared_new("", plan->u.explain.query, plan->param_oids, plan->nparams, r)) == NULL)
		return PORTAL_FAILED;
	portal_set_source(&inner, prepared);
	result = portal_open(session, &inner, r);
	/* Of DECLARE, its query's. */
	if (result == PORTAL_DONE && inner.shared->plan->kind == DIALECT_DECLARE) {
		struct prepared *query =
		    prepared_new("", inner.shared->plan->u.cursor.query, plan->param_oids, plan->nparams, r);

		portal_reset(session, &inner);
		prepared_release(prepared);
		if ((prepared = query) == NULL)
			return PORTAL_FAILED;
		portal_set_source(&inner, prepared);
		result = portal_open(session, &inner, r);
	}
	if (result == PORTAL_DONE)
		result = command_result(portal, answer(session, portal, inner.shared->plan, r));
	portal_reset(session, &inner);
	prepared_release(prepared);
	return result;
}
