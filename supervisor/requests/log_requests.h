/*
 * `bibctl logs`: the last lines of the container's log, asked of the container worker for whoever asked control.
 */
#ifndef BIBD_SUPERVISOR_LOG_REQUESTS_H
#define BIBD_SUPERVISOR_LOG_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#define LOG_REQUESTS_MAX 16
#define LOG_REQUESTS_LINES_MAX 100000

struct supervisor;

struct log_requests {
	struct log_request {
		uint32_t asked_id;  /* control's id; 0: this place is free */
		uint32_t worker_id; /* ours, at the container worker */
	} requests[LOG_REQUESTS_MAX];
};

/* control asks. Answered by LOG and RESULT, or by RESULT alone. */
void log_requests_take(struct supervisor *supervisor, uint32_t id, uint32_t lines);
/* The container worker answers; fd becomes ours. Returns false when nobody asked under this id. */
bool log_requests_answer(struct supervisor *supervisor, uint32_t id, int fd);
bool log_requests_fail(struct supervisor *supervisor, uint32_t id, const struct error *e);
/* The container worker has gone: all are answered. */
void log_requests_worker_gone(struct supervisor *supervisor);
/* control has gone, and with it whoever asked. */
void log_requests_forget(struct supervisor *supervisor);

#endif
