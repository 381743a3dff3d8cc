/*
 * Tells bibd-archive of each commit (common/ship.h), and keeps checkpoints behind what it has put by: what is not in
 * the spool or the repository yet stays in the write-ahead log. With a bound, beyond which what is missing is said, and
 * the log goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/sqlite/pool/pool.h"
#include "workers/sqlite/store/store.h"
#include "workers/worker.h"

/* Writers wait meanwhile: not for long, and not again before bibd-archive has come further. */
#define SHIP_WAIT_MS 100
/* Before something is given up; but not again for one that has not moved since. */
#define SHIP_BOUND_WAIT_MS 5000
/* At the end nobody else waits. */
#define SHIP_LAST_WAIT_MS 3000
/* In the log's header. */
#define SHIP_SALT_AT 16

static uint32_t
ship_number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static struct store *
ship_store(struct connection_file *file)
{
	return (struct store *)(void *)((char *)file - offsetof(struct store, file));
}

/* By the holder of the write lease, after its COMMIT. */
static void
ship_note_commit(struct connection_file *file, int pages)
{
	struct store_ship *ship = &ship_store(file)->ship;
	struct ship_page *page = ship->page;
	uint64_t head;
	uint8_t salts[8];
	struct ship_entry entry = { .frames = (uint32_t)pages, .time_us = clock_realtime_us() };

	if (page == NULL || pread(ship_store(file)->wal_fd, salts, sizeof(salts), SHIP_SALT_AT) != sizeof(salts))
		return;
	head = atomic_load_explicit(&page->head, memory_order_relaxed);
	entry.salt[0] = ship_number(salts);
	entry.salt[1] = ship_number(salts + 4);
	if (head == 0)
		entry.flags = SHIP_FIRST;
	else if (memcmp(entry.salt, ship->last.salt, sizeof(entry.salt)) == 0 ||
	    (ship->complete && entry.salt[0] == ship->last.salt[0] + 1))
		entry.flags = SHIP_FOLLOWS;
	if (entry.time_us < ship->last.time_us)
		entry.time_us = ship->last.time_us;
	ship->last = entry;
	ship->complete = false;
	page->entries[head % SHIP_ENTRIES] = entry;
	atomic_store(&page->head, head + 1);
}

/* ---- syncs ---- */

uint64_t
store_ship_head(const struct store *store)
{
	return store->ship.page == NULL ? 0 : atomic_load(&store->ship.page->head);
}

void
store_ship_synced(struct store *store, uint64_t head)
{
	struct ship_page *page = store->ship.page;
	uint64_t now;

	if (page == NULL)
		return;
	now = atomic_load(&page->synced);
	while (now < head && !atomic_compare_exchange_weak(&page->synced, &now, head))
		;
	if (atomic_load(&page->wanted) > atomic_load(&page->stored))
		(void)eventfd_write(store->ship.fds[SHIP_WAKE], 1);
}

bool
store_ship_is_stored(const struct store *store, uint64_t head)
{
	const struct store_ship *ship = &store->ship;

	return ship->page == NULL || atomic_load(&ship->page->stored) >= head;
}

void
store_ship_want(struct store *store, uint64_t head)
{
	struct ship_page *page = store->ship.page;
	uint64_t now;

	if (page == NULL)
		return;
	now = atomic_load(&page->wanted);
	while (now < head && !atomic_compare_exchange_weak(&page->wanted, &now, head))
		;
	(void)eventfd_write(store->ship.fds[SHIP_WAKE], 1);
}

int64_t
store_recoverable_us(const struct store *store)
{
	return store->ship.page == NULL ? 0 : atomic_load(&store->ship.page->recoverable_us);
}

int64_t
store_proven_us(const struct store *store)
{
	return store->ship.page == NULL ? 0 : atomic_load(&store->ship.page->proven_us);
}

/* ---- checkpoints ---- */

