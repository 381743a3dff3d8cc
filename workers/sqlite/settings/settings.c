/*
 * Sets, resets and reads a session's settings, and checks who may change one.
 */
#include "workers/sqlite/settings/settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/settings/state.h"

struct settings *
settings_new(void)
{
	struct settings *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->changed = s->unreported = true;
	return s;
}

static void
entry_free(struct entry *e)
{
	free(e->base);
	free(e->session);
	free(e->local);
	free(e->reported);
}

void
settings_free(struct settings *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < s->nentries; i++)
		entry_free(&s->entries[i]);
	for (unsigned i = 0; i < s->ncustoms; i++)
		free(s->customs[i]);
	for (unsigned i = 0; i < s->nundo; i++)
		setting_undo_free(&s->undo[i]);
	free(s->entries);
	free(s->customs);
	free(s->undo);
	free(s);
}

struct entry *
setting_entry_find(const struct settings *s, unsigned index)
{
	for (unsigned i = 0; i < s->nentries; i++)
		if (s->entries[i].index == index)
			return &s->entries[i];
	return NULL;
}

struct entry *
setting_entry_make(struct settings *s, unsigned index)
{
	struct entry *found = setting_entry_find(s, index), *grown;

	if (found != NULL)
		return found;
	if (s->nentries == s->entries_capacity) {
		if ((grown = reallocarray(s->entries, s->entries_capacity + 4, sizeof(*grown))) == NULL)
			return NULL;
		s->entries = grown;
		s->entries_capacity += 4;
	}
	s->entries[s->nentries] = (struct entry) { .index = index };
	return &s->entries[s->nentries++];
}

const char *
setting_entry_value(struct settings *s, unsigned index)
{
	const struct entry *e = setting_entry_find(s, index);

	if (e != NULL && e->local != NULL)
		return e->local;
	if (e != NULL && e->session != NULL)
		return e->session;
	if (e != NULL && e->base != NULL)
		return e->base;
	return index < setting_count ? setting_table[index].initial : "";
}

void
setting_note_change(struct settings *s, unsigned index)
{
	unsigned flags = index < setting_count ? setting_table[index].flags : 0;

	s->changed |= (flags & SETTING_TRANSACTION) == 0;
	s->unreported |= (flags & SETTING_REPORTED) != 0;
}

