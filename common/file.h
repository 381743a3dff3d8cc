/*
 * Files that are read and written whole, and replaced in one step: a crash leaves the old file or the new one.
 */
#ifndef BIBD_FILE_H
#define BIBD_FILE_H

#include <sys/stat.h>
#include <sys/types.h>

/* Writes all of the bytes. Returns 0, or -1 with errno. */
int file_write_all(int fd, const void *data, size_t size);

/* Reads so many bytes from the file's beginning. Returns 0, or -1 with errno: EIO when the file is shorter. */
int file_read_all(int fd, void *data, size_t size);

/* Makes the file that is to replace another one, under a name of its own, after removing what a crash may have left
 * there. directory_fd as in openat(2). Returns its descriptor, for file_install, or -1 with errno. */
int file_create(int directory_fd, const char *new_name, mode_t mode);

/* Writes the bytes into that file, brings them to the disk, and gives it its name; the directory is synced unless
 * directory_fd is AT_FDCWD. Closes fd. Returns 0, or -1 with errno, and the new file is then removed. */
int file_install(int fd, int directory_fd, const char *new_name, const char *name, const void *data, size_t size);

#endif
