/*
 * A note on disk of where the server's container was started last. Two engines cannot see each other's containers, and
 * two servers on one database directory destroy it: PostgreSQL's own lock does not reach across containers. So a server
 * that another engine may still be running is not started.
 */
#ifndef BIBD_CONTAINER_RECORD_H
#define BIBD_CONTAINER_RECORD_H

#include "workers/container/engine/engine.h"

struct record {
	char engine[16]; /* its name; "": there is no note */
	char socket[ENGINE_SOCKET_MAX];
	char container_id[ENGINE_ID_MAX]; /* "-": being started, not known yet */
};

/* Reads the note in that directory; one that is missing or malformed is empty. */
void record_read(const char *directory, struct record *record);

/* Writes it anew. Errors: container.record. */
int record_write(const char *directory, const struct engine *engine, const char *container_id, struct error *e);

/* The container was removed. */
void record_remove(const char *directory);

/* Whether the server may run where this engine cannot see it: the note is of another engine, and a process of its
 * container lives, or it cannot be told whether one does. */
bool record_is_elsewhere(const struct record *record, const struct engine *engine);

/* The version of the engine behind that socket, as it was last time: Podman takes long to say it. "" when there is no
 * note, or the engine's program has changed since. */
void record_read_version(const char *directory, const struct engine *engine, const char *program, char *buf,
    size_t size);
void record_write_version(const char *directory, const struct engine *engine, const char *program);

/* The log's end of the container that was removed last, which its engine does not have any more. Errors:
 * container.record. */
int record_write_log(const char *directory, const char *text, struct error *e);
/* To be freed; NULL: there is none. written_us: when it was removed, since 1970. */
char *record_read_log(const char *directory, int64_t *written_us);

#endif
