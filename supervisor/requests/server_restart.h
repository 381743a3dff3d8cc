/*
 * bibctl restart server: clients are paused, PostgreSQL is stopped in an orderly way and started again as after a
 * failure, but nothing is counted. Idle clients stay connected, and their next statement waits; a transaction that does
 * not end within server.shutdown_timeout is lost with its connection, as by PostgreSQL's own fast shutdown.
 */
#ifndef BIBD_SUPERVISOR_SERVER_RESTART_H
#define BIBD_SUPERVISOR_SERVER_RESTART_H

#include <stdint.h>

#include "common/message.h"

struct requests;

/* control asks. */
void server_restart_ask(struct requests *requests, uint32_t id, const struct message_restart_request *message);
/* Clients are served again; the server has failed (the context is the struct requests). Both do nothing where no
 * restart is under way. */
void server_restart_done(struct requests *requests);
void server_restart_note_failure(void *context, const char *cause);
/* Control has ended, and with it the connection of the bibctl that asked: its id is forgotten. */
void server_restart_forget_asker(struct requests *requests);

#endif
