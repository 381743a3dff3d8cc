/*
 * The files of the keeper. The secrets: one directory, reached by its descriptor, in which every file belongs to keeper
 * and can be read by nobody else. A file that is not so is refused, never mended: somebody may have read or replaced
 * it. And the certificates: a directory of its own that everybody may read.
 */
#ifndef BIBD_KEEPER_FILES_H
#define BIBD_KEEPER_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

/* Every file that there is, among the secrets and among the certificates. */
#define FILES_IDENTITY "identity.pem"
#define FILES_CREDENTIALS "credentials"
#define FILES_JOURNAL "journal" /* there while several files are being replaced */
#define FILES_AUDIT_HEAD "audit.head"
#define FILES_CA "ca.crt"
#define FILES_SERVER_CERTIFICATE "server.crt"
#define FILES_SERVER_KEY "server.key"

/* More than either file ever needs. */
#define FILES_SIZE_MAX 65536

/* What refusals end with: the way back, when the credentials are lost; and when the identity is, without which nothing
 * else can be read. The supervisor puts in which configuration (common/advice.h). */
#define FILES_WAY_BACK_BEGIN "as root, run: bibctl credentials reset"
#define FILES_WAY_BACK_END "; the database is untouched"
#define FILES_WAY_BACK FILES_WAY_BACK_BEGIN FILES_WAY_BACK_END
#define FILES_WAY_BACK_IDENTITY FILES_WAY_BACK_BEGIN " --identity" FILES_WAY_BACK_END

/* Called before each step that changes the disk. Does nothing; a test puts a function of its own in its place, to end
 * the process at any of them. */
void files_step(void);

struct files {
	const char *path; /* of the directory, for messages; the caller's */
	int fd;
};

/* Opens the directory, which must be a directory of our own with mode 0700, removes what an interrupted write left in
 * it, and finishes or undoes an interrupted files_replace. Errors: secrets.missing, secrets.modes (65), secrets.io
 * (74). */
int files_open(struct files *files, const char *path, struct error *e);
void files_close(struct files *files);

/* Opens the directory of the certificates, which must be a directory of our own that nobody else may write to, and
 * removes leftovers likewise. Errors: certificates.directory (65), secrets.io (74). */
int files_open_certificates(struct files *files, const char *path, struct error *e);

/* Whether there is anything of that name. Errors: secrets.io. Returns 1, 0 or -1. */
int files_exists(const struct files *files, const char *name, struct error *e);

/* Reads a file whole into malloc'ed memory (free it with files_free). Returns 1, 0 when there is none, -1. Errors:
 * secrets.modes (not a plain file, not ours, open to others), secrets.damaged (empty or too large), secrets.io. */
int files_read(const struct files *files, const char *name, uint8_t **data, size_t *size, struct error *e);

/* Renames a file to name-when; no file may have that name yet. Returns 1, 0 when there is none, -1. Errors: secrets.io
 * (74). */
int files_set_aside(const struct files *files, const char *name, const char *when, struct error *e);

/* Wipes and frees; takes NULL. */
void files_free(uint8_t *data, size_t size);

/* Writes a file whole: under another name, on disk, and only then under its own, so that a crash leaves either the old
 * one or the new one. Errors: secrets.io (73, 74). */
int files_write(const struct files *files, const char *name, const uint8_t *data, size_t size, struct error *e);

/* Writes several files of the secrets so that after a crash at any instant the next files_open leaves either all of the
 * old ones or all of the new ones: each is on disk under another name first, then the journal, and from then on they
 * are renamed. Errors: as files_write; when it is only the renaming that failed, the next files_open tries again. */
struct files_new {
	const char *name;
	const uint8_t *data;
	size_t size;
};
int files_replace(const struct files *files, const struct files_new *list, size_t n, struct error *e);

/* The same in two steps, for files that belong together or to somebody else: on disk under its other name, with this
 * mode (*fd, when not NULL, is then open on it and the caller's), and then under its own. Errors: as files_write. */
int files_stage(const struct files *files, const char *name, const void *data, size_t size, mode_t mode, int *fd,
    struct error *e);
int files_commit(const struct files *files, const char *name, struct error *e);

/* Reads a file of the certificates that anybody may read: malloc'ed, NUL-terminated. Returns 1, 0 when there is none or
 * it is no plain file of ours, -1. Errors: secrets.io. */
int files_read_public(const struct files *files, const char *name, char **text, struct error *e);

#endif
