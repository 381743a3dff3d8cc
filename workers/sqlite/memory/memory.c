/*
 * Counts what is allocated for each session and in all, and decides whether one more allocation is refused.
 */
#include "workers/sqlite/memory/memory.h"

#include <malloc.h>
#include <stdatomic.h>

/* A thread adds up so much before it tells the others. */
#define MEMORY_STEP_BYTES (64L << 10)
/* Bytes allocated between two questions whether to stop. */
#define MEMORY_ASK_BYTES (256L << 10)

/* What was freed goes back to the system when so much less is held than before, and not more often than that. */
#define MEMORY_GIVE_BYTES (8L << 20)
#define MEMORY_GIVE_MS 5000

static atomic_llong memory_total;
static atomic_llong memory_peak; /* since it was last given back */
static atomic_llong memory_limit;

static _Thread_local struct memory_thread {
	struct memory_account *account;
	bool guarded;
	bool asking;	 /* inside must_stop */
	int64_t untold;	 /* not in memory_total yet */
	int64_t unasked; /* allocated since must_stop was last called */
	uint64_t missed;
} memory_thread;

void
memory_set_limit(int64_t bytes)
{
	atomic_store_explicit(&memory_limit, bytes, memory_order_relaxed);
}

int64_t
memory_limit_bytes(void)
{
	return atomic_load_explicit(&memory_limit, memory_order_relaxed);
}

int64_t
memory_in_use(void)
{
	return atomic_load_explicit(&memory_total, memory_order_relaxed);
}

struct memory_account *
memory_use(struct memory_account *account)
{
	struct memory_account *before = memory_thread.account;

	memory_thread.account = account;
	return before;
}

bool
memory_guard(bool on)
{
	bool before = memory_thread.guarded;

	memory_thread.guarded = on;
	return before;
}

uint64_t
memory_missed(void)
{
	return memory_thread.missed;
}

void
memory_miss(void)
{
	memory_thread.missed++;
}

void
memory_settle(struct memory_account *account)
{
	account->used = account->file_used = 0;
}

void
memory_disown(int64_t bytes)
{
	if (memory_thread.account != NULL)
		memory_thread.account->used -= bytes;
}

void
memory_forget_refusal(struct memory_account *account)
{
	/* What a large statement has freed is given back to the system now, not when the next one needs it. */
	if (account->refused)
		(void)malloc_trim(0);
	account->refused = account->all_used = account->stopped = account->file_refused = false;
}

bool
memory_ask_file(int64_t bytes)
{
	struct memory_account *account = memory_thread.account;

	if (account == NULL || account->file_limit == 0 || account->file_used + bytes <= account->file_limit)
		return true;
	account->file_refused = true;
	return false;
}

void
memory_count_file(int64_t bytes)
{
	if (memory_thread.account != NULL)
		memory_thread.account->file_used += bytes;
}

bool
memory_would_refuse(size_t bytes)
{
	struct memory_account *account = memory_thread.account;
	int64_t limit = atomic_load_explicit(&memory_limit, memory_order_relaxed), more = (int64_t)bytes;

	if (account == NULL)
		return false;
	if (account->limit > 0 && account->used + more > account->limit)
		return account->refused = true;
	if (limit > 0 && account->used + more > MEMORY_SMALL_BYTES && memory_in_use() + more > limit)
		return account->refused = account->all_used = true;
	return false;
}

static bool
memory_must_stop(struct memory_account *account)
{
	bool stop;

	if (memory_thread.unasked < MEMORY_ASK_BYTES || memory_thread.asking || account->must_stop == NULL)
		return account->stopped;
	memory_thread.unasked = 0;
	/* What it allocates itself is not to ask again, nor to be refused. */
	memory_thread.asking = true;
	memory_thread.guarded = false;
	stop = account->must_stop(account->arg);
	memory_thread.guarded = true;
	memory_thread.asking = false;
	account->stopped |= stop;
	return account->stopped;
}

bool
memory_ask(size_t bytes)
{
	struct memory_thread *thread = &memory_thread;

	if (!thread->guarded || thread->account == NULL)
		return true;
	return !memory_would_refuse(bytes) && !memory_must_stop(thread->account);
}

void
memory_count(int64_t bytes)
{
	struct memory_thread *thread = &memory_thread;
	int64_t total;

	if (thread->account != NULL)
		thread->account->used += bytes;
	if (bytes > 0)
		thread->unasked += bytes;
	thread->untold += bytes;
	if (thread->untold < MEMORY_STEP_BYTES && thread->untold > -MEMORY_STEP_BYTES)
		return;
	total = atomic_fetch_add_explicit(&memory_total, thread->untold, memory_order_relaxed) + thread->untold;
	if (total > atomic_load_explicit(&memory_peak, memory_order_relaxed))
		atomic_store_explicit(&memory_peak, total, memory_order_relaxed);
	thread->untold = 0;
}

void
memory_give_back(int64_t now_ms)
{
	static int64_t last_ms;

	if (atomic_load(&memory_peak) - memory_in_use() < MEMORY_GIVE_BYTES || now_ms - last_ms < MEMORY_GIVE_MS)
		return;
	last_ms = now_ms;
	atomic_store(&memory_peak, memory_in_use());
	(void)malloc_trim(0);
}
