/*
 * What `bibctl status` asks: the node, each process, the server with its use of memory, and the storage worker's
 * statistics; the last two are waited for a second.
 */
#ifndef BIBD_SUPERVISOR_STATUS_H
#define BIBD_SUPERVISOR_STATUS_H

#include <stdint.h>

#include "common/message.h"

struct requests;

void status_init(struct requests *requests);

/* control asks. */
void status_ask(struct requests *requests, uint32_t asked_id);
/* The storage worker answers. */
void status_take_statistics(struct requests *requests, uint32_t id, const struct message_statistics *statistics);
/* bibd-archive says how its repository stands. */
void status_take_backup(struct requests *requests, const struct message_status_backup *message);
/* The container worker answers. */
void status_take_usage(struct requests *requests, uint32_t id, uint64_t memory_bytes);

#endif
