/*
 * The clients of a node on their way from the storage worker to bibctl: a line each, fields with tabs between them, in
 * a sealed memory file. Times are in microseconds since 1970, 0 for none.
 */
#ifndef BIBD_CLIENT_LIST_H
#define BIBD_CLIENT_LIST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A list of that many bytes holds server.max_clients of any configuration that fits into memory. */
#define CLIENT_LIST_MAX (64U << 20)
/* Bytes of a statement, without its literals, that are listed; longer ones are cut. */
#define CLIENT_LIST_STATEMENT 256

/* Texts are the caller's. */
struct client_row {
	uint32_t id;	     /* as the client was told it: pg_backend_pid() where no pool is between */
	uint32_t server_pid; /* of the server process that it has now; 0: none */
	int64_t uid, pid;    /* of the client's process, as the kernel said; pid 0: it cannot be told here */
	uint64_t bytes;	     /* of buffers that are held for it */
	uint64_t statements; /* how many it has run since it connected */
	int64_t connected_us;
	int64_t since_us;	/* when its state began */
	int64_t transaction_us; /* when its transaction began */
	bool shown;		/* the asker may see the statement */
	const char *role;
	const char *application; /* "": it has no name */
	const char *state;
	const char *holds;     /* what others cannot have meanwhile: "server 4711, kept"; "": nothing */
	const char *statement; /* the last one, without its literals; "": none yet */
};

/* Writes the row's line. Control characters of the texts become spaces. */
void client_list_put(FILE *file, const struct client_row *row);

/* Reads a line (without its newline), which is changed and which the row's texts point into. -1: the line is malformed.
 */
int client_list_read(char *line, struct client_row *row);

#endif
