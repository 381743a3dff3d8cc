/*
 * Partitioned tables as the translator knows them: the tree of partitions, the condition that each bound is, and the
 * choice among them that says where a row is. What there is of them in the file: schema/partition.h.
 */
#ifndef BIBD_SQLITE_DIALECT_PARTITION_H
#define BIBD_SQLITE_DIALECT_PARTITION_H

#include "workers/sqlite/dialect/expression.h"

/* What PARTITION BY has at most, and how deep partitions of partitions may lie. */
#define PARTITION_KEYS_MAX 32
#define PARTITION_LEVELS_MAX 16

/* All lives as long as the translator. */
struct partition_part {
	const char *text;	   /* of the key: a column's name, or an expression in PostgreSQL's own text */
	const PgQuery__Node *node; /* the same as a tree */
	uint32_t oid;
	int32_t typmod;
};

struct partition_key {
	char strategy; /* as pg_partitioned_table has it: 'l', 'r', 'h' */
	unsigned n;
	struct partition_part parts[PARTITION_KEYS_MAX];
};

struct partition {
	struct partition *next;
	const char *name, *parent; /* stored names */
	const char *bound;	   /* see schema/partition.h */
	const char *key;	   /* NULL: it is not partitioned itself */
	const char *own;	   /* likewise; NULL: nothing */
};

struct partition_tree {
	const struct schema_table *root; /* the table that has the rows, also one that is only being made */
	struct partition *partitions;	 /* all below it, in the order in which they were made */
};

/* The table whose rows a partition's are; another table is its own. NULL: the report is filled. */
const struct schema_table *partition_root(struct translator *t, const struct schema_table *table);
int partition_load(struct translator *t, const struct schema_table *root, struct partition_tree *tree);
struct partition *partition_find(const struct partition_tree *tree, const char *name);
/* What the table of that name in the tree is partitioned by; NULL: it is not. */
const char *partition_key_of(const struct partition_tree *tree, const char *name);

/* What the bound of a hash partition says. */
struct partition_hash {
	int modulus, remainder;
};
int partition_read_hash(struct translator *t, const char *text, struct partition_hash *hash);
/* Reads a key's text; parts have their types. */
int partition_read_key(struct translator *t, const struct schema_table *root, const char *text,
    struct partition_key *key);
/* Cuts what stands in a list between commas of its own, up to the parenthesis that ends it; *end: behind that. */
int partition_split(struct translator *t, const char *list, const char **items, unsigned max, unsigned *n,
    const char **end);

/* partition_hash.c: whether values of the type can be a key of hash partitions; and "bibd:hash"(modulus, remainder,
 * values ...), which is the condition of one. */
#define PARTITION_HASH_CALL "bibd:hash"
bool partition_is_hashed(uint32_t oid);
bool partition_is_hash_call(const struct translator *t, const PgQuery__FuncCall *call);
int partition_hash_call(struct translator *t, const PgQuery__FuncCall *call, struct expression *type);

/* Appends, in PostgreSQL's words, the condition that a bound is: never NULL. The second has those of all above it. */
int partition_put_condition(struct translator *t, const struct partition_tree *tree, const struct partition *partition,
    struct sql_text *out);
int partition_put_whole_condition(struct translator *t, const struct partition_tree *tree,
    const struct partition *partition, struct sql_text *out);

/* Writes an expression in PostgreSQL's words over the columns of a table of that alias; `bare`: without it. table NULL:
 * over nothing. */
int partition_emit_text(struct translator *t, const struct schema_table *table, const char *alias, bool bare,
    const char *text, struct expression *type);

/* Writes CASE ... END over a row: what `leaf` writes for the partition that it is in, and `none` where there is none
 * below the table of that name. */
struct partition_choice {
	const struct partition_tree *tree;
	const struct schema_table *table; /* whose columns the row has; NULL: the root */
	const char *alias;
	bool bare;
	/* NULL, or writes " WHEN ... THEN ..." before what is within the partition, leaf or not; *any: it did. */
	int (*enter)(struct translator *t, const struct partition_choice *choice, const struct partition *partition,
	    bool *any);
	int (*leaf)(struct translator *t, const struct partition_choice *choice, const struct partition *partition);
	int (*none)(struct translator *t, const struct partition_choice *choice, const char *name);
};
int partition_emit_choice(struct translator *t, const struct partition_choice *choice, const char *name);

/* Writes the OID of the table that a row of this one is in. */
int partition_emit_tableoid(struct translator *t, const struct schema_table *table, const char *alias, bool bare);

#endif
