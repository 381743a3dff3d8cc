/*
 * How bibctl shows what it was told: one table of functions for people and one for programs. Private to bibctl.
 */
#ifndef BIBD_BIBCTL_RENDER_H
#define BIBD_BIBCTL_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/client_list.h"
#include "common/message.h"
#include "workers/control/shared/snapshot.h"
#include "workers/control/show/compat.h"
#include "workers/control/story/story.h"

/* The version of the JSON that bibctl(8) describes: raised when a member changes its meaning or goes away. */
#define RENDER_SCHEMA 1

/* Exit statuses of `bibctl ready`, those of pg_isready(1). */
enum render_ready { RENDER_READY, RENDER_REJECTING, RENDER_NO_RESPONSE, RENDER_NO_ATTEMPT, RENDER_READY_ANSWERS };

struct render {
	FILE *out;
	FILE *err;	  /* where people are told of failures; programs are told on out */
	bool terminal;	  /* out is a terminal: texts from the daemon are escaped for it, and only then */
	bool verbose;	  /* status: the sandboxes too */
	unsigned columns; /* of the terminal; 0: none, or not known */
	bool color;	  /* out is a terminal, and nobody asked for none */
	int64_t now_us;	  /* what "ago" refers to */
};

/* One line of `bibctl doctor`. */
enum render_verdict { RENDER_OK, RENDER_WARNING, RENDER_FAILED, RENDER_VERDICTS };
extern const char *const render_verdict_names[RENDER_VERDICTS];
struct render_finding {
	const char *check; /* what was looked at, in a word */
	enum render_verdict verdict;
	const char *text;
	const char *advice;
};

/* How grave an event is. */
enum render_severity { RENDER_NOTICE, RENDER_EVENT_WARNING, RENDER_ERROR, RENDER_SEVERITIES };
extern const char *const render_severity_names[RENDER_SEVERITIES];
enum render_severity render_severity(const char *code);

struct render_output {
	void (*status)(const struct render *render, const struct snapshot *status);
	/* status: without a node when the daemon did not say. why: what went wrong, or NULL. */
	void (*ready)(const struct render *render, const char *socket, enum render_ready answer,
	    const struct snapshot *status, const char *why);
	void (*event)(const struct render *render, const struct message_event *event);
	/* A whole log: lines, of any bytes. */
	void (*log)(const struct render *render, const char *log, size_t size);
	/* The audit trail is whole: how much of it there is. */
	void (*audit)(const struct render *render, const struct message_audit_verified *audit);
	/* The public part of an identity. */
	void (*identity)(const struct render *render, const char *fingerprint, const char *public_pem);
	void (*certificates)(const struct render *render, const struct snapshot *status);
	/* The clients, the one that has been connected longest first. */
	void (*clients)(const struct render *render, const struct client_row *rows, size_t n);
	/* What a check found; advice: what to do, or NULL. */
	void (*finding)(const struct render *render, const struct render_finding *finding);
	/* What happened around a time. */
	void (*story)(const struct render *render, const struct story *story);
	/* Which statements a node on SQLite takes. */
	void (*compat)(const struct render *render, const struct compat_report *report);
	/* How a command ended. A status other than 0 is a failure. */
	void (*result)(const struct render *render, const struct message_result *result);
};

/* The name of a uid, "" for one that has none on this host. The buffer holds at least RENDER_USER_SIZE bytes. Returns
 * buf. */
#define RENDER_USER_SIZE 64
char *render_user(int64_t uid, char *buf, size_t size);

/* One block of `bibctl top`: a status, and what has changed since another one. */
struct render_top {
	const struct snapshot *now, *before; /* before: NULL, or has no statistics: there are no rates */
	int64_t elapsed_us;		     /* between them */
	const struct client_row *clients;    /* the busiest first */
	const double *rates;		     /* of each: statements a second */
	size_t nclients, nothers;	     /* nothers: how many clients are not among them */
};

/* For people alone. */
void render_top(const struct render *render, const struct render_top *top);

extern const struct render_output render_text;
extern const struct render_output render_json;

/* "1.5 MiB", "12 B"; "2 h 3 min", "5 s". The buffer holds at least RENDER_UNIT_SIZE bytes. Returns buf. */
#define RENDER_UNIT_SIZE 32
char *render_size(uint64_t bytes, char *buf, size_t size);
char *render_duration(int64_t us, char *buf, size_t size);
/* "2 h 3 min ago", "just now". The buffer holds at least RENDER_AGO_SIZE bytes. Returns buf. */
#define RENDER_AGO_SIZE (RENDER_UNIT_SIZE + 4)
char *render_ago(int64_t us, char *buf, size_t size);

#endif
