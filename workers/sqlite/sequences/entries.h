/* Private to the room: a sequence's position in memory, and its place in the file. */
#ifndef BIBD_SQLITE_SEQUENCES_ENTRIES_H
#define BIBD_SQLITE_SEQUENCES_ENTRIES_H

#include <pthread.h>

#include "workers/sqlite/sequences/sequences.h"

struct sequence_entry {
	struct sequence_entry *next;
	uint64_t identity;
	struct sequence_position at;
	int64_t reserved; /* the last value that may be given out before the file is written again */
	/* how many setval() there were: the entry with the higher number is the newer one, whichever way the
	 * sequence counts */
	uint32_t version;
	/* how many writes there were: an even or odd number says which half of the slot is written next */
	uint64_t turn;
	long slot; /* its place in the file; -1: none yet */
	/* the database has a sequence with this identity: sequences_name() said so, or values were drawn */
	bool named;
	bool noted; /* the database has a note of `reserved` */
};

#define SEQUENCE_BUCKETS 1024

struct sequences {
	pthread_mutex_t lock; /* guards all that follows; held while a reservation is written */
	char *path;	      /* NULL: the positions are in memory alone */
	int fd;
	long nslots;
	bool failed; /* a sync failed: what is in the file is not known any more */
	struct sequence_entry *buckets[SEQUENCE_BUCKETS];
};

/* The entry, made when it is not there; NULL: out of memory. With the lock held, as all that follows. */
struct sequence_entry *sequence_entry(struct sequences *sequences, uint64_t identity);

/* file.c: reads all of the file; makes it anew with the named entries; writes one entry's reservation and waits for the
 * disk. -1: errno. */
int sequence_file_read(struct sequences *sequences);
int sequence_file_renew(struct sequences *sequences);
int sequence_file_write(struct sequences *sequences, struct sequence_entry *entry);

#endif
