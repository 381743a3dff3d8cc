/*
 * What the container of a drill runs: the single-user server replays the log, and then reads everything. No server runs
 * that anybody could reach, and nothing of the image is needed but that and a shell; pg_checksums and the extension
 * amcheck are used where the image has them.
 */
#ifndef BIBD_CONTAINER_DRILL_SCRIPT_H
#define BIBD_CONTAINER_DRILL_SCRIPT_H

#include <stdbool.h>

/* Standard output bears such a line before each step, and one at the end, with what has proven it. */
#define DRILL_STEP "bibd-drill: "
#define DRILL_REPLAY "the replay"
#define DRILL_CHECKSUMS "pg_checksums"
#define DRILL_TABLES "the tables"
#define DRILL_WORDS "the script"
#define DRILL_DONE "bibd-drill-done: "

/* Reads the operator's script, which has no blank lines, and BOOTSTRAP_END. Parameters: the database, the statements
 * that read everything, then options of the server. */
extern const char *const drill_script;
extern const char *const drill_statements;

/* What its output says, line by line. Zeroed before the first one. */
struct drill_output {
	char step[32];	/* the last one that has begun; "": none */
	char said[128]; /* what the statements have counted */
	char by[128];	/* what has proven it; "": it was not done */
	char wrong[64]; /* the value that is false, of the operator's script; "": none */
	bool names;	/* the lines since the last row name columns */
	char first[64]; /* the row's first column; "": NULL */
};

/* Takes a line of standard output. A row of the operator's script whose first column is NULL or false, or what a script
 * may write for it (f, false, 0), is what that calls wrong. */
void drill_output_take(struct drill_output *output, const char *line);

#endif
