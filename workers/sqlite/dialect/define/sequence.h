/*
 * Private to DDL: sequences, those of their own and those of columns.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_SEQUENCE_H
#define BIBD_SQLITE_DIALECT_DEFINE_SEQUENCE_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/sequence.h"

/* ---- options.c ---- */

/* What the options say beside the sequence's numbers. */
struct define_sequence_extra {
	const PgQuery__List *owned_by; /* NULL: the options do not say it */
	const PgQuery__List *name;     /* SEQUENCE NAME of an identity column */
};

/* Applies options to a sequence: a new one (`fresh`: with all defaults, of type oid), or one that is there and stands
 * at s->at. RESTART gives it a new identity. */
int define_apply_options(struct translator *t, struct schema_sequence *s, PgQuery__Node *const *options, size_t n,
    bool fresh, uint32_t oid, struct define_sequence_extra *extra);

/* ---- sequence.c ---- */

/* Writes the CREATE VIEW of a sequence; and, to replace one, the DROP VIEW before it. */
int define_emit_sequence(struct translator *t, const struct schema_sequence *s, const char *schema, const char *name);
int define_replace_sequence(struct translator *t, const struct schema_sequence *s, const char *schema,
    const char *name);
/* Reads where the sequence stands now into s->at. */
int define_read_position(struct translator *t, struct schema_sequence *s, const char *schema, const char *name);
/* Makes the column's values come from a sequence that is to be made with the table: its default draws from it. */
int define_add_sequence(struct translator *t, struct definition *d, unsigned column, uint32_t oid, bool internal,
    PgQuery__Node *const *options, size_t n);

/* The same with a sequence that counts as another does. */
int define_copy_sequence(struct translator *t, struct definition *d, unsigned column, const struct schema_sequence *s);

/* ---- owned.c ---- */

/* Writes DROP VIEW for the sequences that the table (or, not NULL, its column) owns; refused while another table's
 * default draws from one (2BP01). */
int define_drop_owned(struct translator *t, const char *schema, const char *table, const char *column,
    const struct definition_names *besides, bool cascade);
/* Whether a column of the table owns a sequence. */
bool define_owns_sequence(struct translator *t, const char *schema, const char *table);
/* Makes the sequences of the table again, begun anew; and under the owner's new name, which is a column's or, column
 * NULL, the table's. */
int define_restart_owned(struct translator *t, const char *schema, const char *table);
int define_rename_owner(struct translator *t, const char *schema, const char *table, const char *column,
    const char *new_name);
/* Where defaults draw from the sequence: 2BP01, or, with `cascade`, those defaults are dropped. `besides`: tables
 * that are dropped anyway. */
int define_release_sequence(struct translator *t, const char *schema, const char *name,
    const struct definition_names *besides, bool cascade);
/* The sequence of an identity column; false: there is none. The caller frees both. */
bool define_find_identity(struct translator *t, const char *schema, const char *table, const char *column,
    struct schema_sequence *s, char **name);

#endif
