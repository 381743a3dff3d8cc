/*
 * What is noted of DEFERRABLE keys: values of rows that were written, and SET CONSTRAINTS.
 */
#include "workers/sqlite/settings/late_keys.h"

#include <stdlib.h>

static void
value_free(struct late_value *value)
{
	for (unsigned i = 0; i < value->n; i++)
		sqlite3_value_free(value->values[i]);
	free(value->values);
}

void
late_set_free(struct late_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		value_free(&set->items[i]);
	free(set->items);
	*set = (struct late_set) { .items = NULL };
}

static size_t
bytes_of(sqlite3_value *value)
{
	int kind = sqlite3_value_type(value);

	return sizeof(void *) +
	    (kind == SQLITE_TEXT || kind == SQLITE_BLOB ? (size_t)sqlite3_value_bytes(value) : sizeof(double));
}

static struct late_value *
add(struct late_set *set, int64_t key)
{
	size_t capacity = set->capacity == 0 ? 16 : set->capacity * 2;
	struct late_value *grown = set->items;

	if (set->count == set->capacity) {
		if ((grown = reallocarray(set->items, capacity, sizeof(*grown))) == NULL)
			return NULL;
		set->items = grown;
		set->capacity = capacity;
	}
	grown += set->count++;
	*grown = (struct late_value) { .key = key };
	return grown;
}

static bool
has_whole(const struct late_set *set, int64_t key)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].key == key && set->items[i].n == 0)
			return true;
	return false;
}

/* The key is looked at as a whole from now on: single values of it are needed no more. */
static int
make_whole(struct late_set *set, int64_t key)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (set->items[i].key == key)
			value_free(&set->items[i]);
		else
			set->items[kept++] = set->items[i];
	}
	set->count = kept;
	return add(set, key) == NULL ? -1 : 0;
}

static int
copy_values(struct late_set *set, struct late_value *to, int n, sqlite3_value **values)
{
	if ((to->values = calloc((size_t)n, sizeof(to->values[0]))) == NULL)
		return -1;
	for (int i = 0; i < n; i++) {
		if ((to->values[i] = sqlite3_value_dup(values[i])) == NULL)
			return -1;
		to->n++;
		set->bytes += bytes_of(values[i]);
	}
	return 0;
}

/* NULLs are unlike each other. */
static bool
has_null(int n, sqlite3_value **values)
{
	for (int i = 0; i < n; i++)
		if (sqlite3_value_type(values[i]) == SQLITE_NULL)
			return true;
	return false;
}

int
late_note(struct late_keys *keys, int64_t key, bool deferred, int n, sqlite3_value **values)
{
	struct late_set *set =
	    keys->statement == NULL || late_is_deferred(keys, key, deferred) ? &keys->transaction : keys->statement;
	struct late_value *item;

	if (n == 0 || has_null(n, values))
		return 0;
	if (set->count >= LATE_VALUES_MAX || set->bytes >= LATE_BYTES_MAX)
		return has_whole(set, key) ? 0 : make_whole(set, key);
	if ((item = add(set, key)) != NULL && copy_values(set, item, n, values) == 0)
		return 0;
	if (item != NULL)
		value_free(item);
	set->count -= item != NULL;
	return -1;
}

bool
late_is_deferred(const struct late_keys *keys, int64_t key, bool deferred)
{
	for (size_t i = keys->nmodes; i-- > 0;)
		if (keys->modes[i].key == 0 || keys->modes[i].key == key)
			return keys->modes[i].deferred;
	return deferred;
}

int
late_set_mode(struct late_keys *keys, int64_t key, bool deferred, unsigned depth)
{
	struct late_mode *grown;
	size_t kept = keys->nmodes;

	/* What was said at this depth of the same is outdone for good. */
	for (size_t i = kept; i-- > 0 && keys->modes[i].depth == depth && (key == 0 || keys->modes[i].key == key);)
		kept = i;
	keys->nmodes = kept;
	if ((grown = reallocarray(keys->modes, keys->nmodes + 1, sizeof(*grown))) == NULL)
		return -1;
	keys->modes = grown;
	grown[keys->nmodes++] = (struct late_mode) { .key = key, .deferred = deferred, .depth = depth };
	return 0;
}

void
late_release(struct late_keys *keys, unsigned depth)
{
	for (size_t i = 0; i < keys->nmodes; i++)
		if (keys->modes[i].depth > depth)
			keys->modes[i].depth = depth;
}

void
late_rollback_to(struct late_keys *keys, unsigned depth)
{
	while (keys->nmodes > 0 && keys->modes[keys->nmodes - 1].depth >= depth)
		keys->nmodes--;
}

void
late_forget(struct late_keys *keys)
{
	late_set_free(&keys->transaction);
	free(keys->modes);
	keys->modes = NULL;
	keys->nmodes = 0;
}
