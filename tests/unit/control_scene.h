/*
 * The control worker between a supervisor that the test plays and any number of bibctl that it plays as well, all in
 * one loop. One such scene a test: Check runs each in a process of its own.
 */
#ifndef BIBD_TESTS_CONTROL_SCENE_H
#define BIBD_TESTS_CONTROL_SCENE_H

#include <check.h>

#include "common/clock.h"
#include "workers/control/control.h"

#define SCENE_PEERS_MAX 80
#define SCENE_ASKED_MAX 16

/* One bibctl, and what it was told. */
struct scene_peer {
	struct channel channel;
	unsigned hellos, nodes, processes, servers, failures, statistics, logs, events, results;
	int log_fd;
	uint32_t last_id;
	uint32_t status;
	char code[64];
	char text[512];
	uint64_t first_event, last_event;
	bool in_order;
};

struct scene {
	struct worker worker;
	struct control *control;
	struct channel supervisor; /* the test's end */
	struct scene_peer peers[SCENE_PEERS_MAX];
	uint32_t asked[SCENE_ASKED_MAX]; /* ids of the requests that reached the supervisor */
	unsigned nasked;
	unsigned asked_type; /* of the last of them */
	int64_t asked_uid;   /* clients, kill: as whom */
	uint32_t asked_session;
	uint32_t asked_ms[2]; /* pause: what transactions get, how long it lasts */
	char audited[96];     /* the last entry for the audit trail: code, result and uid */
	int64_t now;	      /* of the fake clock */
};

/* File scope: Check's fixtures and tests take no arguments. */
extern struct scene scene;

/* Check's fixtures. */
void scene_set_up(void);
void scene_tear_down(void);

/* What the supervisor says: a whole status, an event. */
void scene_answer_status(uint32_t id, const char *node_id);
void scene_send_event(uint64_t number);

/* The nth bibctl, connected, and past HELLO too. */
struct scene_peer *scene_connect(unsigned n);
struct scene_peer *scene_greet(unsigned n);
void scene_send_hello(struct scene_peer *peer, uint32_t protocol, uint64_t hash);

/* Runs for a while, or until a counter has reached a value, which it must. */
void scene_settle(void);
void scene_run_until(const unsigned *counter, unsigned value);

/* Puts the clock so many ms on, and holds it there. */
void scene_advance_clock(int64_t ms);

/* Makes every connection that of a user who may not give orders, on a separated node. */
void scene_become_nobody(void);

/* Runs a suite of one case, with the fixtures; returns what main returns. */
int scene_main(const char *name, void (*add_tests)(TCase *));

#endif
