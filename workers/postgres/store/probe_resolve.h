/*
 * Looks up the addresses of a host in a thread of its own: getaddrinfo(3) may block for any time.
 */
#ifndef BIBD_POSTGRES_PROBE_RESOLVE_H
#define BIBD_POSTGRES_PROBE_RESOLVE_H

#include "common/loop.h"
#include "workers/postgres/store/probe.h"

struct resolve;

/* why is "" when there are addresses, else the resolver's words. Called once, from the loop; the struct is freed after
 * it. */
typedef void resolve_done_fn(void *context, const struct probe_target *addresses, const char *why);

/* Begins a lookup; only the addresses of the target are filled. NULL on an error (resolve.start). */
struct resolve *resolve_start(struct loop *loop, const char *host, unsigned port, resolve_done_fn *done, void *context,
    struct error *e);

/* Forgets a lookup that is under way: its thread ends by itself. */
void resolve_cancel(struct resolve *resolve);

#endif
