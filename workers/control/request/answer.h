/*
 * The answer to one request, while it comes in.
 */
#ifndef BIBD_BIBCTL_ANSWER_H
#define BIBD_BIBCTL_ANSWER_H

#include "workers/control/request/request.h"

#define COMMANDS_REQUEST_ID 2

struct commands_answer {
	struct bibctl *bibctl;
	struct snapshot status; /* its certificates too */
	int fd;			/* of a log, a list of clients or an operator's certificate; -1: none came */
	bool verified;		/* AUDIT_VERIFIED came */
	struct message_audit_verified audit;	/* without its text, which the result has */
	char fingerprint[96], public_pem[1024]; /* of the identity */
	bool done;
	struct error result; /* as RESULT has it; status 0: done */
	char code[64];	     /* what result.code points to */
};

/* Makes this the result. */
void commands_set_result(struct commands_answer *answer, const struct error *e);

/* Receives until RESULT. A failure to get there is a result as well. */
void commands_receive(struct commands_answer *answer, struct bibctl_connection *connection, int64_t deadline);

/* Connects and sends; 0 when an answer is to be awaited, else the answer holds why not. */
int commands_begin(struct commands_answer *answer, struct bibctl_connection *connection, enum message_type type,
    int64_t deadline);

/* Asks, and takes the whole answer in. */
void commands_ask(struct commands_answer *answer, struct bibctl *bibctl, enum message_type type, int64_t ms);

/* The same for a status: what the answer holds is complete when its result is 0. */
void commands_ask_status(struct commands_answer *answer, struct bibctl *bibctl);

/* Shows the result and makes it the exit status. fallback: what to say where the daemon said nothing. */
int commands_finish(struct commands_answer *answer, const char *fallback);

#endif
