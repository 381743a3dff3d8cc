/*
 * `bibctl doctor`: looks for what keeps a node from running, with the daemon or without it. A check is a row of a table
 * and says what it found, a line each. Private to bibctl.
 */
#ifndef BIBD_CONTROL_DOCTOR_H
#define BIBD_CONTROL_DOCTOR_H

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "common/conf.h"
#include "workers/control/request/request.h"
#include "workers/control/shared/snapshot.h"

#define DOCTOR_TEXT_MAX 1024
#define DOCTOR_NODE_ID_MAX 64
#define DOCTOR_LIMITS_ADVICE "take an engine that runs as root, or control groups of version 2"

struct doctor;

struct doctor_check {
	const char *name;
	bool (*applies)(const struct doctor *doctor); /* NULL: always */
	void (*run)(struct doctor *doctor);
	enum status status; /* what bibctl exits with when it is the first that failed */
};

/* An engine's differences, as far as the doctor needs them. */
struct doctor_engine {
	const char *name;
	const char *package;
	const char *socket_option;
	const char *start_hint;
	const char *version_format; /* of `info` */
};

struct doctor {
	struct bibctl *bibctl;
	struct conf *conf;		  /* NULL when there is none to go by; owned */
	bool separated;			  /* bibd runs as root, and each process as a user of its own */
	char node_id[DOCTOR_NODE_ID_MAX]; /* "" while the node has none */

	/* What the daemon says. */
	bool is_running;
	struct snapshot snapshot;

	/* The engine that answers, or the one whose socket is there; NULL when there is none. */
	const struct doctor_engine *engine;
	bool engine_answers;
	char engine_program[PATH_MAX];
	char engine_socket[PATH_MAX];

	const struct doctor_check *check; /* the one that runs */
	char advice[DOCTOR_TEXT_MAX];	  /* for the next finding */
	enum status status;
};

/* The command: all checks, a line for each finding. Returns what bibctl exits with. */
int bibctl_doctor(struct bibctl *bibctl);

/* doctor.c: what to do about the finding that comes next; the finding itself. */
void doctor_advise(struct doctor *doctor, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void doctor_say(struct doctor *doctor, enum render_verdict verdict, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What a check needs to apply. */
bool doctor_has_conf(const struct doctor *doctor);
bool doctor_is_postgres(const struct doctor *doctor);
bool doctor_is_managed(const struct doctor *doctor);
bool doctor_is_remote(const struct doctor *doctor);
void doctor_check_remote(struct doctor *doctor);

/* A user, and the one group that it was given besides. */
struct doctor_user {
	const char *name;
	uid_t uid;
	gid_t gid;
	gid_t extra;
};

/* files.c: finds one of bibd's users: with separated processes the one of that name, else the owner of data_dir.
 * False when there is none. */
bool doctor_find_user(const struct doctor *doctor, const char *name, struct doctor_user *user);
/* Whether the user may search every directory that leads to the path, going by their modes; where is the first that it
 * may not, or "" . */
bool doctor_may_reach(const char *path, const struct doctor_user *user, char *where, size_t size);
void doctor_check_data_dir(struct doctor *doctor);
void doctor_check_directories(struct doctor *doctor);
void doctor_check_listen_path(struct doctor *doctor);

/* secrets.c */
void doctor_check_credentials(struct doctor *doctor);

/* host.c */
void doctor_check_configuration(struct doctor *doctor);
void doctor_check_password(struct doctor *doctor);
void doctor_check_users(struct doctor *doctor);
void doctor_check_backup(struct doctor *doctor);
void doctor_check_disk(struct doctor *doctor);
void doctor_check_clock(struct doctor *doctor);

/* sandbox.c */
void doctor_check_sandbox(struct doctor *doctor);

/* daemon.c */
void doctor_check_daemon(struct doctor *doctor);
void doctor_check_processes(struct doctor *doctor);
void doctor_check_server(struct doctor *doctor);
void doctor_check_sockets(struct doctor *doctor);

/* engine.c */
void doctor_check_engine(struct doctor *doctor);
void doctor_check_permissions(struct doctor *doctor);
void doctor_check_image(struct doctor *doctor);
void doctor_check_container(struct doctor *doctor);

/* postgres.c */
void doctor_check_version(struct doctor *doctor);
void doctor_check_port(struct doctor *doctor);
void doctor_check_external(struct doctor *doctor);

#endif
