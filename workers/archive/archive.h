/*
 * bibd-archive: makes the node's backups, in the repository that the configuration names. It gets its keys of keeper
 * and the bytes of the database of bibd-sqlite, over a channel each, and never sees a client. Private to this room.
 *
 * The loop's thread talks; what reads and writes is a job in a thread of its own, one at a time. A backup is several
 * jobs, between which bibd-sqlite is asked something (on PostgreSQL it is one job, which speaks with the server):
 *
 *	BASE_BEGIN, BASE_BEGUN	the file stays as it is from now on
 *	job: the file		page by page
 *	BASE_POINT		how much of the log is needed at least
 *	job: the log		what was committed meanwhile, over the file; asked again when the log began anew
 *	BASE_END, BASE_ENDED	was the file held still all the time?
 *	job: the end		durable, then the manifest; then what need not be kept is removed
 */
#ifndef BIBD_ARCHIVE_H
#define BIBD_ARCHIVE_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/channel.h"
#include "common/loop.h"
#include "common/runner.h"
#include "workers/archive/repository/repository.h"
#include "workers/archive/ship_wal.h"
#include "workers/worker.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define ARCHIVE_FILE "cache.db"
#define ARCHIVE_TEXT_MAX 65536

struct archive;

/* What a thread does; -1: e says why. */
typedef int archive_job_fn(struct archive *archive, struct error *e);
/* In the loop's thread, after it. */
typedef void archive_done_fn(struct archive *archive, int result, const struct error *e);

struct archive_job {
	pthread_t thread;
	bool running;
	archive_job_fn *run;
	archive_done_fn *done;
	int result;
	struct error error;
	int wake_fd; /* eventfd: it is over */
	struct loop_watch watch;
};

/* A backup under way; what is in it is the job's while one runs. */
struct archive_base {
	bool running, full, lost; /* lost: the bibd-sqlite that holds the file still is gone */
	uint32_t asked_id;	  /* of the bibctl that asked, at the supervisor; 0: the schedule did */
	int file_fd, log_fd;
	struct backup_writer *writer;
	uint32_t page_size;
	uint64_t pages;	 /* of the file */
	uint32_t frames; /* of the log, at least */
	bool log_is_short;
	struct ship_place place; /* where the log was read to, and the stream that goes on from there */
	unsigned tries;
	int64_t began_ms;
	char id[REPOSITORY_BACKUP_SIZE];
	struct error failure; /* while what was written is removed */
};

/* What is known of drills: a file keeps it from one start to the next. */
struct archive_drill {
	bool known;
	int64_t since_us;	      /* there has been something to be proven since */
	int64_t passed_us;	      /* when one has last proven something; 0: none has */
	int64_t proven_us;	      /* the moment that was restored then */
	int64_t found_us;	      /* the one that has just been restored, the job's */
	int64_t tried_ms;	      /* clock_now_ms() when the last one began; 0: none has since the start */
	uint32_t asked_id;	      /* as in struct archive_base */
	char failure[ERROR_TEXT_MAX]; /* of the last one; "": it passed */
};

/* What is known of secrets.key_command. */
struct archive_key {
	struct runner runner;
	bool proven, made;	      /* it opens the repository; made: the job has just had it wrap */
	int64_t proven_us;	      /* when that was last seen */
	int64_t tried_ms;	      /* clock_now_ms(); 0: not since the start */
	char reason[ERROR_TEXT_MAX];  /* the job's: why what was wrapped before is replaced */
	char failure[ERROR_TEXT_MAX]; /* of the last try; "": none */
};

/* How many rows there are, on its way from bibd-sqlite to a job. */
struct archive_count {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int wake_fd; /* eventfd: a job wants it */
	struct loop_watch watch;
	uint32_t asked_id; /* the loop's thread's; 0: bibd-sqlite is asked nothing */
	bool answered;
	int fd; /* of the text */
	uint64_t seq;
	char why[ERROR_TEXT_MAX]; /* there is none; or "" */
};

/* What STATUS_BACKUP has. */
struct archive_moments {
	int64_t backup_us, stored_us, proven_us, drilled_us;
	bool recovery_key, command;
};

/* A proof of bibd-container's, which a job waits for and the loop's thread asks for. */
struct archive_proof {
	pthread_mutex_t mutex; /* what follows */
	pthread_cond_t changed;
	int wake_fd; /* eventfd: it is to be asked for */
	struct loop_watch watch;
	bool answered;
	uint32_t id, timeout_ms;
	const char *script; /* of the operator's, "": none */
	enum status status;
	char text[ERROR_TEXT_MAX];
};

/* The file with the credentials of S3, on its way from the supervisor to a job. */
struct archive_credentials {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int wake_fd; /* eventfd: a job wants it */
	struct loop_watch watch;
	bool answered;
	char text[16384], why[ERROR_TEXT_MAX]; /* why: there is none; or "" */
	size_t size;
};

