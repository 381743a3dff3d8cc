/*
 * Where FETCH and MOVE take a cursor, as PostgreSQL's manual says under FETCH.
 */
#include "workers/sqlite/session/scroll.h"

#include <stdlib.h>

#include "workers/sqlite/session/session.h"

/* The length of the message that begins there. */
static size_t
message_size(const uint8_t *at)
{
	return 1 + (((size_t)at[1] << 24) | ((size_t)at[2] << 16) | ((size_t)at[3] << 8) | at[4]);
}

int
scroll_index(struct portal *cursor, uint64_t position, struct report *r)
{
	size_t length = pgwire_buffer_length(&cursor->held), n = 0;
	const uint8_t *data = cursor->held.data + cursor->held.start;

	for (size_t at = 0; at + 5 <= length; at += message_size(data + at))
		n++;
	if ((cursor->starts = calloc(n + 1, sizeof(*cursor->starts))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (size_t at = 0; at + 5 <= length; at += message_size(data + at))
		cursor->starts[cursor->nstarts++] = at;
	cursor->position = position > n ? n + 1 : (size_t)position;
	return 0;
}

static struct scroll_move
land(size_t rows, size_t target)
{
	return (
	    struct scroll_move) { .first = target, .count = target >= 1 && target <= rows ? 1 : 0, .position = target };
}

static struct scroll_move
forward(size_t rows, size_t position, uint64_t count)
{
	size_t left = position < rows ? rows - position : 0;
	bool ends = count > left;

	return (struct scroll_move) { .first = position + 1,
		.count = ends ? left : (size_t)count,
		.position = ends ? rows + 1 : position + (size_t)count };
}

static struct scroll_move
backward(size_t position, uint64_t count)
{
	size_t left = position > 0 ? position - 1 : 0;
	bool ends = count > left;

	return (struct scroll_move) { .first = left,
		.count = ends ? left : (size_t)count,
		.position = ends ? 0 : position - (size_t)count,
		.backward = true };
}

static struct scroll_move
to_absolute(size_t rows, int64_t n)
{
	uint64_t from_end = n < 0 ? -(uint64_t)n : 0;

	if (n >= 0)
		return land(rows, (uint64_t)n > rows ? rows + 1 : (size_t)n);
	return land(rows, from_end > rows ? 0 : rows + 1 - (size_t)from_end);
}

static struct scroll_move
to_relative(size_t rows, size_t position, int64_t n)
{
	if (n >= 0)
		return land(rows, (uint64_t)n > rows + 1 - position ? rows + 1 : position + (size_t)n);
	return land(rows, -(uint64_t)n > position ? 0 : position - (size_t) - (uint64_t)n);
}

struct scroll_move
scroll_move_of(int direction, int64_t n, size_t rows, size_t position)
{
	uint64_t count = n < 0 ? -(uint64_t)n : (uint64_t)n;

	if (direction == DIALECT_ABSOLUTE)
		return to_absolute(rows, n);
	if (direction == DIALECT_RELATIVE || n == 0)
		return to_relative(rows, position, n);
	return (direction == DIALECT_BACKWARD) == (n > 0) ? backward(position, count) : forward(rows, position, count);
}

static void
put_rows(struct session *session, const struct portal *cursor, const struct scroll_move *move)
{
	const uint8_t *data = cursor->held.data + cursor->held.start;

	for (size_t i = 0; i < move->count; i++) {
		size_t row = move->backward ? move->first - i : move->first + i;
		const uint8_t *at = data + cursor->starts[row - 1];

		pgwire_put_bytes(&session->out, at, message_size(at));
	}
}

void
scroll_fetch(struct session *session, struct portal *cursor, struct portal *fetch)
{
	const struct dialect_plan *plan = fetch->shared->plan;
	struct scroll_move move =
	    scroll_move_of(plan->u.cursor.direction, plan->u.cursor.count, cursor->nstarts, cursor->position);

	if (!plan->u.cursor.move)
		put_rows(session, cursor, &move);
	cursor->position = move.position;
	fetch->rows += move.count;
}

enum portal_result
scroll_run(struct session *session, struct portal *cursor, uint64_t max)
{
	struct scroll_move move = forward(cursor->nstarts, cursor->position, max == 0 ? UINT64_MAX : max);

	put_rows(session, cursor, &move);
	cursor->position = move.position;
	cursor->rows += move.count;
	return move.position > cursor->nstarts ? PORTAL_DONE : PORTAL_SUSPENDED;
}
