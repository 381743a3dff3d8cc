/* The spool: objects of changes as files, until the repository has them; and where the last of them has ended. */
#include "workers/archive/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define SENDER_SLASH '+' /* in the names of files, for '/' */
#define SENDER_NEW ".new"

/* ---- files of the spool ---- */

static void
spool_file(char file[CHANGE_NAME_SIZE], const char *name)
{
	(void)snprintf(file, CHANGE_NAME_SIZE, "%s", name);
	for (char *p = file; *p != '\0'; p++)
		if (*p == '/')
			*p = SENDER_SLASH;
}

int
spool_write(struct sender *sender, const char *name, const void *bytes, size_t size, struct error *e)
{
	char file[CHANGE_NAME_SIZE], fresh[CHANGE_NAME_SIZE + sizeof(SENDER_NEW)];
	const char *p = bytes;
	int fd, result = 0;

	spool_file(file, name);
	(void)snprintf(fresh, sizeof(fresh), "%s" SENDER_NEW, file);
	if ((fd = openat(sender->directory_fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) ==
	    -1)
		return error_set_errno(e, STATUS_IO, "archive.spool", "cannot write into %s", sender->directory);
	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			result = -1;
			break;
		}
		p += n;
		size -= (size_t)n;
	}
	if (close(fd) == -1)
		result = -1;
	if (result == 0)
		result = renameat(sender->directory_fd, fresh, sender->directory_fd, file);
	if (result == 0)
		return 0;
	(void)error_set_errno(e, STATUS_IO, "archive.spool", "cannot write into %s", sender->directory);
	(void)unlinkat(sender->directory_fd, fresh, 0);
	return -1;
}

