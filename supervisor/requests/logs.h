/*
 * `bibctl logs`: the last lines of the container's log, which the container worker has.
 */
#ifndef BIBD_SUPERVISOR_LOGS_H
#define BIBD_SUPERVISOR_LOGS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#define LOGS_LINES_MAX 100000

struct requests;

void logs_init(struct requests *requests);

/* control asks. Answered by LOG and RESULT, or by RESULT alone. */
void logs_ask(struct requests *requests, uint32_t asked_id, uint32_t lines);
/* The container worker answers; fd becomes ours. Returns false when nobody asked under this id. */
bool logs_answer(struct requests *requests, uint32_t id, int fd);
bool logs_fail(struct requests *requests, uint32_t id, const struct error *e);

#endif
