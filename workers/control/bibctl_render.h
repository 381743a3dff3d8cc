/*
 * How bibctl shows what it was told: one table of functions for people and one for programs. Private to bibctl.
 */
#ifndef BIBD_BIBCTL_RENDER_H
#define BIBD_BIBCTL_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/message.h"

/* The version of the JSON that bibctl(8) describes: raised when a member changes its meaning or goes away. */
#define RENDER_SCHEMA 1

#define RENDER_PROCESSES_MAX 32

/* A whole status. The texts are owned; render_status_clear frees them. */
struct render_status {
	bool has_node;
	struct message_status_node node;
	struct message_status_process processes[RENDER_PROCESSES_MAX];
	size_t nprocesses;
	bool has_statistics;
	struct message_statistics statistics;
	char *texts[8 + RENDER_PROCESSES_MAX * 4];
	size_t ntexts;
};

/* Copies a message with its texts into the status; what is beyond the bounds, or finds no memory, is left out. */
void render_status_keep_node(struct render_status *status, const struct message_status_node *node);
void render_status_keep_process(struct render_status *status, const struct message_status_process *process);
void render_status_keep_statistics(struct render_status *status, const struct message_statistics *statistics);
void render_status_clear(struct render_status *status);

/* Exit statuses of `bibctl ready`, those of pg_isready(1). */
enum render_ready { RENDER_READY, RENDER_REJECTING, RENDER_NO_RESPONSE, RENDER_NO_ATTEMPT, RENDER_READY_ANSWERS };

struct render {
	FILE *out;
	FILE *err;	/* where people are told of failures; programs are told on out */
	bool color;	/* out is a terminal, and nobody asked for none */
	int64_t now_us; /* what "ago" refers to */
};

struct render_output {
	void (*status)(const struct render *render, const struct render_status *status);
	/* phase: NULL when the daemon did not say. why: what went wrong, or NULL. */
	void (*ready)(const struct render *render, const char *socket, enum render_ready answer, const char *phase,
	    const char *why);
	void (*event)(const struct render *render, const struct message_event *event);
	/* How a command ended. A status other than 0 is a failure. */
	void (*result)(const struct render *render, const struct message_result *result);
};

extern const struct render_output render_text;
extern const struct render_output render_json;

/* "1.5 MiB", "12 B"; "2 h 3 min", "5 s". The buffer holds at least RENDER_UNIT_SIZE bytes. Returns buf. */
#define RENDER_UNIT_SIZE 32
char *render_size(uint64_t bytes, char *buf, size_t size);
char *render_duration(int64_t us, char *buf, size_t size);

#endif
