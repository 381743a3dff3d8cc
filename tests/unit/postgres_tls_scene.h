/*
 * A server with TLS on TCP, the rules that bibd mounts into a container, and beside it the keeper's own program, which
 * has made the certificates.
 */
#ifndef BIBD_TESTS_POSTGRES_TLS_SCENE_H
#define BIBD_TESTS_POSTGRES_TLS_SCENE_H

#include "tests/unit/postgres_scene.h"

#define LIFE_MS 30000 /* of a certificate */
#define NODE "abcdefghijklmnopqrstuvwxyz"

/* File scope: Check's fixtures and tests take no arguments. */
struct tls_keeper {
	pid_t pid;
	struct channel channel;
	unsigned ready, opened, prepared, given, renewed, results;
	char verifier[256];
	char event[512];
};
extern struct tls_keeper tls_keeper;

/* Check's fixture: the keeper, the server, and a store that is open. */
void tls_set_up(void);
void tls_tear_down(void);

#endif
