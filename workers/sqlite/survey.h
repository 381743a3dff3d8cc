/*
 * `bibd-sqlite --survey FILE`, which `bibd --plan` runs: what a database file holds, a line for each thing, its fields
 * apart by tabs, on standard output: "table NAME ROWS" (ROWS is - when the time for counting is over), "extension
 * NAME", and at last "end".
 */
#ifndef BIBD_SQLITE_SURVEY_H
#define BIBD_SQLITE_SURVEY_H

/* Only reads, beside a worker that has the file open too. Returns the exit status; what failed is on standard error. */
int survey_run(const char *path);

#endif
