/*
 * A session's bytes: what its client sends is read, where there is room for it, and what is put into the answer is
 * sent when it may be told.
 */
#include <errno.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "workers/sqlite/session/repository.h"
#include "workers/sqlite/session/session.h"

/* What is read at a time, and how much more of a large message is made room for than has arrived. */
#define SESSION_READ_BYTES 16384
#define SESSION_READ_BYTES_MAX (1U << 20)

void
session_answer_needs(struct session *session, uint64_t number)
{
	if (number > session->task.answer_needs)
		session->task.answer_needs = number;
}

void
session_hold_answer(struct session *session)
{
	/* The check's answer is about whether clients are served, also beside a disk that is slow. */
	if (!session->task.is_check)
		session_answer_needs(session, commit_newest(&session->sqlite->store.file.commit));
}

/* Whether what it is to be told is on the disk. Who is alone at work syncs at once: nobody gains by its waiting. */
static bool
session_may_tell(struct session *session)
{
	struct commit *commit = &session->sqlite->store.file.commit;

	if (!repository_has_answer(session))
		return false;
	return commit_is_synced(commit, session->task.answer_needs) ||
	    (atomic_load(&session->sqlite->working) <= session->working &&
		commit_sync_here(commit, session->task.answer_needs));
}

enum session_step
session_flush_now(struct session *session)
{
	commit_await(&session->sqlite->store.file.commit, session->task.answer_needs);
	session->task.answer_stored = 0;
	return session_flush(session);
}

enum session_step
session_flush(struct session *session)
{
	struct pgwire_buffer *out = &session->out;

	if (out->failed)
		return STEP_CLOSE;
	if (pgwire_buffer_length(out) > 0 && !session_may_tell(session))
		return STEP_SYNC;
	while (pgwire_buffer_length(out) > 0) {
		if (session->gone_ms != 0) {
			pgwire_buffer_consume(out, pgwire_buffer_length(out));
			break;
		}
		ssize_t n = send(session->task.fd, out->data + out->start, pgwire_buffer_length(out),
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			pgwire_buffer_consume(out, (size_t)n);
			/* Of a statement that goes on, or in a transaction. */
			if (session->connection != NULL)
				pool_note_answer(&session->sqlite->pool, &session->task);
		} else if (n == -1 && errno == EINTR)
			continue;
		else if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return STEP_BLOCKED;
		else
			session->gone_ms = clock_now_ms();
	}
	return STEP_ON;
}

void
session_discard(struct session *session)
{
	size_t have = pgwire_buffer_length(&session->in), n = have < session->discarding ? have : session->discarding;

	pgwire_buffer_consume(&session->in, n);
	session->discarding -= n;
}

enum session_step
session_copy_failed(struct session *session)
{
	copy_end(session);
	return session->copy.extended ? session_extended_copy_over(session, false)
				      : session_simple_copy_over(session, false);
}

enum session_step
session_refuse_message(struct session *session, size_t size)
{
	char type = (char)session->in.data[session->in.start];
	bool all_used = session->memory.all_used;

	session->discarding = size;
	session_discard(session);
	session_begin_statement(session);
	session->memory.refused = true;
	session->memory.all_used = all_used;
	(void)report_set(&session->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (session->copy.active)
		return session_copy_failed(session);
	if (type != 'Q' || session->skipping)
		return session_extended_refuse(session);
	session_fail(session);
	session_ready(session);
	return STEP_ON;
}

/* Would the buffer have to be another one, too large, for so much more? The one that it has is kept until then. */
static bool
session_has_no_room(struct session *session, size_t more)
{
	const struct pgwire_buffer *in = &session->in;

	return session->phase == SESSION_SERVING && in->capacity - in->end < more &&
	    in->capacity >= SESSION_LARGE_BYTES && memory_would_refuse(2 * in->capacity);
}

enum session_step
session_read(struct session *session, size_t wanted)
{
	/* Most messages are short: what waits for the next one is to keep no more than it needs. */
	static _Thread_local uint8_t scratch[SESSION_READ_BYTES];
	struct pgwire_buffer *in = &session->in;
	size_t have = pgwire_buffer_length(in), room = wanted > have ? wanted - have : 0;
	uint8_t *at;
	ssize_t n;

	if (room < SESSION_READ_BYTES)
		room = SESSION_READ_BYTES;
	if (room > SESSION_READ_BYTES_MAX)
		room = SESSION_READ_BYTES_MAX;
	if (have > 0 && session_has_no_room(session, room))
		return session_refuse_message(session, wanted);
	at = room == SESSION_READ_BYTES ? scratch : pgwire_buffer_reserve(in, room);
	if (at == NULL)
		return STEP_CLOSE;
	do
		n = recv(session->task.fd, at, room, MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		if (at == scratch)
			pgwire_put_bytes(in, scratch, (size_t)n);
		else
			in->end += (size_t)n;
		return in->failed ? STEP_CLOSE : STEP_ON;
	}
	return n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK) ? STEP_NEEDS_INPUT : STEP_CLOSE;
}
