/*
 * A damaged file: told by SQLite or by the mark of an earlier start, refused, or set aside under another name.
 */
#include "workers/sqlite/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/sqlite/pool/mailbox.h"

/* Written beside a file that was found damaged while it was in use, for the next start. */
#define STORE_DAMAGED_MARK "-damaged"

bool
store_is_damage(int sqlite_code)
{
	int primary = sqlite_code & 0xff;

	return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

static char *
store_mark_path(const struct store *store)
{
	char *path;

	return asprintf(&path, "%s" STORE_DAMAGED_MARK, store->file.path) == -1 ? NULL : path;
}

bool
store_has_mark(const struct store *store)
{
	char *path = store_mark_path(store);
	bool has = path != NULL && access(path, F_OK) == 0;

	free(path);
	return has;
}

void
store_leave_mark(const struct store *store)
{
	char *path = store_mark_path(store);
	int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd != -1)
		close(fd);
	free(path);
}

int
store_set_aside(struct store *store, struct error *e)
{
	/* The mark goes last: until then a start that was cut short begins again. */
	static const char *const suffixes[] = { "-wal", "-shm", STORE_SEQUENCES, "", STORE_DAMAGED_MARK };
	char when[CLOCK_TEXT_SIZE];

	(void)clock_text(clock_realtime_us(), when, sizeof(when));
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *from = NULL, *to = NULL;
		bool made = asprintf(&from, "%s%s", store->file.path, suffixes[i]) != -1 &&
		    asprintf(&to, "%s.damaged-%s%s", store->file.path, when, suffixes[i]) != -1;
		int result = made ? rename(from, to) : -1;

		if (result == -1 && (!made || errno != ENOENT))
			(void)error_set_errno(e, STATUS_IO, "store.set_aside", "cannot rename the damaged %s",
			    store->file.path);
		else
			result = 0;
		free(from);
		free(to);
		if (result == -1)
			return -1;
	}
	mailbox_put(store->mailbox, "store.set_aside", "the damaged %s was set aside as %s.damaged-%s and is made anew",
	    store->file.path, store->file.path, when);
	return 0;
}

int
store_refuse_damaged(const struct store *store, struct error *e)
{
	return error_set(e, STATUS_DATA, "store.damaged",
	    "%s is damaged; restore it from a backup, or move it away with its -wal, -shm and " STORE_DAMAGED_MARK
	    " files to begin anew (node.mode proxy would set it aside by itself)",
	    store->file.path);
}
