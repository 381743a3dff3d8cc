/*
 * backup.wait: repository. A COMMIT is answered when the repository has it; many share one object. When the repository
 * does not answer for backup.wait_timeout, commits are answered without it, with a warning, until it has caught up.
 */
#ifndef BIBD_SQLITE_REPOSITORY_H
#define BIBD_SQLITE_REPOSITORY_H

#include <stdbool.h>

struct session;
struct sqlite;

/* Whether a transaction of the session waits for the repository. Asked before its settings are over, since SET LOCAL
 * counts. */
bool repository_is_waited_for(struct session *session);
/* Its transaction, which waits, has been committed, and it holds the write lease still: what its answer waits for is
 * noted. */
void repository_note_commit(struct session *session);
/* Whether its answer may go out; what is waited for no longer gets its warning. */
bool repository_has_answer(struct session *session);

/* In the loop's thread: the repository has more; and every now and then. */
void repository_look(struct sqlite *sqlite);

/* What SHOW tells of the repository: bibd.recoverable_to, the moment up to which it has everything; bibd.proven_to, the
 * newest one that a drill has restored and proven; as a text, "" when none is known. false: name is neither. */
#define REPOSITORY_MOMENT_SIZE 40
bool repository_moment(const struct sqlite *sqlite, const char *name, char text[REPOSITORY_MOMENT_SIZE]);

#endif
