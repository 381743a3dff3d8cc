/*
 * The programs that bibd consists of. A set of them is a bit mask, which is how the message table says who may send
 * what to whom.
 */
#ifndef BIBD_PROCESS_H
#define BIBD_PROCESS_H

enum process {
	PROCESS_SUPERVISOR = 1 << 0,
	PROCESS_CONTROL = 1 << 1,
	PROCESS_SQLITE = 1 << 2,
	PROCESS_POSTGRES = 1 << 3,
	PROCESS_CONTAINER = 1 << 4,
	PROCESS_KEEPER = 1 << 5,
	PROCESS_BIBCTL = 1 << 6,
	PROCESS_REMOTE = 1 << 7,
	PROCESS_ARCHIVE = 1 << 8,
};

#define PROCESS_STORAGE (PROCESS_SQLITE | PROCESS_POSTGRES)
#define PROCESS_WORKERS \
	(PROCESS_CONTROL | PROCESS_STORAGE | PROCESS_CONTAINER | PROCESS_KEEPER | PROCESS_REMOTE | PROCESS_ARCHIVE)

/* "bibd", "bibd-control", ...: the program's file name. Takes one process, not a set. */
const char *process_name(enum process process);

#endif
