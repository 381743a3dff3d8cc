/*
 * SIGHUP and `bibctl reload`: a new configuration takes the place of the old one everywhere or nowhere. Every worker is
 * asked to prepare; when all have said yes all commit, else all discard. When a worker dies or starts meanwhile, all
 * discard.
 */
#ifndef BIBD_SUPERVISOR_RELOAD_H
#define BIBD_SUPERVISOR_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/loop.h"

/* How long workers may take to prepare. */
#define RELOAD_TIMEOUT_MS 10000

struct child;
struct children;
struct node;

/* What the supervisor hands in. */
struct reload_hooks {
	/* The new configuration is in force. */
	void (*committed)(void *context);
	/* How it went, for the asker (0: a signal asked, or nobody waits any more). */
	void (*answer)(void *context, uint32_t asked_id, enum status status, const char *code, const char *text);
	void *context;
};

struct reload {
	struct node *node;
	struct children *children;
	struct reload_hooks hooks;
	struct conf *conf; /* the new one; NULL: no reload is under way */
	uint32_t asked_id; /* control's request, or 0: a signal */
	unsigned awaited;  /* workers that have not answered, a bit for each by its index */
	unsigned asked;	   /* workers that were asked */
	uint32_t id;	   /* of this reload's PREPARE */
	struct loop_timer timer;
};

/* None is under way; node and children stay the caller's. */
void reload_init(struct reload *reload, struct node *node, struct children *children, const struct reload_hooks *hooks);

/* Begins. asked_id is control's request, which is answered whatever happens; 0 for a signal. */
void reload_begin(struct reload *reload, uint32_t asked_id);

/* A worker answered PREPARE. */
void reload_take_prepared(struct reload *reload, const struct child *child, uint32_t id, bool accepted,
    const char *reason);

/* The child died, or was started: what is under way fails. */
void reload_note_change(struct reload *reload, const struct child *child);

/* control is gone: there is nobody to answer. */
void reload_forget_asker(struct reload *reload);

/* The node stops: what is under way fails. */
void reload_abandon(struct reload *reload);

#endif