static bool
ship_wait(struct store *store, int timeout_ms)
{
	struct store_ship *ship = &store->ship;
	uint64_t head = atomic_load(&ship->page->head);
	int64_t until = clock_now_ms() + timeout_ms, left;
	eventfd_t count;

	(void)eventfd_read(ship->fds[SHIP_KEPT], &count);
	atomic_store(&ship->page->asked, head);
	(void)eventfd_write(ship->fds[SHIP_WAKE], 1);
	while (atomic_load(&ship->page->kept) < head && (left = until - clock_now_ms()) > 0) {
		struct pollfd kept = { .fd = ship->fds[SHIP_KEPT], .events = POLLIN };

		if (poll(&kept, 1, (int)left) == 1)
			(void)eventfd_read(ship->fds[SHIP_KEPT], &count);
	}
	atomic_store(&ship->page->asked, 0);
	return atomic_load(&ship->page->kept) >= head;
}

/* It is told of what is on the disk only. */
static void
ship_sync(struct store *store)
{
	uint64_t head = store_ship_head(store);

	if (atomic_load(&store->ship.page->synced) >= head)
		return;
	while (fdatasync(store->wal_fd) == -1)
		if (errno != EINTR) {
			store_check_sync(store, SQLITE_IOERR_FSYNC);
			return;
		}
	store_ship_synced(store, head);
}

enum store_ship_state
store_ship_catch_up(struct store *store)
{
	struct store_ship *ship = &store->ship;
	uint64_t kept;

	if (ship->page == NULL)
		return STORE_SHIP_KEPT;
	kept = atomic_load(&ship->page->kept);
	if (kept >= atomic_load(&ship->page->head))
		return STORE_SHIP_KEPT;
	if (!ship->slow || kept != ship->slow_kept) {
		ship_sync(store);
		ship->slow = !ship_wait(store, SHIP_WAIT_MS);
		ship->slow_kept = atomic_load(&ship->page->kept);
		if (!ship->slow)
			return STORE_SHIP_KEPT;
	}
	if ((uint64_t)atomic_load(&store->file.wal_pages) < ship->bound_pages)
		return STORE_SHIP_LATER;
	if (!ship->lost || ship->slow_kept != ship->lost_kept) {
		ship_sync(store);
		if (ship_wait(store, SHIP_BOUND_WAIT_MS))
			return STORE_SHIP_KEPT;
	}
	ship->lost = true;
	ship->lost_kept = atomic_load(&ship->page->kept);
	mailbox_put(store->mailbox, "backup.gap",
	    "bibd-archive has not put the changes by: the write-ahead log is emptied, since it has grown to its bound "
	    "(backup.spool), and a new base follows");
	return STORE_SHIP_LOST;
}

void
store_ship_checkpointed(struct store *store, int pages, int done)
{
	struct store_ship *ship = &store->ship;

	ship->complete = ship->page != NULL && pages == done && (uint32_t)pages == ship->last.frames;
}

void
store_ship_finish(struct store *store)
{
	if (store->ship.page == NULL)
		return;
	ship_sync(store);
	(void)ship_wait(store, SHIP_LAST_WAIT_MS);
}

/* ---- its beginning ---- */

static int
ship_make(struct store_ship *ship, struct error *e)
{
	int memory = memfd_create("bibd-ship", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ship->fds[SHIP_MEMORY] = memory;
	if (memory == -1 || ftruncate(memory, sizeof(struct ship_page)) == -1 ||
	    fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == -1)
		return error_set_errno(e, STATUS_OS, "store.open", "cannot make memory for bibd-archive");
	for (int i = SHIP_WAKE; i <= SHIP_STORED; i++)
		if ((ship->fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
			return error_set_errno(e, STATUS_OS, "store.open", "cannot make memory for bibd-archive");
	ship->page = mmap(NULL, sizeof(struct ship_page), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (ship->page != MAP_FAILED)
		return 0;
	ship->page = NULL;
	return error_set_errno(e, STATUS_OS, "store.open", "cannot make memory for bibd-archive");
}

int
store_open_ship(struct store *store, struct error *e)
{
	const struct conf *conf = store->worker->conf;

	for (int i = 0; i < SHIP_PARTS; i++)
		store->ship.fds[i] = -1;
	if (conf->backup.repository[0] == '\0')
		return 0;
	store->ship.bound_pages = (uint64_t)conf->backup.spool << 20 >> 12;
	store->file.note_wal = ship_note_commit;
	/* The log stays for the next start, which goes on where this one ends. */
	(void)sqlite3_db_config(store->keeper, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return ship_make(&store->ship, e);
}
