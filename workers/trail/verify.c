/*
 * Follows a chain row by row and head by head, and names the first row that does not fit.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/trail/trail.h"

void
trail_verify_begin(struct trail_verifier *verifier, const char *node_id, const struct trail_chain *witness)
{
	*verifier = (struct trail_verifier) { .witness = *witness };
	trail_begin(&verifier->chain, node_id);
}

static bool __attribute__((format(printf, 3, 4)))
verify_break(struct trail_verifier *verifier, int64_t id, const char *fmt, ...)
{
	va_list ap;

	verifier->verdict.broken_id = id;
	va_start(ap, fmt);
	if (vsnprintf(verifier->verdict.why, sizeof(verifier->verdict.why), fmt, ap) < 0)
		(void)strlcpy(verifier->verdict.why, "it is broken", sizeof(verifier->verdict.why));
	va_end(ap);
	return false;
}

/* Checks the row's place in the chain: right after the one before it. */
static bool
verify_place(struct trail_verifier *verifier, const struct trail_row *row)
{
	int64_t expected = verifier->chain.position + 1;

	if (row->position > expected)
		return verify_break(verifier, row->id,
		    "%" PRId64 " rows that were written before row %" PRId64 " are missing, or stand elsewhere",
		    row->position - expected, row->id);
	if (row->position < expected)
		return verify_break(verifier, row->id,
		    "row %" PRId64 " stands after row %" PRId64
		    " and was not written there: rows were reordered or added",
		    row->id, verifier->last_id);
	if (strcmp(row->previous, verifier->chain.hash) == 0)
		return true;
	/* The row's own hash is right, so the row before it is not the one that it was chained to. */
	if (verifier->last_id == 0)
		return verify_break(verifier, row->id, "row %" PRId64 " is the first and does not belong to this node",
		    row->id);
	return verify_break(verifier, verifier->last_id,
	    "row %" PRId64 " is not the one that row %" PRId64 " was written after: it was replaced", verifier->last_id,
	    row->id);
}

static bool
verify_row_head(struct trail_verifier *verifier, const struct trail_row *row)
{
	bool is_witness = row->position == verifier->witness.position;

	if ((row->head_hash != NULL && strcmp(row->head_hash, row->hash) != 0) ||
	    (is_witness && strcmp(verifier->witness.hash, row->hash) != 0))
		return verify_break(verifier, row->id,
		    "row %" PRId64 " is not the one that was signed at its place: it, or rows after position %" PRId64
		    ", were written anew",
		    row->id, verifier->signed_position);
	if (row->head_hash != NULL)
		verifier->verdict.heads++;
	if (row->head_hash != NULL || is_witness)
		verifier->signed_position = row->position;
	return true;
}

bool
trail_verify_row(struct trail_verifier *verifier, const struct trail_row *row)
{
	char hash[TRAIL_HASH_SIZE];

	if (row->position <= 0 || row->previous == NULL || row->hash == NULL)
		return verify_break(verifier, row->id, "row %" PRId64 " is not chained: it was added or changed",
		    row->id);
	trail_hash(row->previous, row->fields, hash);
	if (strcmp(hash, row->hash) != 0)
		return verify_break(verifier, row->id, "row %" PRId64 " was changed", row->id);
	if (!verify_place(verifier, row))
		return false;
	verifier->chain.position = row->position;
	(void)strlcpy(verifier->chain.hash, hash, sizeof(verifier->chain.hash));
	verifier->last_id = row->id;
	verifier->verdict.rows++;
	return verify_row_head(verifier, row);
}

static bool
verify_reaches(struct trail_verifier *verifier, int64_t position, const char *by)
{
	if (position <= verifier->chain.position)
		return true;
	return verify_break(verifier, 0,
	    "the last %" PRId64 " rows are missing after row %" PRId64 ": %s has a head of them",
	    position - verifier->chain.position, verifier->last_id, by);
}

bool
trail_verify_end(struct trail_verifier *verifier)
{
	return verify_reaches(verifier, verifier->witness.position, "bibd-keeper");
}

bool
trail_verify_head(struct trail_verifier *verifier, int64_t position)
{
	return verify_reaches(verifier, position, "bibd.audit_head");
}
