/*
 * Cursors that PL/pgSQL has opened: their rows are read when they are opened, which is the snapshot that PostgreSQL's
 * cursor has too, and kept as values for the routine and for the client, who may read on until the transaction ends.
 * What went wrong while they were read is told when the row is asked for that it was met at.
 */
#ifndef BIBD_SQLITE_KEPT_CURSOR_H
#define BIBD_SQLITE_KEPT_CURSOR_H

#include "workers/sqlite/routines/routines.h"
#include "workers/sqlite/session/portal.h"

struct session;
struct kept_cursor;

/* What struct routine_host has of the same name. */
int kept_cursor_open(void *arg, const struct routine_call *call, enum routine_scroll scroll, char **name,
    struct report *r);
int kept_cursor_fetch(void *arg, const char *name, const struct routine_fetch *fetch, bool move,
    struct routine_rows *rows, struct report *r);
int kept_cursor_close(void *arg, const char *name, struct report *r);
void kept_cursor_pin(void *arg, const char *name, bool pins);
void kept_cursor_count_unnamed(void *arg);

/* The client's FETCH and MOVE, and its Execute of up to max rows (0: all) of such a portal. */
enum portal_result kept_cursor_fetch_for_client(struct session *session, struct portal *cursor, struct portal *fetch,
    struct report *r);
enum portal_result kept_cursor_run(struct session *session, struct portal *portal, uint64_t max, struct report *r);
/* Frees a cursor, or NULL. */
void kept_cursor_free(struct session *session, struct kept_cursor *kept);

/* Called when an exception block is over: cursors that were opened in it belong to the block around it or, rolled
 * back, are closed. */
void kept_cursor_end_block(struct session *session, bool rolled_back);
/* Called when rows are changed: a cursor whose query calls functions that read the file cannot be read further. */
void kept_cursor_note_change(struct session *session);

#endif
