/*
 * Group commit: which transactions are on the disk, and who is told of them when.
 *
 * SQLite commits without a sync (synchronous=NORMAL): a transaction is in the write-ahead log, and others read it,
 * before it is on the disk. The right to write goes on to the next writer at that moment; one sync then serves all that
 * have committed before it.
 *
 * THE INVARIANT. Nobody is told of anything that a crash could take back.
 *
 * Each transaction that changes the file has a number, in the order in which the log has them; only the holder of the
 * write lease gives numbers:
 *
 *     begun     the number of the last COMMIT that has begun; counted before SQLite makes it visible
 *     done      of the last one that is over, successful or not; set before the lease is given away
 *     synced    everything up to here is on the disk:  synced <= done <= begun
 *
 * Whoever syncs reads `done` first: what is done then was written to the log before the sync began. A session keeps the
 * highest number on which anything depends that it has put into its answer, and sends nothing while that is beyond
 * `synced`:
 *
 *     who has read      opens the snapshot, and reads `begun` afterwards: no transaction in the snapshot is later
 *     who has written   waits for its own transaction, and with it for what it read of others'
 *     in between        the tags of a transaction that goes on need not wait (it is taken back itself, if what it built
 *                       on is); rows and errors that it answers wait as those of readers. Its holder of the lease finds
 *                       `begun` to be what it built on, since nobody else counts.
 *
 * A sync that fails ends the process: what the log has then is known to nobody, and the next start finds out.
 *
 * A log that may have unsynced frames of before in it must not be written on in this way: where a transaction that
 * was never told of was lost in its middle, one written in its place, byte for byte the same, could make what followed
 * it valid again. So until the log has been emptied (commit_begin) each COMMIT is synced before the lease goes on.
 *
 * Knows nothing of SQLite, nor of sessions. All functions may be called by any thread.
 */
#ifndef BIBD_SQLITE_COMMIT_H
#define BIBD_SQLITE_COMMIT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What the owner does for it; called without the lock. */
struct commit_calls {
	/* Makes everything that is in the log durable; returns only when that is so. */
	void (*sync)(void *arg);
	/* Called when `synced` has grown. */
	void (*told)(void *arg);
};

struct commit {
	const struct commit_calls *calls;
	void *arg;
	atomic_uint_fast64_t begun, done, synced;
	atomic_uint_fast64_t defined; /* number of the last transaction that changed definitions */
	atomic_uint_fast64_t wanted;  /* somebody waits for the transactions up to this number */
	/* So many of those that bibd-archive was told of (store.h) are in the repository, or waited for no longer:
	 * numbers of another kind than the above. */
	atomic_uint_fast64_t stored;
	atomic_bool grouped; /* the log has been emptied since the start */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work, progress;
	pthread_t thread;
	bool has_thread, syncing, stopping;
};

/* -1: errno says why. */
int commit_open(struct commit *commit, const struct commit_calls *calls, void *arg);
/* Ends the thread; the caller sees to it that nobody uses the struct any more. */
void commit_close(struct commit *commit);

/* ---- the holder of the write lease ---- */

/* Called by SQLite's hook when a COMMIT begins, before anybody can see what it changed. `large`: what it has written
 * so far is synced first, so that nobody who reads it has to wait for that. */
void commit_note(struct commit *commit, bool large);
/* Called before a COMMIT that changes definitions. */
void commit_note_definition(struct commit *commit);
/* Called when a COMMIT is over, before the right to write is given away. Returns the number of the last transaction. */
uint64_t commit_publish(struct commit *commit);
/* The same for a COMMIT that is on the disk already. */
void commit_publish_synced(struct commit *commit);
/* The log has been emptied, and what was in it is in the file, on the disk: from here on commits are grouped. */
void commit_begin(struct commit *commit);

/* ---- who answers ---- */

/* Asked after a snapshot has been opened: the snapshot has no transaction that is later than this number. */
uint64_t commit_newest(const struct commit *commit);
uint64_t commit_definitions(const struct commit *commit);
bool commit_is_synced(const struct commit *commit, uint64_t number);
bool commit_is_stored(const struct commit *commit, uint64_t told);
void commit_note_stored(struct commit *commit, uint64_t told);
/* Whether somebody syncs at this moment, which may last as long as the disk takes. */
bool commit_is_syncing(struct commit *commit);

/* Syncs in the caller's thread, for a caller that is alone at work; false: somebody else syncs already. */
bool commit_sync_here(struct commit *commit, uint64_t number);
/* Has the thread sync; commit_calls.told follows. */
void commit_want(struct commit *commit, uint64_t number);
/* Waits until that transaction is on the disk, or syncs. The caller must not have the right to write, unless its
 * COMMIT is over. */
void commit_await(struct commit *commit, uint64_t number);

#endif
