/*
 * The server behind the pool: credentials, probes, roles, migrations. Everything happens in the loop's thread and
 * nothing blocks; what takes long is told by messages to the supervisor and by the events below.
 */
#ifndef BIBD_POSTGRES_STORE_H
#define BIBD_POSTGRES_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/worker.h"

struct store;

struct store_events {
	/* The server answers as the role that applications use: connect now. */
	void (*available)(void *context);
	/* It is gone: end what depends on it. */
	void (*lost)(void *context, const char *cause);
};

struct store *store_new(struct worker *worker, const struct store_events *events, void *context, struct error *e);

/* OPEN_STORE: answers STORE_OPENED or FAILED by itself. */
void store_open(struct store *store, uint32_t request_id);

/* PING_STORE: STORE_ANSWERED or FAILED. */
void store_ping(struct store *store, uint32_t request_id);

/* PEER: the channel to keeper; owns fd. */
void store_take_peer(struct store *store, int fd);

bool store_is_available(const struct store *store);

/* Keywords and values for PQconnectStartParams as the login of that role, ended by NULL; they live until the next call.
 * -1: not available. */
#define STORE_PARAMETERS_MAX 16
int store_parameters(struct store *store, enum role role, const char *keywords[STORE_PARAMETERS_MAX],
    const char *values[STORE_PARAMETERS_MAX]);

/* A connection of the pool failed or died: probe now. */
void store_suspect(struct store *store);

bool store_healthy(const struct store *store, char *text, size_t size);

/* Fills in store_bytes, probe_us and store_state. */
void store_statistics(struct store *store, struct message_statistics *statistics);

/* CHECKPOINT, then all is closed. */
void store_close(struct store *store, int64_t timeout_ms, void (*closed)(void *context), void *context);

#endif