/* Into the sender's buffer. */
int
spool_read(struct sender *sender, const struct sender_item *item, size_t *size, struct error *e)
{
	char file[CHANGE_NAME_SIZE];
	ssize_t n = 0;
	int fd;

	*size = 0;
	spool_file(file, item->name);
	if ((fd = openat(sender->directory_fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return error_set_errno(e, STATUS_DATA, "archive.spool", "cannot read %s", file);
	while (*size < CHANGE_OBJECT_MAX &&
	    ((n = read(fd, sender->buffer + *size, CHANGE_OBJECT_MAX - *size)) > 0 || (n == -1 && errno == EINTR)))
		if (n > 0)
			*size += (size_t)n;
	close(fd);
	return n == -1 ? error_set_errno(e, STATUS_DATA, "archive.spool", "cannot read %s", file) : 0;
}

static void
spool_remove(struct sender *sender, const char *name)
{
	char file[CHANGE_NAME_SIZE];

	spool_file(file, name);
	(void)unlinkat(sender->directory_fd, file, 0);
}

/* ---- the queue ---- */

int
sender_queue(struct sender *sender, const char *name, const struct change_info *head, size_t size)
{
	struct sender_item *item = calloc(1, sizeof(*item));

	if (item == NULL)
		return -1;
	(void)snprintf(item->name, sizeof(item->name), "%s", name);
	item->head = *head;
	item->size = size;
	pthread_mutex_lock(&sender->lock);
	STAILQ_INSERT_TAIL(&sender->items, item, entry);
	sender->bytes += size;
	sender->nitems++;
	pthread_cond_signal(&sender->work);
	pthread_mutex_unlock(&sender->lock);
	return 0;
}

/* The first one is done with. */
void
sender_drop(struct sender *sender, struct sender_item *item)
{
	spool_remove(sender, item->name);
	pthread_mutex_lock(&sender->lock);
	STAILQ_REMOVE_HEAD(&sender->items, entry);
	sender->bytes -= item->size;
	sender->nitems--;
	pthread_mutex_unlock(&sender->lock);
	free(item);
}

static int
spool_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* "changes+STREAM+GROUP+OBJECT", as the names sort. */
static void
sender_queue_file(struct sender *sender, char *file)
{
	struct change_info head = { .number = 0 };
	struct stat st;
	int end = 0;

	if (fstatat(sender->directory_fd, file, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return;
	for (char *p = file; *p != '\0'; p++)
		if (*p == SENDER_SLASH)
			*p = '/';
	if (sscanf(file,
		CHANGE_FOLDER "/%31[0-9T-]/%*8[0-9a-f]-%*16[0-9a-f]/%8" SCNx32 "-%16" SCNx64 "-%16" SCNx64 "%n",
		head.stream, &head.number, &head.first, &head.last, &end) == 4 &&
	    file[end] == '\0')
		(void)sender_queue(sender, file, &head, (size_t)st.st_size);
}

/* What the process of before has left. */
void
sender_load_spool(struct sender *sender)
{
	DIR *directory = opendir(sender->directory);
	char(*files)[CHANGE_NAME_SIZE] = NULL, (*grown)[CHANGE_NAME_SIZE];
	const struct dirent *entry;
	size_t count = 0;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length > 4 && strcmp(entry->d_name + length - 4, SENDER_NEW) == 0)
			(void)unlinkat(sender->directory_fd, entry->d_name, 0);
		else if (entry->d_name[0] != '.' && length < CHANGE_NAME_SIZE &&
		    (grown = reallocarray(files, count + 1, sizeof(*grown))) != NULL) {
			files = grown;
			memcpy(files[count++], entry->d_name, length + 1);
		}
	}
	if (directory != NULL)
		closedir(directory);
	if (count > 1)
		qsort(files, count, sizeof(*files), spool_compare);
	for (size_t i = 0; i < count; i++)
		sender_queue_file(sender, files[i]);
	free(files);
}

/* ---- where the last stream ends ---- */

static void
sender_take_place(struct sender *sender, const struct change_reader *reader, const char *name)
{
	struct sender_place *place = &sender->place;

	place->known = true;
	place->head = *change_head(reader);
	memcpy(place->hash, change_hash(reader), sizeof(place->hash));
	place->group_first = place->head.first;
	(void)sscanf(name, CHANGE_FOLDER "/%*31[0-9T-]/%*8[0-9a-f]-%16" SCNx64, &place->group_first);
}

static int
sender_find_stored(struct sender *sender, struct change_reader *reader, struct error *e)
{
	char name[CHANGE_NAME_SIZE];
	int result = stream_find_last(&sender->repository, name, e);

	if (result != 1)
		return result;
	if (change_read(reader, name, e) == -1)
		return -1;
	sender_take_place(sender, reader, name);
	pthread_mutex_lock(&sender->lock);
	sender->stored = sender->place.head.last;
	sender->stored_us = sender->place.head.ended_us;
	pthread_mutex_unlock(&sender->lock);
	return 0;
}

/* The spool goes on from what is stored, or is another stream. What cannot be read, and all after it, is given up: that
 * is a gap, which whoever goes on from the place finds. */
static void
sender_find_spooled(struct sender *sender, struct change_reader *reader)
{
	struct sender_item *item, *next;
	struct error e;
	bool good = true;

	for (item = STAILQ_FIRST(&sender->items); item != NULL; item = next) {
		size_t size;

		next = STAILQ_NEXT(item, entry);
		good = good && spool_read(sender, item, &size, &e) == 0 &&
		    change_take(reader, item->name, sender->buffer, size, &e) == 0;
		if (good) {
			sender_take_place(sender, reader, item->name);
			continue;
		}
		log_warning("the spool's %s cannot be used: %s", item->name, e.text);
		spool_remove(sender, item->name);
		STAILQ_REMOVE(&sender->items, item, sender_item, entry);
		sender->bytes -= item->size;
		sender->nitems--;
		free(item);
	}
}

int
sender_find_place(struct sender *sender, struct error *e)
{
	struct change_reader *reader = change_reader_make(&sender->repository, e);
	int result;

	if (reader == NULL)
		return -1;
	if ((result = sender_find_stored(sender, reader, e)) == 0)
		sender_find_spooled(sender, reader);
	change_reader_free(reader);
	return result;
}
