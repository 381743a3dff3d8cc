/* What SET did in a transaction, and how it is undone. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/settings/state.h"

#define UNDO_MAX 100000 /* changes that one transaction may have to undo */

void
setting_undo_free(struct undo *u)
{
	free(u->session);
	free(u->local);
}

static char *
copy_or_null(const char *text, bool *failed)
{
	char *copy = text != NULL ? strdup(text) : NULL;

	*failed |= text != NULL && copy == NULL;
	return copy;
}

int
setting_undo_keep(struct settings *s, unsigned index, struct report *r)
{
	const struct entry *e = setting_entry_find(s, index); /* its caller has made it */
	struct undo *grown;
	bool failed = false;

	if (!s->in_transaction)
		return 0;
	for (unsigned i = s->nundo; i > 0 && s->undo[i - 1].depth >= s->depth; i--) {
		if (s->undo[i - 1].index == index)
			return 0;
	}
	if (s->nundo == UNDO_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "too many parameter changes in this transaction");
	if (s->nundo == s->undo_capacity) {
		if ((grown = reallocarray(s->undo, 2 * s->undo_capacity + 8, sizeof(*grown))) == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		s->undo = grown;
		s->undo_capacity = 2 * s->undo_capacity + 8;
	}
	s->undo[s->nundo] = (struct undo) { .index = index, .depth = s->depth };
	s->undo[s->nundo].session = copy_or_null(e->session, &failed);
	s->undo[s->nundo].local = copy_or_null(e->local, &failed);
	s->nundo++;
	return failed ? report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory") : 0;
}

void
settings_begin(struct settings *s)
{
	s->in_transaction = true;
	s->depth = 0;
}

/* What was changed below a savepoint that was released since belongs to the one around it. */
void
settings_savepoint(struct settings *s, unsigned depth)
{
	for (unsigned i = s->nundo; i > 0 && depth > 0 && s->undo[i - 1].depth >= depth; i--)
		s->undo[i - 1].depth = depth - 1;
	s->depth = depth;
}

static void
undo_back_to(struct settings *s, unsigned depth)
{
	while (s->nundo > 0 && s->undo[s->nundo - 1].depth >= depth) {
		struct undo *u = &s->undo[--s->nundo];
		struct entry *e = setting_entry_find(s, u->index);

		free(e->session);
		free(e->local);
		e->session = u->session;
		e->local = u->local;
		setting_note_change(s, u->index);
	}
	s->depth = depth;
}

void
settings_rollback_to(struct settings *s, unsigned depth)
{
	undo_back_to(s, depth);
}

void
settings_rollback(struct settings *s)
{
	undo_back_to(s, 0);
	s->in_transaction = false;
}

void
settings_commit(struct settings *s)
{
	for (unsigned i = 0; i < s->nundo; i++) {
		struct entry *e = setting_entry_find(s, s->undo[i].index);

		if (e->local != NULL) {
			free(e->local);
			e->local = NULL;
			setting_note_change(s, s->undo[i].index);
		}
		setting_undo_free(&s->undo[i]);
	}
	s->nundo = 0;
	s->depth = 0;
	s->in_transaction = false;
}
