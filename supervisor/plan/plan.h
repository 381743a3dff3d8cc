/*
 * What a changed configuration would do to a node, found out without doing it: each key that differs from the one in
 * force, with its effect. Pure but for looking at the files of the stores; nothing is made or changed.
 */
#ifndef BIBD_SUPERVISOR_PLAN_H
#define BIBD_SUPERVISOR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/conf.h"
#include "supervisor/host/home.h"
#include "supervisor/plan/survey.h"

/* From the lightest to the heaviest. */
enum plan_effect {
	PLAN_NOTHING,
	PLAN_RELOADS,	      /* bibctl reload takes it; nobody is interrupted */
	PLAN_RESTARTS,	      /* bibd is restarted, and with it its workers and the managed server */
	PLAN_RESTARTS_SERVER, /* the same, and the server's container is made anew, with other settings */
	PLAN_MOVES,	      /* the next start moves the rows to another store before it serves */
	PLAN_REFUSED,	      /* bibd would not start with it, and would refuse a reload */
	PLAN_EFFECTS
};

#define PLAN_WHY_MAX 1024

struct plan_change {
	const struct conf_key *key;
	char *before, *after; /* as bibd.yaml spells them; secrets masked */
	enum plan_effect effect;
};

/* What a move would take. */
struct plan_move {
	unsigned from_version, to_version; /* of PostgreSQL; 0: from SQLite */
	char from[PATH_MAX];		   /* the store that is copied */
	char to[PATH_MAX];
	uint64_t bytes;		   /* of the source */
	uint64_t need, room;	   /* bytes of disk: to be taken, and there */
	int64_t seconds;	   /* about how long; clients wait as long */
	int64_t kept_ms;	   /* how long the source is kept, at least; 0: until an operator ends it */
	struct plan_survey survey; /* text is NULL where the file cannot be read */
};

struct plan {
	enum plan_effect effect; /* the heaviest of all */
	struct plan_change *changes;
	size_t n;
	char why[PLAN_WHY_MAX]; /* of what is refused, or of what an operator should know; "" */
	bool has_move;
	struct plan_move move;
};

/* Compares. before: the configuration in force, NULL where the node has never run; home: where its rows are.
 * plan_clear frees what the plan holds. Errors: plan.memory. */
int plan_make(struct plan *plan, const struct conf *before, const struct conf *after, const struct home *home,
    struct error *e);
void plan_clear(struct plan *plan);

/* The plan for a configuration that has an error. */
void plan_refuse(struct plan *plan, const char *why);

/* "reloads", "restarts", ... */
const char *plan_effect_name(enum plan_effect effect);

/* The status that `bibd --plan` ends with: 0 nothing to do, 1 something, 2 refused. */
int plan_status(const struct plan *plan);

/* ---- between plan.c and version.c ---- */

/* Puts the blame for what the whole configuration does on the key that asks for it. */
void plan_blame(struct plan *plan, const char *path, enum plan_effect effect);
/* The major version of the database that is there; 0: none is, or it cannot be read. */
unsigned plan_data_version(const struct conf *conf);
/* The image's tag says another one than that: what follows from it. */
bool plan_check_version(struct plan *plan, const struct conf *after);

/* ---- print.c ---- */

/* For people, and as one JSON object. -1: the stream failed. */
int plan_print(const struct plan *plan, FILE *out);
int plan_print_json(const struct plan *plan, FILE *out);

/* ---- in_force.c: the configuration that a node runs, or ran last, with ---- */

#define PLAN_IN_FORCE "in-force.yaml"

/* Keeps a copy of the configuration in force in data_dir, secrets masked. Errors: plan.io. */
int plan_keep(int data_fd, const struct conf *conf, struct error *e);

/* The whole of `bibd --plan`: reads the file and the copy, compares and prints. Returns the exit status. */
int plan_run(const char *conf_path, bool json);

#endif
