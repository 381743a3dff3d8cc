/*
 * Continuous shipping of a database on SQLite (of PostgreSQL's: ship_wal.h): a thread reads the committed frames of the
 * write-ahead log as bibd-sqlite tells of them (common/ship.h), and makes objects of changes, which the sender brings
 * into the repository.
 *
 * Nothing is taken for granted: each frame is proven by the log's checksums from the last one shipped, also after a
 * crash of either side. What does not follow is a gap: another stream begins, for which a new base is needed.
 */
#ifndef BIBD_ARCHIVE_SHIP_H
#define BIBD_ARCHIVE_SHIP_H

#include "common/ship.h"
#include "workers/archive/sender.h"
#include "workers/archive/ship_log.h"

/* One life of bibd-sqlite. */
struct ship_session {
	int fds[SHIP_PARTS]; /* -1: not here yet */
	struct ship_page *page;
};

/* Where the reader stands. */
struct ship_place {
	char stream[REPOSITORY_BACKUP_SIZE]; /* "": nowhere yet */
	uint64_t position;		     /* the last commit that was read */
	int64_t time_us;
	uint32_t salt[2], frame; /* of the log */
	uint32_t segment;	 /* on PostgreSQL: the size of one of its log */
};

/* A position, and the entry of bibd-sqlite's after which it was arrived at. */
struct ship_flight {
	uint64_t position, seq;
};
#define SHIP_FLIGHTS 1024

struct archive;
struct ship_wal;

struct ship {
	struct archive *archive;
	struct ship_wal *wal; /* on PostgreSQL: what its log is followed by; NULL: on SQLite */
	struct sender sender;
	pthread_t thread;
	bool running;
	int kick_fd; /* eventfd: the thread is to look */
	atomic_bool quit;

	pthread_mutex_t lock; /* what follows, up to the next comment */
	struct ship_session next;
	bool has_next, lost; /* another session; the one that is served is over */
	struct ship_place place;
	bool attached;		/* what bibd-sqlite commits is read */
	bool full;		/* the spool is */
	int64_t recoverable_us; /* 0: nothing is known yet */
	unsigned gaps;
	char gap[ERROR_TEXT_MAX];	    /* the last one */
	char based[REPOSITORY_BACKUP_SIZE]; /* the newest stream in which a backup stands */
	char failing[ERROR_TEXT_MAX];	    /* why the repository cannot be written; "": it can */
	unsigned failures;
	struct ship_flight flights[SHIP_FLIGHTS];
	unsigned nflights;
	struct ship_flight counted;    /* the one whose rows are counted (common/ship.h), when it was read */
	struct ship_flight landed;     /* the last one that is in the repository, in this session */
	struct ship_page *stored_page; /* of the session that is served */
	int stored_fd;

	/* The thread's. */
	struct ship_session session;
	bool has_session, is_attached, resumes; /* resumes: the stream of before may be gone on with */
	struct change_writer *writer;
	struct ship_log log;
	struct change_info head; /* of the object that is being made */
	uint64_t group_first, position, seq;
	bool has_object; /* the writer has one of this stream */
	bool sealed;	 /* and waits for room in the spool */
	struct change_object object;
	int64_t flushed_ms, begun_ms, time_us;
	int64_t noted_ms; /* when everything that was read had been put by */
};

/* Errors: archive.start. scratch: the worker's own directory; on PostgreSQL ship->wal knows its server already. */
int ship_start(struct ship *ship, const char *scratch, uint64_t bound, struct error *e);
void ship_stop(struct ship *ship);
/* The session becomes the ship's. */
void ship_attach(struct ship *ship, const struct ship_session *session);
void ship_detach(struct ship *ship);
/* Where the reader stands now; false: what is committed is not read just now. */
bool ship_where(struct ship *ship, struct ship_place *place);
/* The newest stream in which a backup stands. */
void ship_set_based(struct ship *ship, const char *stream);
/* In a job: where the commit is to which so many lead, whose rows were counted; the repository has it then. Errors:
 * archive.point. */
int ship_find_counted(struct ship *ship, const atomic_bool *stopping, uint64_t seq, struct change_point *point,
    struct error *e);
/* The moment up to which the repository has everything; 0: none is known. */
int64_t ship_recoverable_us(struct ship *ship);
/* The newest moment that a drill has proven, for whoever asks bibd-sqlite. */
void ship_set_proven(struct ship *ship, int64_t moment_us);

/* ---- ship.c, for the files of this room that begin with its name ---- */

/* What follows is missing: what is read from now on is another stream. */
void ship_gap(struct ship *ship, const char *why);

/* ---- ship_resume.c ---- */

/* An entry of bibd-sqlite's; false: it has been written over. */
bool ship_entry(const struct ship *ship, uint64_t seq, struct ship_entry *entry);
bool ship_is_of(const struct ship_entry *entry, const uint32_t salt[2]);
/* Finds where to read on, or begins a stream. 1; 0: not yet; -1. */
int ship_find_way(struct ship *ship, struct error *e);

/* ---- ship_object.c ---- */

/* The next object begins where the last one ended. */
void ship_begin_object(struct ship *ship);
/* What there is goes into the spool. 1; 0: there is no room now; -1. */
int ship_flush(struct ship *ship, struct error *e);
/* A frame's page, and what it ends. 1; 0: the object has no room for it; -1. */
int ship_put_frame(struct ship *ship, const struct ship_frame *frame, int64_t time_us, struct error *e);
/* Another stream; first: the position that it begins with. */
void ship_begin_stream(struct ship *ship, const char *backend, uint32_t branch, uint64_t first);
/* Goes on with the stream of the sender's place, if there is one of that backend. */
bool ship_take_head(struct ship *ship, const char *backend);
/* The same on SQLite, if it says where in the log it ended. */
bool ship_take_place(struct ship *ship);

/* ---- ship_stored.c ---- */

extern const struct sender_calls ship_sender_calls;
/* With the lock: the repository has everything up to that moment. Only moments are told that a base leads to. */
void ship_tell_moment(struct ship *ship, int64_t moment_us);
/* Everything up to the entry is put by. */
void ship_note_kept(struct ship *ship);
/* Waits until the repository has all that was committed before the call, and says where that is. Errors: archive.point
 * (69). */
int ship_find_point(struct ship *ship, const atomic_bool *stopping, struct change_point *point, struct error *e);

#endif
