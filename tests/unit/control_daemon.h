/*
 * A daemon for the tests of bibctl: a real control worker on a real socket, and a supervisor that answers it.
 */
#ifndef BIBD_TESTS_CONTROL_DAEMON_H
#define BIBD_TESTS_CONTROL_DAEMON_H

/* How the daemon behaves: clients are served; not yet; orders are refused; a stop is obeyed without a word. */
enum daemon_behaviour { DAEMON_READY, DAEMON_STARTING, DAEMON_REFUSING, DAEMON_DYING };

/* A socket of that type, bound to the path. */
int daemon_bind(const char *path, int type);

/* Listens on the bound socket and serves until it is told to stop; returns an exit status. */
int daemon_main(enum daemon_behaviour behaviour, int acceptor);

/* A daemon of another build: says HELLO as such, and nothing that can be understood after it. */
int daemon_of_another_build(int acceptor);

#endif
