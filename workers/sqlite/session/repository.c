/* Who waits for the repository, and until when. */
#include "workers/sqlite/session/repository.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/clock.h"
#include "workers/sqlite/session/session.h"

bool
repository_is_waited_for(struct session *session)
{
	const char *level;

	if (!atomic_load_explicit(&session->sqlite->repository_wait, memory_order_relaxed))
		return false;
	level = settings_get(session->settings, "synchronous_commit", NULL);
	return level == NULL || (strcmp(level, "local") != 0 && strcmp(level, "off") != 0);
}

void
repository_note_commit(struct session *session)
{
	struct store *store = &session->sqlite->store;

	if (store->ship.page == NULL)
		return;
	if (atomic_load(&session->sqlite->repository_suspended))
		session_warn(session, SQLSTATE_WARNING,
		    "committed on this machine only: the repository does not answer (backup.wait_timeout)");
	else
		session->task.answer_stored = store_ship_head(store);
}

/* Before what is to be sent, of which nothing has been sent. */
static void
repository_put_first(struct pgwire_buffer *out, size_t before)
{
	size_t length = pgwire_buffer_length(out), n = length - before;
	uint8_t notice[1024], *start = out->data + out->start;

	if (out->failed || n > sizeof(notice))
		return;
	memcpy(notice, start + before, n);
	memmove(start + n, start, before);
	memcpy(start, notice, n);
}

bool
repository_has_answer(struct session *session)
{
	struct store *store = &session->sqlite->store;
	size_t before = pgwire_buffer_length(&session->out);
	uint64_t told = session->task.answer_stored;

	if (told == 0)
		return true;
	if (!commit_is_stored(&store->file.commit, told)) {
		store_ship_want(store, told);
		return false;
	}
	session->task.answer_stored = 0;
	if (store_ship_is_stored(store, told))
		return true;
	session_warn(session, SQLSTATE_WARNING, "committed on this machine only: the repository has not answered%s",
	    atomic_load(&session->sqlite->repository_wait) ? " in time (backup.wait_timeout)"
							   : ", and is not waited for any more (backup.wait)");
	repository_put_first(&session->out, before);
	return true;
}

/* ---- the loop's thread ---- */

/* The configuration has changed: nobody is to wait, and who does goes on. Who comes later, after it has changed again,
 * waits. */
static void
repository_let_go(struct sqlite *sqlite, uint64_t wanted)
{
	atomic_store(&sqlite->repository_suspended, false);
	commit_note_stored(&sqlite->store.file.commit, wanted);
	pool_pass_synced(&sqlite->pool);
}

/* Waited for in vain for too long: all go on, and who comes now does not wait. */
static void
repository_release(struct sqlite *sqlite, uint64_t wanted)
{
	atomic_store(&sqlite->repository_suspended, true);
	worker_event(sqlite->worker, "backup.wait_over",
	    "the repository has not answered for %lld ms: commits are answered without it until it has caught up",
	    (long long)sqlite->worker->conf->backup.wait_timeout);
	commit_note_stored(&sqlite->store.file.commit, wanted);
}

void
repository_look(struct sqlite *sqlite)
{
	struct ship_page *page = sqlite->store.ship.page;
	int64_t now = clock_now_ms();
	uint64_t stored, wanted;

	if (page == NULL)
		return;
	stored = atomic_load(&page->stored);
	wanted = atomic_load(&page->wanted);
	commit_note_stored(&sqlite->store.file.commit, stored);
	if (!atomic_load(&sqlite->repository_wait)) {
		sqlite->waited_since_ms = now;
		repository_let_go(sqlite, wanted);
		return;
	}
	if (stored >= sqlite->waited_for) {
		sqlite->waited_for = wanted;
		sqlite->waited_since_ms = now;
	}
	if (wanted <= stored)
		sqlite->waited_since_ms = now;
	if (!atomic_load(&sqlite->repository_suspended)) {
		if (now - sqlite->waited_since_ms >= sqlite->worker->conf->backup.wait_timeout)
			repository_release(sqlite, wanted);
	} else if (stored >= wanted && stored + SHIP_ENTRIES / 16 >= atomic_load(&page->head)) {
		atomic_store(&sqlite->repository_suspended, false);
		worker_event(sqlite->worker, "backup.wait", "the repository has caught up: commits wait for it again");
	}
	pool_pass_synced(&sqlite->pool);
}

bool
repository_moment(const struct sqlite *sqlite, const char *name, char text[REPOSITORY_MOMENT_SIZE])
{
	bool proven = strcasecmp(name, "bibd.proven_to") == 0;
	int64_t us = proven ? store_proven_us(&sqlite->store) : store_recoverable_us(&sqlite->store);
	time_t second = (time_t)(us / 1000000);
	struct tm tm;
	size_t n;

	text[0] = '\0';
	if (!proven && strcasecmp(name, "bibd.recoverable_to") != 0)
		return false;
	if (us == 0 || gmtime_r(&second, &tm) == NULL)
		return true;
	n = strftime(text, REPOSITORY_MOMENT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	(void)snprintf(text + n, REPOSITORY_MOMENT_SIZE - n, ".%06d+00", (int)(us % 1000000));
	return true;
}
