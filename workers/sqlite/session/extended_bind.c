/* Bind: parameters and formats to a portal. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/extended.h"
#include "workers/sqlite/session/session.h"

/* PostgreSQL counts parameters and result formats in 16 bits. */
#define EXTENDED_VALUES_MAX 65535

/* A list of format codes stands for n values: none (all text), one for all, or one each. */
static int
extended_read_formats(struct pgwire_reader *body, unsigned *ncodes, int16_t codes[EXTENDED_VALUES_MAX])
{
	*ncodes = pgwire_get_int16(body);
	for (unsigned i = 0; i < *ncodes; i++) {
		codes[i] = (int16_t)pgwire_get_int16(body);
		if (codes[i] != TYPE_FORMAT_TEXT && codes[i] != TYPE_FORMAT_BINARY)
			return -1;
	}
	return body->failed ? -1 : 0;
}

static int16_t
extended_format(const int16_t *codes, unsigned ncodes, unsigned i)
{
	return ncodes == 0 ? TYPE_FORMAT_TEXT : codes[ncodes == 1 ? 0 : i];
}

/* Room for the values with the rest of the message behind them, which they point into for as long as the portal lives.
 */
static int
extended_copy_values(struct portal *portal, unsigned n, const struct pgwire_reader *body, struct pgwire_reader *copy)
{
	size_t values = n * sizeof(*portal->values), bytes = body->length - body->offset;

	if ((portal->values = malloc(values + bytes + 1)) == NULL)
		return -1;
	memset(portal->values, 0, values);
	memcpy(portal->values + n, body->data + body->offset, bytes);
	copy->data = (const uint8_t *)(portal->values + n) - body->offset;
	return 0;
}

/* Decodes the parameters, of which the message's bytes are copied first. */
static int
extended_read_values(struct session *session, struct portal *portal, struct pgwire_reader *body, const int16_t *codes,
    unsigned ncodes, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	unsigned n = pgwire_get_int16(body);
	struct pgwire_reader copy = *body;
	struct type_settings types;

	if (n != plan->nparams)
		return report_set(r, SQLSTATE_PROTOCOL_VIOLATION,
		    "bind message supplies %u parameters, but prepared statement requires %u", n, plan->nparams);
	if (ncodes > 1 && ncodes != n)
		return report_set(r, SQLSTATE_PROTOCOL_VIOLATION,
		    "bind message has %u parameter formats but %u parameters", ncodes, n);
	if (n > 0 && extended_copy_values(portal, n, body, &copy) == -1)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	session_type_settings(session, &types);
	for (unsigned i = 0; i < n; i++) {
		int32_t length = (int32_t)pgwire_get_int32(&copy);
		const uint8_t *bytes;

		portal->values[i].kind = SQLITE_NULL;
		portal->nvalues = i + 1;
		if (length == -1)
			continue;
		if (length < 0 || (bytes = pgwire_get_bytes(&copy, (size_t)length)) == NULL || copy.failed)
			return report_set(r, SQLSTATE_PROTOCOL_VIOLATION, "insufficient data left in message");
		if (type_decode_in(&types, plan->param_oids[i], extended_format(codes, ncodes, i), (const char *)bytes,
			(size_t)length, &portal->values[i], r) == -1)
			return -1;
	}
	body->offset = copy.offset;
	return copy.failed ? report_set(r, SQLSTATE_PROTOCOL_VIOLATION, "insufficient data left in message") : 0;
}

static int
extended_set_result_formats(struct session *session, struct portal *portal, const int16_t *codes, unsigned ncodes)
{
	const struct dialect_plan *shape = portal_shape(session, portal->shared->plan);

	if (ncodes == 0 || !shape->has_rows)
		return 0;
	if (ncodes > 1 && ncodes != shape->ncolumns)
		return report_set(&session->report, SQLSTATE_PROTOCOL_VIOLATION,
		    "bind message has %u result formats but query has %u columns", ncodes, shape->ncolumns);
	if (shape->ncolumns > 0 && (portal->formats = calloc(shape->ncolumns, sizeof(*portal->formats))) == NULL)
		return report_set(&session->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	portal->nformats = shape->ncolumns;
	for (unsigned i = 0; i < shape->ncolumns; i++)
		portal->formats[i] = extended_format(codes, ncodes, i);
	return 0;
}

static int
extended_fill_portal(struct session *session, struct portal *portal, struct pgwire_reader *body)
{
	int16_t codes[EXTENDED_VALUES_MAX];
	unsigned ncodes;
	struct report *r = &session->report;

	if (extended_read_formats(body, &ncodes, codes) == -1)
		return report_set(r, SQLSTATE_PROTOCOL_VIOLATION, "invalid format codes in bind message");
	if (extended_read_values(session, portal, body, codes, ncodes, r) == -1)
		return -1;
	if (extended_read_formats(body, &ncodes, codes) == -1 || !pgwire_reader_done(body))
		return report_set(r, SQLSTATE_PROTOCOL_VIOLATION, "invalid message format");
	return extended_set_result_formats(session, portal, codes, ncodes);
}

enum session_step
extended_bind(struct session *session, struct pgwire_reader *body)
{
	const char *portal_name = pgwire_get_string(body), *name = pgwire_get_string(body);
	struct prepared *prepared = session_find_prepared(session, name);
	struct portal *portal, *old = session_find_portal(session, portal_name);

	if (body->failed)
		return extended_malformed(session);
	session_begin_message(session);
	if (prepared == NULL) {
		(void)report_set(&session->report, SQLSTATE_INVALID_SQL_STATEMENT_NAME,
		    name[0] == '\0' ? "unnamed prepared statement does not exist%s"
				    : "prepared statement \"%s\" does not exist",
		    name);
		return extended_fail(session);
	}
	if (old != NULL && portal_name[0] != '\0') {
		(void)report_set(&session->report, SQLSTATE_DUPLICATE_CURSOR, "cursor \"%s\" already exists",
		    portal_name);
		return extended_fail(session);
	}
	if (session_check_failed_block(session, prepared->shared->plan, &session->report) == -1)
		return extended_fail(session);
	if (old != NULL)
		portal_free(session, old);
	if ((portal = portal_new(session, portal_name, prepared, &session->report)) == NULL)
		return extended_fail(session);
	LIST_INSERT_HEAD(&session->portals, portal, entry);
	if (extended_fill_portal(session, portal, body) == -1) {
		portal_free(session, portal);
		return extended_fail(session);
	}
	pgwire_put_empty(&session->out, '2');
	return STEP_ON;
}
