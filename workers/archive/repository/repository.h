/*
 * A repository of backups: what bibd-repository(5) describes, over a depot. Whoever has the data key can read and write
 * it; the data key is wrapped for the node's identity, for a recovery key that is printed once, and by a key that a
 * program of the operator's holds.
 *
 * A backup is one folder of packs and one manifest. A full one has every page of every file; an incremental one has
 * the pages that differ from its parent's, which differ by their keyed hashes. A backup is there when its manifest is:
 * what a writer that was killed has left is nobody's, and prune removes it.
 *
 * Nothing that is read is believed before it is authenticated, and every page is compared with its hash. Errors:
 * repository.io (74), repository.missing, repository.damaged, repository.foreign (65), repository.key (77),
 * repository.key_command (69), repository.exists (73), repository.openssl, repository.memory (71).
 */
#ifndef BIBD_ARCHIVE_REPOSITORY_H
#define BIBD_ARCHIVE_REPOSITORY_H

#include <stdbool.h>

#include "workers/archive/repository/depot.h"
#include "workers/archive/repository/seal.h"

#define REPOSITORY_ID_SIZE SEAL_HEX_SIZE(16)
#define REPOSITORY_NODE_SIZE 64
#define REPOSITORY_SIGNERS_MAX 16
#define REPOSITORY_BACKUP_SIZE 32 /* "20261201T001500-123456", with its NUL */
#define REPOSITORY_NOTE_SIZE 160
#define REPOSITORY_KEY_TEXT_SIZE 72 /* of a recovery key in print, with its NUL */
#define REPOSITORY_OUTER_MAX 4096   /* bytes that a key command may give for a key */
#define REPOSITORY_CHAIN_MAX 64	    /* a full backup and the incremental ones on it */
#define REPOSITORY_PAGE_MAX 65536
#define REPOSITORY_FILES_MAX 65536 /* in a backup */

/* What a node's identity gives to its archive: the key that wraps, and the seed of the key that signs. */
struct repository_identity {
	const char *node_id;
	uint8_t wrap[SEAL_KEY_SIZE], seed[SEAL_KEY_SIZE];
};

struct repository_wrap {
	bool given;
	uint8_t nonce[SEAL_NONCE_SIZE];
	uint8_t sealed[SEAL_KEY_SIZE + SEAL_TAG_SIZE];
};

/* An open repository; the depot is the caller's, and outlives it. */
struct repository {
	struct depot *depot;
	char id[REPOSITORY_ID_SIZE], node[REPOSITORY_NODE_SIZE];
	uint8_t key[SEAL_KEY_SIZE];
	uint8_t signers[REPOSITORY_SIGNERS_MAX][SEAL_KEY_SIZE];
	unsigned nsigners;
	struct repository_wrap for_node, for_recovery, for_command;
	uint8_t outer[REPOSITORY_OUTER_MAX]; /* for_command: what the key command gave for its key */
	size_t outer_size;
	bool has_seed; /* it can sign, and so write */
	uint8_t seed[SEAL_KEY_SIZE];
};

/* ---- keys.c ---- */

/* Opens it as the node that writes it; makes it where the depot has none (*made says so). One of another node, or
 * whose key was wrapped for another identity, is repository.foreign. */
int repository_open(struct repository *repository, struct depot *depot, const struct repository_identity *identity,
    bool *made, struct error *e);
/* Opens it for reading, by the recovery key as it was printed (repository.key: it is another). */
int repository_open_with_key(struct repository *repository, struct depot *depot, const char *text, struct error *e);
/* Opens it for reading, by what wraps the key for the node. */
int repository_open_for_reading(struct repository *repository, struct depot *depot, const uint8_t wrap[SEAL_KEY_SIZE],
    struct error *e);
/* The node has another identity now: its key is wrapped for that too, and that signs from now on. */
int repository_adopt(struct repository *repository, const struct repository_identity *identity, struct error *e);
/* Makes a new recovery key, in place of the one of before; wipe the text after use. */
int repository_make_recovery_key(struct repository *repository, char text[REPOSITORY_KEY_TEXT_SIZE], struct error *e);

/* The program that holds the outer key. Has it wrap or unwrap (what) the input, into output, which has room for
 * REPOSITORY_OUTER_MAX bytes. Its errors are passed on. */
struct repository_outer {
	int (*call)(void *arg, const char *what, const uint8_t *input, size_t size, uint8_t *output, size_t *got,
	    struct error *e);
	void *arg;
};
/* Opens it for reading, by that program (repository.key: it was never wrapped by one, or by another). */
int repository_open_with_command(struct repository *repository, struct depot *depot,
    const struct repository_outer *outer, struct error *e);
/* 1: the program opens it; 0: it does not, or was never asked to wrap; -1: the program failed. */
int repository_check_command(const struct repository *repository, const struct repository_outer *outer,
    struct error *e);
