/*
 * Compares the files with the record of what was run: which have changed, are missing or out of order, and which file
 * is next.
 */
#include "workers/migrations/migrations.h"

#include <stdlib.h>
#include <string.h>

const char *const migration_origin_names[] = { [MIGRATION_BIBD] = "bibd", [MIGRATION_APPLICATION] = "application" };
_Static_assert(sizeof(migration_origin_names) / sizeof(migration_origin_names[0]) == MIGRATION_ORIGINS,
    "one name for each origin");

void
migrations_free(struct migrations *migrations)
{
	for (size_t i = 0; i < migrations->count; i++) {
		free(migrations->rows[i].file);
		free(migrations->rows[i].name);
		free(migrations->rows[i].sql);
	}
	free(migrations->rows);
	*migrations = (struct migrations) { .rows = NULL };
}

static struct migration *
migrations_find(const struct migrations *migrations, const struct migration_applied *row)
{
	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->rows[i];

		if (migration->number == row->number &&
		    strcmp(migration_origin_names[migration->origin], row->origin) == 0)
			return migration;
	}
	return NULL;
}

/* Compares one row of the record with its file. */
static int
migrations_check_row(const struct migrations *migrations, const struct migration_applied *row, struct error *e)
{
	struct migration *migration;

	if (row->origin == NULL || row->name == NULL || row->checksum == NULL)
		return error_set(e, STATUS_CONFIG, "migrations.record",
		    "the record of migrations has a row without a value");
	if ((migration = migrations_find(migrations, row)) == NULL)
		return error_set(e, STATUS_CONFIG, "migrations.missing",
		    "migration %04u_%.128s.sql (%.16s) was run on this store and its file is missing: put it back",
		    row->number, row->name, row->origin);
	if (strcmp(migration->name, row->name) != 0)
		return error_set(e, STATUS_CONFIG, "migrations.changed",
		    "migration %s (%s) was run on this store under the name %04u_%.128s.sql: rename it back",
		    migration->file, row->origin, row->number, row->name);
	if (strcmp(migration->checksum, row->checksum) != 0)
		return error_set(e, STATUS_CONFIG, "migrations.changed",
		    "migration %s (%s) was changed after it was run on this store: "
		    "restore the file and put the change into a new one",
		    migration->file, row->origin);
	if (migration->applied)
		return error_set(e, STATUS_CONFIG, "migrations.record", "the record of migrations has %s (%s) twice",
		    migration->file, row->origin);
	migration->applied = true;
	return 0;
}

/* Numbers are the order: a file must not slip in before one that has run. */
static int
migrations_check_order(const struct migrations *migrations, struct error *e)
{
	const struct migration *waiting = NULL;

	for (size_t i = 0; i < migrations->count; i++) {
		const struct migration *migration = &migrations->rows[i];

		if (waiting != NULL && waiting->origin != migration->origin)
			waiting = NULL;
		if (!migration->applied && waiting == NULL)
			waiting = migration;
		if (migration->applied && waiting != NULL)
			return error_set(e, STATUS_CONFIG, "migrations.order",
			    "migration %s (%s) has not run, but %s after it has: give it a higher number",
			    waiting->file, migration_origin_names[waiting->origin], migration->file);
	}
	return 0;
}

int
migrations_check(struct migrations *migrations, const struct migration_applied *applied, size_t napplied,
    struct error *e)
{
	for (size_t i = 0; i < migrations->count; i++)
		migrations->rows[i].applied = false;
	for (size_t i = 0; i < napplied; i++)
		if (migrations_check_row(migrations, &applied[i], e) == -1)
			return -1;
	return migrations_check_order(migrations, e);
}

const struct migration *
migrations_next(const struct migrations *migrations, size_t *cursor)
{
	while (*cursor < migrations->count) {
		const struct migration *migration = &migrations->rows[(*cursor)++];

		if (!migration->applied)
			return migration;
	}
	return NULL;
}
