/*
 * How many clients there may be: all together, of one uid or remote address, and of those that have connected but not
 * yet said who they want to be. Nobody can keep the others out by connecting and keeping silent, nor by connecting
 * again and again. Functions may be called from any thread.
 */
#ifndef BIBD_PGWIRE_ADMISSION_H
#define BIBD_PGWIRE_ADMISSION_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "workers/pgwire/pgwire.h"

/* One uid's part of server.max_starting. */
#define ADMISSION_STARTING_SHARE 4
/* Sessions of the role admin that are let in beyond server.max_clients and one uid's part of it, so that an
 * administrator gets into a node that is full. */
#define ADMISSION_ADMIN_RESERVE 3

struct admission_user;

struct admission {
	pthread_mutex_t lock;
	LIST_HEAD(, admission_user)
	users; /* those who have a connection: a handful on any host, and remote addresses */
	unsigned nstarting;
	unsigned nserved;
};

/* A connection's place; zeroed memory has none. */
struct admission_place {
	struct admission_user *user;
	enum { ADMISSION_NONE, ADMISSION_SENT, ADMISSION_STARTING, ADMISSION_SERVED } state;
};

/* Errors: admission.open. */
int admission_open(struct admission *admission, struct error *e);
void admission_close(struct admission *admission);

/* A new connection of this peer: -1 with the report filled (53300) when too many have not finished startup, and the
 * place is then still none. A connection whose startup packet has arrived whole is not counted there, since nothing is
 * awaited of it: so a crowd that connects at once is let in. */
int admission_enter(struct admission *admission, const struct conf *conf, const struct pgwire_peer *peer, int socket_fd,
    struct admission_place *place, struct report *r);

/* Its startup packet asks for a session of this role: -1 with the report filled (53300) when there are too many, in all
 * or of this peer. */
int admission_serve(struct admission *admission, const struct conf *conf, enum role role, struct admission_place *place,
    struct report *r);

/* The client has ended. Does nothing to an empty place. */
void admission_leave(struct admission *admission, struct admission_place *place);

/* How many sessions of one uid, or of one remote address, this configuration allows: nine tenths of all unless it says
 * more exactly. */
unsigned admission_user_limit(const struct conf *conf, bool is_remote);

/* Whether what has arrived on the socket begins with a whole startup packet that asks for a session or for a cancel.
 * Takes nothing out. */
bool pgwire_startup_has_arrived(int socket_fd);

#endif
