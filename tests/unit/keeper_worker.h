/*
 * A keeper that runs in the test's own process, with the far ends of its channels in the test's hands.
 */
#ifndef BIBD_TESTS_KEEPER_WORKER_H
#define BIBD_TESTS_KEEPER_WORKER_H

#include "tests/unit/keeper_scene.h"

struct setting {
	struct worker worker;
	int supervisor;
	int peer;
	struct frame frame; /* the last one that was received */
};

/* managed: "true" or "false", as the configuration has it. */
struct setting *setting_make(const char *managed);
void setting_free(struct setting *s);
/* Lets the keeper take all that was sent. */
void setting_run(struct setting *s);

/* Each sends one message and lets the keeper take it. send_peer: a new channel of that process, whose far end becomes
 * s->peer. */
void send_frame(struct setting *s, int fd, struct frame *frame, int encoded);
void send_open(struct setting *s, uint32_t id, bool may_create);
void send_password(struct setting *s, const char *password, size_t size);
void send_peer(struct setting *s, enum process process);
void send_request(struct setting *s, uint32_t id);

/* The next frame of that channel, which must be of this type and bear this id. */
struct frame_reader await(struct setting *s, int fd, enum message_type type, uint32_t id);
/* There is none. */
void assert_silent(struct setting *s, int fd);
/* SECRETS_OPENED; the verifier points into the last frame. */
const char *await_opened(struct setting *s, uint32_t id, bool wanted);
/* FAILED; returns its text, which is in the last frame. */
const char *await_failed(struct setting *s, int fd, uint32_t id, enum status wanted, const char *code);
/* CREDENTIALS: what its memory file holds; the caller frees it. */
char *await_credentials(struct setting *s, uint32_t id);

#endif
