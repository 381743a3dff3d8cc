/*
 * What sessions take of the worker's memory, and where that ends: the one that takes too much is refused, the others
 * go on.
 *
 * Every allocation of the process is counted (malloc.c stands before the C library's malloc, so that SQLite's, the
 * parser's and bibd's own are all seen), and, while a thread works for a session, charged to that session's account.
 * An allocation is refused only inside memory_guard(true), which surrounds what handles a refusal (SQLite and its
 * functions, the translator), and only
 *	- when the account would hold more than its own limit, or
 *	- when the process would hold more than its limit and the account is among those that hold much.
 * So whoever takes little is served also while others have taken all there is.
 *
 * The invariant: `used` is what the session's turns have allocated less what they have freed since the session last
 * held nothing (memory_settle). A cache that passes from session to session (a connection's pages) is in it for no
 * longer than that, and prepared statements that are kept are not in it at all (memory_disown). The process's sum is
 * exact at any time, but for what threads have not added up yet.
 *
 * Without the stand-in (sanitizers, another C library) nothing is counted and nothing refused.
 */
#ifndef BIBD_SQLITE_MEMORY_H
#define BIBD_SQLITE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What every account may hold while the process is beyond its limit. */
#define MEMORY_SMALL_BYTES (4L << 20)

struct memory_account {
	int64_t used;	    /* bytes; below 0 when what others allocated was freed here */
	int64_t limit;	    /* bytes; 0: none */
	int64_t file_used;  /* the same of temporary files (temporary.h) */
	int64_t file_limit; /* 0: none */
	bool file_refused;
	bool refused;  /* since memory_forget_refusal: by its own limit, or */
	bool all_used; /* by the process's */
	bool stopped;  /* or because it must stop */
	/* Asked about as often as SQLite asks while a statement runs: true refuses what is inside the guard. Work that
	 * only allocates (a long text being translated, or prepared by SQLite) is cancelled by it. NULL: never. */
	bool (*must_stop)(void *arg);
	void *arg;
};

/* The process's limit in bytes, 0: none. Any thread. */
void memory_set_limit(int64_t bytes);
int64_t memory_limit_bytes(void);
/* What the process holds, about. */
int64_t memory_in_use(void);
/* Gives what was freed back to the system, if much was since the last time. One thread calls it now and then;
 * now_ms: clock_now_ms(). */
void memory_give_back(int64_t now_ms);

/* From here on this thread works for that account; NULL: for nobody. Returns the one before. */
struct memory_account *memory_use(struct memory_account *account);
/* Whether this thread's allocations may be refused from here on. Returns what was before. */
bool memory_guard(bool on);
/* Would so much more be refused now, guard or not? Notes it in the account. */
bool memory_would_refuse(size_t bytes);
/* How many allocations of this thread have come to nothing so far, refused or failed. Whoever counts before and after
 * some work learns whether any part of it went without memory, also where that part took it for "there is none". */
uint64_t memory_missed(void);
/* The account that this thread works for holds nothing any more that it could be asked for. */
void memory_settle(struct memory_account *account);
/* So much of what it was charged for is the process's from here on; negative: is its own again, which frees it. */
void memory_disown(int64_t bytes);
/* Clears what refusals left in the account. */
void memory_forget_refusal(struct memory_account *account);

/* Before a temporary file grows by so much: false when it may not; and after it has, or has shrunk. */
bool memory_ask_file(int64_t bytes);
void memory_count_file(int64_t bytes);

/* ---- malloc.c's side ---- */

/* Before an allocation of so much more than there was: false when it is refused. */
bool memory_ask(size_t bytes);
/* One came to nothing. */
void memory_miss(void);
/* After one that succeeded, or after a free (negative). */
void memory_count(int64_t bytes);

#endif
