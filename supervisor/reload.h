/*
 * SIGHUP and `bibctl reload`: a new configuration takes the place of the old one everywhere or nowhere. Every worker is
 * asked to prepare; when all have said yes all commit, else all discard. A worker that dies or starts meanwhile makes
 * it nowhere.
 */
#ifndef BIBD_SUPERVISOR_RELOAD_H
#define BIBD_SUPERVISOR_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/loop.h"

/* How long workers may take to prepare. */
#define RELOAD_TIMEOUT_MS 10000

struct supervisor;
struct child;

struct reload {
	struct conf *conf;	/* the new one; NULL: no reload is under way */
	uint32_t asked_id;	/* control's request, or 0: a signal */
	unsigned awaited;	/* workers that have not answered, a bit for each by its index */
	unsigned asked;		/* workers that were asked */
	uint32_t id;		/* of this reload's PREPARE */
	struct loop_timer timer;
};

/* Begins. asked_id is control's request, which is answered with RESULT whatever happens; 0 for a signal. */
void reload_begin(struct supervisor *supervisor, uint32_t asked_id);

/* A worker answered PREPARE. */
void reload_take_prepared(struct child *child, uint32_t id, bool accepted, const char *reason);

/* The child died, or was started: what is under way fails. */
void reload_note_change(struct child *child);

/* control is gone: there is nobody to answer. */
void reload_forget_asker(struct supervisor *supervisor);

/* The node stops: what is under way fails. */
void reload_abandon(struct supervisor *supervisor);

#endif
