/*
 * A layer of SQLite's file system that passes temporary files through and charges their bytes.
 */
#include "workers/sqlite/store/temporary.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/memory/memory.h"

#define TEMPORARY_FLAGS \
	(SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TRANSIENT_DB | SQLITE_OPEN_TEMP_JOURNAL | SQLITE_OPEN_SUBJOURNAL)

/* SQLite's own file follows at once, as large as its VFS says. SQLite gives both memory that is aligned to 8 bytes. */
struct temporary_file {
	sqlite3_file base;
	int64_t size; /* bytes that were charged */
	int64_t real[];
};

static sqlite3_vfs temporary_vfs;
static sqlite3_vfs *temporary_real;

static sqlite3_file *
real_file(sqlite3_file *file)
{
	return (sqlite3_file *)((struct temporary_file *)file)->real;
}

static int
file_close(sqlite3_file *file)
{
	struct temporary_file *temporary = (struct temporary_file *)file;

	memory_count_file(-temporary->size);
	temporary->size = 0;
	return real_file(file)->pMethods->xClose(real_file(file));
}

static int
file_read(sqlite3_file *file, void *data, int n, sqlite3_int64 at)
{
	return real_file(file)->pMethods->xRead(real_file(file), data, n, at);
}

static int
file_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
	struct temporary_file *temporary = (struct temporary_file *)file;
	int64_t more = at + n - temporary->size;

	if (more > 0) {
		/* As memory that is out: a disk that is full would be the database's. */
		if (!memory_ask_file(more))
			return SQLITE_IOERR_NOMEM;
		memory_count_file(more);
		temporary->size += more;
	}
	return real_file(file)->pMethods->xWrite(real_file(file), data, n, at);
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct temporary_file *temporary = (struct temporary_file *)file;
	int code = real_file(file)->pMethods->xTruncate(real_file(file), size);

	if (code == SQLITE_OK && size < temporary->size) {
		memory_count_file(size - temporary->size);
		temporary->size = size;
	}
	return code;
}

static int
file_sync(sqlite3_file *file, int flags)
{
	return real_file(file)->pMethods->xSync(real_file(file), flags);
}

static int
file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_file(file)->pMethods->xFileSize(real_file(file), size);
}

static int
file_lock(sqlite3_file *file, int lock)
{
	return real_file(file)->pMethods->xLock(real_file(file), lock);
}

static int
file_unlock(sqlite3_file *file, int lock)
{
	return real_file(file)->pMethods->xUnlock(real_file(file), lock);
}

static int
file_check_reserved_lock(sqlite3_file *file, int *out)
{
	return real_file(file)->pMethods->xCheckReservedLock(real_file(file), out);
}

/* Among what it is told is how large the file will be: room that SQLite would reserve uncounted. */
static int
file_control(sqlite3_file *file, int op, void *arg)
{
	if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE)
		return SQLITE_OK;
	return real_file(file)->pMethods->xFileControl(real_file(file), op, arg);
}

static int
file_sector_size(sqlite3_file *file)
{
	return real_file(file)->pMethods->xSectorSize(real_file(file));
}

static int
file_characteristics(sqlite3_file *file)
{
	return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

static const sqlite3_io_methods temporary_methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_reserved_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};

/* Other files are SQLite's own, at the place where it would have put them. */
static int
temporary_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	struct temporary_file *temporary = (struct temporary_file *)file;
	int code;

	(void)vfs;
	if ((flags & TEMPORARY_FLAGS) == 0)
		return temporary_real->xOpen(temporary_real, name, file, flags, out);
	temporary->base.pMethods = NULL;
	temporary->size = 0;
	code = temporary_real->xOpen(temporary_real, name, real_file(file), flags, out);
	if (code == SQLITE_OK)
		temporary->base.pMethods = &temporary_methods;
	return code;
}

int
temporary_register(const char *directory)
{
	int code = sqlite3_initialize();

	if (code != SQLITE_OK || temporary_real != NULL)
		return code;
	if ((sqlite3_temp_directory = sqlite3_mprintf("%s", directory)) == NULL)
		return SQLITE_NOMEM;
	temporary_real = sqlite3_vfs_find(NULL);
	/* All else it does itself, asked through this one: it looks at its own data, which are the same. */
	temporary_vfs = *temporary_real;
	temporary_vfs.zName = "bibd";
	temporary_vfs.szOsFile += (int)sizeof(struct temporary_file);
	temporary_vfs.xOpen = temporary_open;
	return sqlite3_vfs_register(&temporary_vfs, 1);
}
