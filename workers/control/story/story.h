/*
 * What happened to a node around a time, as one story: entries from whatever source, put in order and told in
 * sentences, each outage as a paragraph with its begin, its cause and its end. It asks no process: all entries are
 * handed in.
 */
#ifndef BIBD_BIBCTL_STORY_H
#define BIBD_BIBCTL_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/error.h"

#define STORY_ENTRIES_MAX 1024
#define STORY_NOTES_MAX 8
#define STORY_SENTENCE_MAX (ERROR_TEXT_MAX + 256)

/* Codes of entries that are no events of bibd's. */
#define STORY_LOG "server.log"		 /* a line of the managed server's log */
#define STORY_OOM_KILL "kernel.oom_kill" /* the kernel ended a process for want of memory */
#define STORY_STARTED "node.started"

struct story_entry {
	int64_t time_us; /* since 1970 */
	size_t order;	 /* of two of the same time, the one that was added first comes first */
	char source[32], code[64], text[ERROR_TEXT_MAX];
};

/* What a paragraph is about: an outage, a pause, or something outside of both. */
enum story_kind { STORY_BESIDE, STORY_OUTAGE, STORY_PAUSE, STORY_KINDS };

struct story_paragraph {
	enum story_kind kind;
	int64_t begin_us, end_us; /* of an outage or a pause; end_us 0: it goes on */
	char cause[STORY_SENTENCE_MAX];
	const char *consequence; /* what it meant for clients, in a sentence; NULL: not known */
	const struct story_entry *entries;
	size_t n;
};

/* Zeroed is one without entries. */
struct story {
	struct story_entry *entries; /* owned */
	size_t n, capacity;
	bool has_lost;				     /* an entry found no room */
	char notes[STORY_NOTES_MAX][ERROR_TEXT_MAX]; /* what has no time, or could not be looked at */
	size_t nnotes;
	/* By story_tell. */
	int64_t from_us, to_us;
	struct story_paragraph *paragraphs; /* owned */
	size_t nparagraphs;
};

/* Adds what happened; beyond STORY_ENTRIES_MAX it is left out. */
void story_add(struct story *story, int64_t time_us, const char *source, const char *code, const char *text);
void story_note(struct story *story, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds what is worth telling of a log of PostgreSQL's, whose lines begin with "%m [%p] " in UTC. */
void story_add_log(struct story *story, const char *log);

/* Adds a record of /dev/kmsg, if it is about a process that was ended for want of memory. booted_us: when the kernel's
 * clock began, since 1970. */
void story_add_kmsg(struct story *story, const char *record, int64_t booted_us);

/* The time around the last outage: from a minute before it to a minute after. False: there was none. */
bool story_find_outage(struct story *story, int64_t now_us, int64_t *from_us, int64_t *to_us);

/* Puts what happened from then to then in order and into paragraphs. -1: out of memory (story.memory). */
int story_tell(struct story *story, int64_t from_us, int64_t to_us, struct error *e);

/* An entry as a sentence, with its full stop; as it came, to be escaped. Returns buf. */
char *story_sentence(const struct story_entry *entry, char *buf, size_t size);

/* How a paragraph of an outage or a pause begins: "Clients were not served for 0.8 s, because ...". Returns buf. */
char *story_heading(const struct story_paragraph *paragraph, int64_t now_us, char *buf, size_t size);

void story_clear(struct story *story);

#endif