int
setting_out_of_memory(struct report *r)
{
	return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

/* ---- changes ---- */

/* Takes the value, which is NULL for the default. */
static int
entry_change(struct settings *s, unsigned index, char *value, bool local, struct report *r)
{
	struct entry *e = setting_entry_make(s, index);

	if (e == NULL || setting_undo_keep(s, index, r) != 0) {
		free(value);
		return e == NULL ? setting_out_of_memory(r) : -1;
	}
	if (local && value == NULL &&
	    (value = strdup(e->base != NULL  ? e->base
		     : index < setting_count ? setting_table[index].initial
					     : "")) == NULL)
		return setting_out_of_memory(r);
	free(e->local);
	e->local = NULL;
	if (local)
		e->local = value;
	else {
		free(e->session);
		e->session = value;
	}
	setting_note_change(s, index);
	return 0;
}

static int
change_is_refused(const struct setting *setting, struct report *r)
{
	switch (setting->change) {
	case SETTING_INTERNAL:
		return report_set(r, SQLSTATE_CANT_CHANGE_RUNTIME_PARAM, "parameter \"%s\" cannot be changed",
		    setting->name);
	case SETTING_RESTART:
		return report_set(r, SQLSTATE_CANT_CHANGE_RUNTIME_PARAM,
		    "parameter \"%s\" cannot be changed without restarting the server", setting->name);
	case SETTING_SUPERUSER:
		return report_set(r, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied to set parameter \"%s\"",
		    setting->name);
	default:
		return 0;
	}
}

/* The session's own role may be named where no other may. */
static bool
is_own_role(struct settings *s, const struct setting *setting, const char *value)
{
	unsigned index;

	return setting->check == setting_check_role && setting_name_find(s, "session_authorization", &index) &&
	    strcmp(setting_entry_value(s, index), value) == 0;
}

static char *
value_canonical(struct settings *s, unsigned index, const char *value, struct report *r)
{
	char *text;

	char *canonical;

	if (index < setting_count && !is_own_role(s, &setting_table[index], value)) {
		canonical = setting_canonical(&setting_table[index], value, r);
		if (canonical == NULL || setting_table[index].check != setting_check_datestyle)
			return canonical;
		text = setting_complete_datestyle(canonical, setting_entry_value(s, index), r);
		free(canonical);
		return text;
	}
	if ((text = strdup(value)) == NULL)
		(void)setting_out_of_memory(r);
	return text;
}

int
settings_set(struct settings *s, const char *name, const char *value, bool local, struct report *r)
{
	char *canonical = NULL;
	unsigned index;

	if (!setting_name_find(s, name, &index) && setting_name_add(s, name, &index, r) != 0)
		return -1;
	if (index < setting_count && change_is_refused(&setting_table[index], r) != 0)
		return -1;
	if (value != NULL && (canonical = value_canonical(s, index, value, r)) == NULL)
		return -1;
	if (local && !s->in_transaction) {
		free(canonical); /* it would end at once */
		return 0;
	}
	return entry_change(s, index, canonical, local, r);
}

int
settings_begin_local(struct settings *s, const char *name, const char *value, char **kept, struct report *r)
{
	struct entry *e;
	char *canonical;
	unsigned index;

	if (!setting_name_find(s, name, &index) && setting_name_add(s, name, &index, r) != 0)
		return -1;
	if (index < setting_count && change_is_refused(&setting_table[index], r) != 0)
		return -1;
	if ((e = setting_entry_make(s, index)) == NULL)
		return setting_out_of_memory(r);
	if (setting_undo_keep(s, index, r) != 0 || (canonical = value_canonical(s, index, value, r)) == NULL)
		return -1;
	*kept = e->local;
	e->local = canonical;
	s->changed = true;
	return 0;
}

void
settings_end_local(struct settings *s, const char *name, char *kept)
{
	struct entry *e;
	unsigned index;

	if (!setting_name_find(s, name, &index) || (e = setting_entry_find(s, index)) == NULL) {
		free(kept);
		return;
	}
	/* A SET that is not LOCAL has ended what was local, and stays. */
	if (e->local != NULL) {
		free(e->local);
		e->local = kept;
	} else
		free(kept);
	s->changed = true;
}

/* "-c name=value" and "--name=value", a backslash before a blank that belongs to it: PGOPTIONS. */
static int
set_startup_options(struct settings *s, const char *options, struct report *r)
{
	char *word, *text, *p, *equals;
	int result = 0;

	if ((text = calloc(1, strlen(options) + 1)) == NULL)
		return setting_out_of_memory(r);
	while (result == 0 && *(options += strspn(options, " \t\n\r")) != '\0') {
		for (word = p = text; *options != '\0' && strchr(" \t\n\r", *options) == NULL; options++) {
			if (*options == '\\' && options[1] != '\0')
				options++;
			*p++ = *options;
		}
		*p = '\0';
		if (strcmp(word, "-c") == 0)
			continue;
		word += strncmp(word, "-c", 2) == 0 || strncmp(word, "--", 2) == 0 ? 2 : 0;
		if ((equals = strchr(word, '=')) == NULL || equals == word) {
			result = report_set(r, SQLSTATE_SYNTAX_ERROR,
			    "invalid command-line argument for server process: %s", word);
			break;
		}
		*equals = '\0';
		for (p = word; *p != '\0'; p++)
			*p = *p == '-' ? '_' : *p;
		result = settings_set_startup(s, word, equals + 1, r);
	}
	free(text);
	return result;
}

int
settings_set_startup(struct settings *s, const char *name, const char *value, struct report *r)
{
	struct entry *e;
	char *canonical;
	unsigned index;

	if (strcmp(name, "options") == 0)
		return set_startup_options(s, value, r);
	if (!setting_name_find(s, name, &index) && setting_name_add(s, name, &index, r) != 0)
		return -1;
	if (index < setting_count && change_is_refused(&setting_table[index], r) != 0)
		return -1;
	if (strcasecmp(name, "session_authorization") == 0)
		canonical = strdup(value);
	else if ((canonical = value_canonical(s, index, value, r)) == NULL)
		return -1;
	if (canonical == NULL || (e = setting_entry_make(s, index)) == NULL) {
		free(canonical);
		return setting_out_of_memory(r);
	}
	free(e->base);
	e->base = canonical;
	s->changed = s->unreported = true;
	return 0;
}

int
settings_reset(struct settings *s, const char *name, struct report *r)
{
	unsigned index;

	if (name != NULL) {
		if (!setting_name_find(s, name, &index))
			return setting_name_unknown(name, r);
		if (index < setting_count && change_is_refused(&setting_table[index], r) != 0)
			return -1;
		return entry_change(s, index, NULL, false, r);
	}
	for (unsigned i = 0; i < s->nentries; i++) {
		const struct entry *e = &s->entries[i];

		if ((e->session == NULL && e->local == NULL) ||
		    (e->index < setting_count && setting_table[e->index].flags & SETTING_TRANSACTION))
			continue;
		if (entry_change(s, e->index, NULL, false, r) != 0)
			return -1;
	}
	return 0;
}

const char *
settings_get(struct settings *s, const char *name, struct report *r)
{
	unsigned index;

	if (setting_name_find(s, name, &index))
		return setting_entry_value(s, index);
	(void)setting_name_unknown(name, r);
	return NULL;
}

bool
settings_by_index(struct settings *s, unsigned i, const char **name, const char **value, const char **description)
{
	if (i >= setting_count + s->ncustoms)
		return false;
	*name = i < setting_count ? setting_table[i].name : s->customs[i - setting_count];
	*value = setting_entry_value(s, i);
	*description = i < setting_count ? setting_table[i].description : "";
	return true;
}