/* The state of the worker, in worker->state. */
struct archive {
	struct worker *worker;
	char *scratch; /* <data_dir>/archive */
	struct channel keeper, sqlite, postgres;
	struct repository_identity identity, opened; /* the newest, and the one that the repository was opened with */
	bool has_identity;
	struct archive_job job;
	struct archive_credentials credentials;
	struct archive_proof proof;
	struct runner runner; /* of backup.s3.credentials_command */
	atomic_bool stopping;
	struct loop_timer tick, base_timer, stop_timer, end_timer;
	unsigned end_looks;

	/* Open while has_repository, from the first job on; a job's while one runs. */
	bool has_repository;
	dev_t place_dev; /* the directory that the sandbox lets through; zeros: none */
	ino_t place_ino;
	struct depot depot;
	struct repository repository;

	struct archive_base base;
	struct archive_drill drill;
	struct archive_key key;
	struct archive_count count;
	struct archive_moments told; /* in the last STATUS_BACKUP */
	struct runner driller;	     /* of bibd-drill */

	/* A request of bibctl's under way, other than a backup. */
	uint32_t asked_id;
	char *report;
	char what[16], point[CHANGE_POINT_SIZE], text[ERROR_TEXT_MAX];

	struct ship ship;
	bool sender_told;		  /* the newest identity */
	pthread_mutex_t credentials_lock; /* jobs and the sender ask for them */
	struct ship_session parts;	  /* as they come */
	struct loop_timer ship_timer, look_timer;
	unsigned gaps_said, failures_said;
	int64_t shipped_ms;		       /* when all was last well with it */
	struct message_repository_state state; /* what bibd-postgres was told last */
	bool has_state;

	/* What the repository has, as of the last job. */
	char based[REPOSITORY_BACKUP_SIZE]; /* the stream in which the newest backup stands */
	bool looked;
	bool has_recovery_key;
	unsigned nbackups, damaged;
	int64_t full_us, last_us; /* when the last full backup, and the last one, ended; 0: there is none */
	int64_t failed_ms;	  /* clock_now_ms() of the last failure; 0: the last one succeeded */
	bool away;		  /* that was the repository itself */
	int64_t looked_ms;	  /* when it was seen last */
	char failure[ERROR_TEXT_MAX];
	int64_t started_ms;
	bool reached; /* the PostgreSQL server has answered once */
};

/* ---- main.c ---- */

/* When the worker is to stop: it does, once there is nothing left to be done. */
void archive_look_at_stop(struct archive *archive);

/* ---- job.c ---- */

/* Errors: archive.start. */
int archive_job_open(struct archive *archive, struct error *e);
/* None may be running. */
void archive_job_start(struct archive *archive, archive_job_fn *run, archive_done_fn *done);

/* ---- credentials.c ---- */

/* Errors: archive.start. */
int archive_credentials_open(struct archive *archive, struct error *e);
/* In a job: a depot_credentials_fn, whose arg is the archive. */
int archive_get_credentials(void *arg, bool again, struct depot_credentials *credentials, struct error *e);
void archive_take_credentials(void *context, struct frame *frame, const struct message_s3_credentials *message);
void archive_take_refused(void *context, struct frame *frame, const struct message_s3_refused *message);

/* ---- look.c ---- */

/* Opens the place of the repository; by any thread. */
int archive_open_depot(struct archive *archive, struct depot *depot, struct error *e);
/* In a job: the repository is open under the newest identity, or e says why not. */
int archive_open_repository(struct archive *archive, struct error *e);
void archive_close_repository(struct archive *archive);
/* In a job: whether the repository is still there, as whoever opens it anew finds it. */
int archive_probe(struct archive *archive, struct error *e);
/* In a job: what is there; a report for people goes to archive->report, if wanted. */
int archive_look(struct archive *archive, bool report, struct error *e);

/* ---- base.c ---- */

/* Begins a backup; asked_id as in struct archive_base. */
void archive_base_begin(struct archive *archive, bool full, uint32_t asked_id);
extern const struct message_handlers archive_base_handlers; /* of bibd-sqlite's answers; context: the archive */
/* The steps that both engines share. In a job: opens the repository, and begins a backup on the last one, unless a full
 * one was asked for or must be made. */
int archive_base_begin_writer(struct archive *archive, const char *backend, struct error *e);
/* In a job: makes the backup durable, then removes what need not be kept. */
int archive_base_end(struct archive *archive, const char *note, struct error *e);
/* The backup is over; e: why it failed, NULL: it did not. */
void archive_base_finish(struct archive *archive, const struct error *e);
/* The channel to bibd-sqlite is gone. */
void archive_base_lost(struct archive *archive);

/* ---- base_postgres.c ---- */

/* Its log is followed from now on, when shipping starts. Errors: archive.start. */
int archive_follow_postgres(struct archive *archive, struct error *e);

void archive_base_begin_postgres(struct archive *archive);

/* ---- ship_loop.c: in the loop's thread ---- */

/* The channel to bibd-sqlite is there; its answer to that it is too early; it is gone. */
void archive_ship_connected(struct archive *archive);
void archive_ship_refused(struct archive *archive);
void archive_ship_lost(struct archive *archive);
void archive_ship_take_part(void *context, struct frame *frame, const struct message_ship_part *message);
/* Events of it are sent from now on. */
void archive_ship_watch(struct archive *archive);
/* false: text says what is wrong. */
bool archive_ship_is_healthy(struct archive *archive, char *text, size_t size);

