/*
 * What bibd-sqlite and bibd-archive share of the write-ahead log's progress: a page of memory, so that a commit costs
 * no message. bibd-sqlite writes an entry for each commit; bibd-archive says how many it has put by, and how many the
 * repository has. Whatever the other writes there is a number to be checked and nothing else.
 *
 * bibd-sqlite sends its parts by SHIP_PART (messages.def); the memory cannot be made shorter.
 */
#ifndef BIBD_SHIP_H
#define BIBD_SHIP_H

#include <stdatomic.h>
#include <stdint.h>

#define SHIP_ENTRIES 16384

enum ship_part {
	SHIP_MEMORY, /* memfd with a struct ship_page */
	SHIP_WAKE,   /* eventfd: bibd-archive is to look at once */
	SHIP_KEPT,   /* eventfd: `kept` has come to what was asked for */
	SHIP_STORED, /* eventfd: `stored` has grown */
	SHIP_LOG,    /* the write-ahead log, open for reading; the last part */
	SHIP_PARTS
};

enum ship_flag {
	SHIP_FIRST = 1,	  /* of this process: whether it follows on what is known, the log says */
	SHIP_FOLLOWS = 2, /* nothing is missing between the entry before and this one */
};

/* A commit: the log had so many frames after it, and these salts. */
struct ship_entry {
	uint32_t salt[2];
	uint32_t frames;
	uint32_t flags;
	int64_t time_us;
};

struct ship_page {
	/* ---- bibd-sqlite writes ---- */
	_Atomic uint64_t head;	  /* entries written since its start; number n is at n % SHIP_ENTRIES, from 0 on */
	_Atomic uint64_t synced;  /* of them on the disk */
	_Atomic uint64_t asked;	  /* SHIP_KEPT is written when `kept` is this many */
	_Atomic uint64_t wanted;  /* somebody waits for so many to be stored */
	_Atomic uint64_t counted; /* the place of what so many lead to is to be noted: its rows are being counted */

	/* ---- bibd-archive writes ---- */
	_Atomic uint64_t kept;		/* in the spool, or stored */
	_Atomic uint64_t stored;	/* in the repository */
	_Atomic int64_t recoverable_us; /* the moment up to which the repository has everything; 0: none is known */
	_Atomic int64_t proven_us;	/* the newest moment that a drill has restored and proven; 0: none */

	struct ship_entry entries[SHIP_ENTRIES]; /* bibd-sqlite's */
};

#endif