/* Has the program wrap, in place of what was wrapped before; what it does not unwrap again is not written. */
int repository_wrap_with_command(struct repository *repository, const struct repository_outer *outer, struct error *e);
/* Forgets the keys. */
void repository_close(struct repository *repository);

/* ---- manifest.c: what is there ---- */

struct backup_pack {
	uint32_t frames; /* the map, which is last, among them */
	uint32_t map_offset;
	uint32_t bytes;
};

struct backup {
	char id[REPOSITORY_BACKUP_SIZE];
	char parent[REPOSITORY_BACKUP_SIZE]; /* "": a full one */
	char backend[16], version[32];	     /* who wrote it */
	char note[REPOSITORY_NOTE_SIZE];     /* the point in the engine's words, one line */
	int64_t begun_us, ended_us;	     /* microseconds since 1970; what it holds was committed before the end */
	uint64_t bytes;			     /* of all files as restored */
	uint64_t pages, stored_pages;	     /* all, and those in this backup's packs */
	uint64_t stored_bytes;		     /* of the packs */
	/* Where it stands (changes.h): it is a state of its stream at `position`, made of its own pages and of the
	 * changes from `from` on; SQLite's needs none, there the two are the same. stream "": changes are not known. */
	char stream[REPOSITORY_BACKUP_SIZE];
	uint64_t from, position;
	uint8_t salt[SEAL_SALT_SIZE];
	struct backup_pack *packs;
	uint32_t npacks;
};

struct backup_list {
	struct backup *backups; /* the oldest first */
	size_t count;
};

/* The name of what begins at that moment. */
void backup_make_id(int64_t begun_us, char id[REPOSITORY_BACKUP_SIZE]);
/* Reads one manifest; backup_free it. */
int backup_read(const struct repository *repository, const char *id, struct backup *backup, struct error *e);
void backup_free(struct backup *backup);
/* All of them. With damaged, a manifest that cannot be read is counted there and left out, else it is the error. */
int backup_list_read(const struct repository *repository, struct backup_list *list, unsigned *damaged, struct error *e);
void backup_list_free(struct backup_list *list);

/* ---- writer.c ---- */

struct backup_plan {
	const char *parent; /* NULL: a full backup */
	const char *backend, *version;
	const char *scratch; /* a directory for a file without a name: 32 bytes for each page */
};

struct backup_writer;

/* Begins a backup; *writer is freed by backup_finish or backup_abandon. */
int backup_begin(struct repository *repository, const struct backup_plan *plan, struct backup_writer **writer,
    struct error *e);
/* A file's pages follow. name: letters, digits, '-', '_', '.'; mode: its permissions. */
int backup_file(struct backup_writer *writer, const char *name, uint32_t page_size, uint32_t mode, struct error *e);
/* A page, from 0 on. One may come again: the last one counts. Only the file's last page may be short. */
int backup_page(struct backup_writer *writer, uint64_t number, const void *data, size_t size, struct error *e);
/* The file has so many bytes; what was put in beyond that is not part of it. */
int backup_file_end(struct backup_writer *writer, uint64_t size, struct error *e);
/* Where it stands; at any time before the end. */
void backup_stands_at(struct backup_writer *writer, const char *stream, uint64_t from, uint64_t position);
/* Makes everything durable, then the manifest. id gets its name. The writer is freed whatever comes of it. */
int backup_finish(struct backup_writer *writer, const char *note, char id[REPOSITORY_BACKUP_SIZE], struct error *e);
/* Removes what was written, as far as that can be. Takes NULL. */
void backup_abandon(struct backup_writer *writer);

/* ---- reader.c ---- */

/* Reads every object of a backup, and compares every page with its hash; what it builds on is there and can be read. */
int backup_verify(const struct repository *repository, const char *id, const char *scratch, struct error *e);

/* Makes its files in the directory, whole and durable; files of these names must not be there. *bytes: how many. */
int backup_restore(const struct repository *repository, const char *id, int directory_fd, const char *scratch,
    uint64_t *bytes, struct error *e);

/* The same for files that are removed soon: nothing is synced, which would make the node's own commits wait. */
int backup_restore_for_drill(const struct repository *repository, const char *id, int directory_fd, const char *scratch,
    uint64_t *bytes, struct error *e);

/* ---- prune.c ---- */

struct prune_rule {
	unsigned full;	   /* so many full backups are kept, with all on them; at least 1 */
	int64_t before_us; /* and everything that is needed for what ended at or after that moment */
};

/* Removes chains that no rule keeps, and what no manifest names. *removed: how many backups. Nothing else may write
 * meanwhile. */
int repository_prune(struct repository *repository, const struct prune_rule *rule, unsigned *removed, struct error *e);

#endif