/* ---- tell_postgres.c: in the loop's thread ---- */

extern const struct message_handlers archive_told_handlers; /* of bibd-postgres; context: the archive */
/* Tells bibd-postgres what has changed of REPOSITORY_STATE; again: all of it. */
void archive_tell_state(struct archive *archive, bool again);

/* ---- log.c ---- */

/* In a job: puts the pages of the write-ahead log's frames over those of the file, up to where the ship's reader
 * stands. 1; 0: that is not as far as it must be yet; -1. */
int archive_read_log(struct archive *archive, struct error *e);

/* ---- drill.c ---- */

/* Before the sandbox: what starts bibd-drill; and what a drill that was cut short has left is removed. */
int archive_drill_open(struct archive *archive, struct error *e);
/* No job may run. asked_id as in struct archive_base. */
void archive_drill_begin(struct archive *archive, uint32_t asked_id);
bool archive_drill_is_due(struct archive *archive);
/* false: text says that the last one failed or could not run, or that one is late. */
bool archive_drill_is_healthy(const struct archive *archive, char *text, size_t size);
/* The newest moment that a drill has restored and proven; 0: there is none. */
int64_t archive_drill_proven_us(const struct archive *archive);

/* ---- count.c ---- */

/* Errors: archive.start. */
int archive_count_open(struct archive *archive, struct error *e);
void archive_count_take(void *context, struct frame *frame, const struct message_counted *message);
/* bibd-sqlite's answer FAILED; true: it was to that. And its channel is gone. */
bool archive_count_refused(struct archive *archive, uint32_t id, const char *why);
void archive_count_lost(struct archive *archive);
/* In a job: how many rows each table has (text, malloc'ed) at a commit of now, and which that is; the repository has
 * it then. Errors: drill.count, archive.point (69). */
int archive_count(struct archive *archive, struct change_point *point, char **text, size_t *size, struct error *e);

/* ---- key_command.c ---- */

/* Before the sandbox: what starts secrets.key_command, if there is one. */
int archive_key_open(struct archive *archive, struct error *e);
/* Whether the command must still wrap, or be seen to unwrap; no job may run. again_ms: so long after a failure. */
bool archive_key_is_due(const struct archive *archive, int64_t again_ms);
void archive_key_begin(struct archive *archive);
/* false: text says why the command does not open the repository. */
bool archive_key_is_healthy(const struct archive *archive, char *text, size_t size);
/* Who opens the repository, which is open, in a line without its end; and what is wrong with that, in lines. */
void archive_key_describe(const struct archive *archive, char *text, size_t size);
void archive_key_report(const struct archive *archive, FILE *out);
/* What the command does at the moment is given up. */
void archive_key_stop(struct archive *archive);

/* ---- tell.c ---- */

/* STATUS_BACKUP, if anything of it has changed. */
void archive_tell(struct archive *archive);

/* ---- drill_postgres.c: what a drill of PostgreSQL does otherwise ---- */

struct restore_target;

/* Removes a directory with all that is in it, and nothing that a link in it names. -1: errno says why. */
int archive_drill_remove(int directory_fd, const char *name, unsigned depth);
/* Before the sandbox, as archive_drill_open(). */
int archive_drill_open_postgres(struct archive *archive, struct error *e);
/* The loop's part of it. Errors: archive.start. */
int archive_drill_watch_postgres(struct archive *archive, struct error *e);
/* In a job: the newest state, and how many bytes it has on the disk; it in that directory; and the proof, by
 * bibd-container. Errors: drill.failed (65): PostgreSQL says what is wrong; drill.engine (69): it could not run. */
int archive_drill_find_postgres(struct archive *archive, struct restore_target *target, uint64_t *bytes,
    struct error *e);
int archive_drill_restore_postgres(struct archive *archive, struct restore_target *target, int fd, struct error *e);
int archive_drill_prove_postgres(struct archive *archive, int64_t timeout_ms, char *found, size_t size,
    struct error *e);
void archive_take_drill_proven(void *context, struct frame *frame, const struct message_drill_proven *message);

/* ---- requests.c ---- */

void archive_take_request(void *context, struct frame *frame, const struct message_backup_request *message);
/* RESULT, to a bibctl that waits. */
void archive_answer(struct archive *archive, uint32_t id, enum status status, const char *code, const char *text);

/* ---- schedule.c ---- */

void archive_schedule(struct archive *archive);
/* The next look whether a backup is due comes so much later, not at its ordinary time. */
void archive_schedule_later(struct archive *archive, int64_t ms);
/* Something has failed: the status says so until it succeeds, and what is open is opened anew. doing: "the backup". */
void archive_note_failure(struct archive *archive, const char *doing, const struct error *e);
/* A failure of the place, and not of what is in it. */
bool archive_is_away(const struct error *e);
/* What is due has been done. */
void archive_note_success(struct archive *archive);
/* For HEALTH: false with a cause when backups fail, are late, or could not be read on another machine. */
bool archive_is_healthy(struct worker *worker, char *text, size_t size);

#endif
