/*
 * Why the server ended although bibd did not stop it: the container's state and its log go in, a code and a sentence
 * come out.
 */
#ifndef BIBD_CONTAINER_CAUSE_H
#define BIBD_CONTAINER_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "workers/container/engine/inspection.h"

struct cause_facts {
	const char *engine;		    /* its name */
	const struct inspection *container; /* not present: somebody removed it */
	bool signalled;			    /* somebody sent it a signal through the engine before the end */
	int signal;			    /* which; 0: the engine does not say */
	bool stopped;			    /* somebody stopped it through the engine */
	bool engine_lost;		    /* the engine itself was gone at that moment */
	bool restarted;			    /* it ended, and the container runs again: somebody restarted it */
	long long memory_mb;
	const char *log; /* the end of the container's log */
};

/* Codes, beside those of SERVER_DIED: server.incompatible, when PostgreSQL refused the database directory (another
 * major version), which no restart mends. Returns the code; text gets the sentence. */
const char *cause_of_death(const struct cause_facts *facts, char *text, size_t size);

/* Whether the log's end tells of a process of the server's that died, with which PostgreSQL ends all sessions before it
 * recovers by itself. Returns the code of SERVER_CRASHED, and the sentence in text; NULL: it does not. */
const char *cause_of_crash(const char *log, bool out_of_memory, long long memory_mb, char *text, size_t size);

/* Whether a line of PostgreSQL's log may be repeated in bibd's: lines with statements and their values are not
 * repeated. */
bool cause_may_repeat(const char *line, size_t size);

#endif
