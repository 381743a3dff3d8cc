/*
 * Changes: what happens between two backups, as objects that follow one another without a gap. The same for every
 * backend; what differs is what a position is, and what the data are (bibd-repository(5)).
 *
 * A run of changes without a gap is a stream. Its objects are numbered from 0 on; each says from which position it
 * leads to which, and bears the hash of the one before it. Marks say where in the data a commit is complete, and when
 * it happened: a restore goes to one of them. A base is a backup that says at which position of which stream it stands.
 *
 * Positions grow, and are of one stream: on SQLite the number of a commit, which no other stream of the repository has;
 * on PostgreSQL an LSN. Errors: as of the repository (repository.h).
 */
#ifndef BIBD_ARCHIVE_CHANGES_H
#define BIBD_ARCHIVE_CHANGES_H

#include "workers/archive/repository/repository.h"

#define CHANGE_FOLDER "changes"
#define CHANGE_DATA_MAX (8U << 20) /* of data in an object */
#define CHANGE_MARKS_MAX 262144	   /* and marks */
#define CHANGE_OBJECT_MAX (16U << 20)
#define CHANGE_NAME_SIZE DEPOT_NAME_MAX
#define CHANGE_POINT_SIZE 64 /* of the name of a restore point, with its NUL */

/* What an object says of itself. */
struct change_info {
	char stream[REPOSITORY_BACKUP_SIZE]; /* named as backups are, by the moment of its beginning */
	char backend[16];
	uint32_t number;		  /* in the stream, from 0 on */
	uint32_t unit;			  /* SQLite: the size of pages; PostgreSQL: that of a segment of WAL */
	uint32_t branch;		  /* PostgreSQL: the timeline; SQLite: 0 */
	uint64_t first, last;		  /* it leads from the state at first to that at last; the next begins there */
	int64_t begun_us, ended_us;	  /* the moments of its first and last mark; without marks, of its making */
	uint8_t previous[SEAL_HASH_SIZE]; /* the hash of the object before it; zeros in the first */
	uint32_t nmarks, bytes;		  /* of data */
	char note[REPOSITORY_NOTE_SIZE];  /* for whoever goes on with the stream, in the backend's words; one line */
};

/* A state that can be restored. */
struct change_mark {
	uint64_t position;
	int64_t time_us;
	uint32_t end; /* the data up to here lead to it */
};

/* ---- change_write.c: objects are made in memory ---- */

struct change_writer;
struct change_writer *change_writer_make(const struct repository *repository, struct error *e);
void change_writer_free(struct change_writer *writer); /* takes NULL */

/* Begins an object; of head last, ended_us, nmarks and bytes are not looked at. What was begun and not sealed is
 * forgotten. */
void change_begin(struct change_writer *writer, const struct change_info *head);
/* false: it does not fit, and nothing was taken; seal what there is and begin the next. */
bool change_put(struct change_writer *writer, const void *data, size_t size);
/* The data put so far lead to that position. false: as above. Times never go back. */
bool change_put_mark(struct change_writer *writer, uint64_t position, int64_t time_us);
/* What the object's note will be. */
void change_set_note(struct change_writer *writer, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* How much data there is. */
size_t change_size(const struct change_writer *writer);

/* What change_seal() made; the bytes are the writer's, and stay until the next object begins. */
struct change_object {
	struct change_info head;
	const uint8_t *bytes;
	size_t size;
	uint8_t hash[SEAL_HASH_SIZE]; /* what the next one calls previous */
};
int change_seal(struct change_writer *writer, uint64_t last, struct change_object *object, struct error *e);

/* "changes/STREAM/GROUP/NUMBER-FIRST-LAST". The first object of a group names it. */
void change_name(char name[CHANGE_NAME_SIZE], const struct change_info *head, uint64_t group_first);
/* Whether the object begins a group, and so names it by its first position. */
bool change_begins_group(uint32_t number);

/* Makes an object durable. One of that name which is the same already is well; another is repository.exists. */
int change_store(struct repository *repository, const char *name, const void *bytes, size_t size, struct error *e);

/* ---- change_read.c ---- */

struct change_reader;
struct change_reader *change_reader_make(const struct repository *repository, struct error *e);
void change_reader_free(struct change_reader *reader); /* takes NULL */

/* Reads an object whole; it is authentic, or repository.damaged. What is found stays until the next. */
int change_read(struct change_reader *reader, const char *name, struct error *e);
/* The same of bytes that are at hand; name is for messages. */
int change_take(struct change_reader *reader, const char *name, const uint8_t *bytes, size_t size, struct error *e);
const struct change_info *change_head(const struct change_reader *reader);
const uint8_t *change_hash(const struct change_reader *reader); /* of the whole object */
const struct change_mark *change_marks(const struct change_reader *reader);
const uint8_t *change_data(const struct change_reader *reader);

/* ---- stream.c: what is there ---- */

struct change_entry {
	uint32_t number;
	uint64_t first, last;
	uint64_t group_first;
};

struct change_stream {
	char id[REPOSITORY_BACKUP_SIZE];
	struct change_entry *entries; /* in their order; of the whole stream, or of what was asked for */
	size_t count;
};

/* The names of all streams, the oldest first; free() it. */
int streams_list(const struct repository *repository, char (**ids)[REPOSITORY_BACKUP_SIZE], size_t *count,
    struct error *e);
/* The objects of a stream that lead beyond a position; none is no error. Names alone are looked at. One that is
 * missing between two others is repository.missing. */
int stream_open(const struct repository *repository, const char *id, uint64_t beyond, struct change_stream *stream,
    struct error *e);
void stream_close(struct change_stream *stream);
/* The name of the last object of the newest stream that has one. 1; 0: there is none; -1. */
int stream_find_last(const struct repository *repository, char name[CHANGE_NAME_SIZE], struct error *e);
void stream_entry_name(char name[CHANGE_NAME_SIZE], const struct change_stream *stream, size_t entry);

/* Reads the entry, which is what the stream's list says; with follows, it is also what follows the one that was read
 * before it by the same reader. */
int stream_read_entry(const struct change_stream *stream, size_t entry, bool follows, struct change_reader *reader,
    struct error *e);
/* Reads every object of a stream. *last, *last_us: where it ends; 0 when it is empty. */
int stream_verify(const struct repository *repository, const char *id, uint64_t *last, int64_t *last_us,
    struct error *e);
/* Removes groups and objects that lead to no position beyond. */
int stream_prune(struct repository *repository, const char *id, uint64_t beyond, struct error *e);

/* ---- point.c: names of positions ---- */

struct change_point {
	char name[CHANGE_POINT_SIZE];
	char stream[REPOSITORY_BACKUP_SIZE];
	uint64_t position;
	int64_t time_us;
};

/* Letters, digits, '-', '_', '.'; the first is a letter, and it is not "latest". */
bool point_is_name(const char *name);
/* Errors: repository.exists for a name that is taken. */
int point_publish(const struct repository *repository, const struct change_point *point, struct error *e);
int point_read(const struct repository *repository, const char *name, struct change_point *point, struct error *e);

#endif
