/*
 * A rotation of the credentials as the keeper runs it: when one begins, who asked, and what its peer is asked. Private
 * to this room.
 */
#ifndef BIBD_KEEPER_KEEPER_ROTATION_H
#define BIBD_KEEPER_KEEPER_ROTATION_H

#include "common/loop.h"
#include "common/message.h"
#include "workers/keeper/rotation.h"

struct keeper;

/* Who waits for a rotation to end. */
#define KEEPER_ASKERS_MAX 8

/* A rotation under way; how far it is stands in the credentials. */
struct keeper_rotation {
	struct loop_timer check;
	struct loop_timer answer; /* the askers are answered although sessions still use the old logins */
	struct rotation_clock clock;
	uint32_t asked_id; /* ROTATE_LOGINS or RETIRE_LOGINS under way at the peer; 0: none */
	int64_t retry_at;  /* clock_now_ms(): not before, after a failure */
	int64_t retry_ms;
	uint32_t askers[KEEPER_ASKERS_MAX]; /* ids of ROTATE_REQUEST */
	size_t naskers;
	void (*at_point)(void *context); /* for tests: called between any two steps that a crash could separate */
	void *at_point_context;
};

/* ROTATE_REQUEST for the credentials: answered by RESULT when they are rotated, or why not. */
void keeper_rotate_credentials(struct keeper *keeper, uint32_t id);
/* From the peer (context: the keeper). */
void keeper_take_logins_rotated(void *context, struct frame *frame, const struct message_logins_rotated *message);
void keeper_take_logins_retired(void *context, struct frame *frame, const struct message_logins_retired *message);
void keeper_take_peer_failed(void *context, struct frame *frame, const struct message_failed *message);
/* The secrets were opened: a rotation that was interrupted goes on, and later ones begin when they are due. */
void keeper_rotation_open(struct keeper *keeper);
/* Goes on with a rotation, if there is one and the peer can be asked. */
void keeper_rotation_go_on(struct keeper *keeper);
/* The peer has gone, with what it was asked. */
void keeper_rotation_lose_peer(struct keeper *keeper);
void keeper_rotation_close(struct keeper *keeper);

#endif
