/*
 * bibctl compat: which statements of a file a node on SQLite takes, and why not the others. The statements are run one
 * by one on a scratch node, which is started for that in a directory of its own and is gone afterwards. So the answers
 * are those of a real node, and no other node, nor its data, is touched.
 */
#ifndef BIBD_CONTROL_COMPAT_H
#define BIBD_CONTROL_COMPAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "common/error.h"

/* ---- statements.c: a dump, a script, or PostgreSQL's log of statements ---- */

/* One statement may be that long. */
#define COMPAT_STATEMENT_MAX ((size_t)64 << 20)

struct compat_reader {
	FILE *file;
	bool log; /* it is a log of statements */
	uint64_t line;
	char *rest; /* of the line at hand, behind the last statement; malloc'ed with `buffer`; NULL: none */
	char *buffer;
	size_t capacity;
	bool copies;	  /* the last statement was COPY FROM STDIN: its data follows */
	uint64_t skipped; /* lines that were psql's, or COPY's data */
	struct compat_text *text;
};

/* Opens the file, "-" is standard input. Errors: compat.file. */
int compat_open(struct compat_reader *reader, const char *path, struct error *e);
/* The next statement, without its semicolon, and the line that it begins on; valid until the next call. 1: there is
 * one, 0: the end, -1: compat.file, compat.statement (65). */
int compat_next(struct compat_reader *reader, const char **statement, uint64_t *line, struct error *e);
void compat_close(struct compat_reader *reader);

/* ---- node.c: the scratch node ---- */

struct compat_node {
	char directory[64];
	pid_t pid;
};

/* Starts it and waits until it serves clients. Errors: compat.node, compat.program (71). */
int compat_node_start(struct compat_node *node, struct error *e);
/* Ends it and removes its directory; also one that was not started. */
void compat_node_stop(struct compat_node *node);

/* ---- client.c: a client of PostgreSQL's protocol ---- */

#define COMPAT_MESSAGE_MAX 256

struct compat_client {
	int fd;
	char transaction; /* as ReadyForQuery tells it: I, T or E */
};
/* The answer to a statement; state is "" when it was taken. */
struct compat_answer {
	char state[6];
	char message[COMPAT_MESSAGE_MAX];
};

/* Connects as admin; -1 and compat.node. */
int compat_connect(struct compat_client *client, const struct compat_node *node, struct error *e);
/* Runs a statement; one that has parameters is looked at only, since nobody knows their values. -1: compat.node. */
int compat_run(struct compat_client *client, const char *statement, struct compat_answer *answer, struct error *e);
void compat_disconnect(struct compat_client *client);

#endif
