/*
 * The tree of a table's partitions, and what PARTITION BY said.
 */
#include "workers/sqlite/dialect/partition.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/partition.h"

const struct schema_table *
partition_root(struct translator *t, const struct schema_table *table)
{
	const char *schema = table->schema;

	for (unsigned level = 0; table != NULL && table->partition != NULL; level++) {
		const char *parent = table->partition->parent;

		if (level == PARTITION_LEVELS_MAX || (table = schema_find_table(t->schema, schema, parent)) == NULL) {
			(void)translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR, "partitioned table \"%s\" was not found",
			    parent);
			return NULL;
		}
	}
	return table;
}

struct partition *
partition_find(const struct partition_tree *tree, const char *name)
{
	for (struct partition *p = tree->partitions; p != NULL; p = p->next)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

const char *
partition_key_of(const struct partition_tree *tree, const char *name)
{
	const struct partition *found = partition_find(tree, name);

	return found != NULL ? found->key : strcmp(tree->root->name, name) == 0 ? tree->root->partition_key : NULL;
}

static struct partition *
make_partition(struct translator *t, const char *name, const struct schema_partition *mark)
{
	struct partition *p = translator_alloc(t, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->name = translator_copy(t, name);
	p->parent = translator_copy(t, mark->parent);
	p->bound = translator_copy(t, mark->bound);
	p->key = mark->key == NULL ? NULL : translator_copy(t, mark->key);
	p->own = mark->own == NULL ? NULL : translator_copy(t, mark->own);
	return p->name == NULL || p->parent == NULL || p->bound == NULL ? NULL : p;
}

/* All partitions of the file, of whatever table. */
static int
load_all(struct translator *t, const char *schema, struct partition **list)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), schema, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		struct schema_partition mark;

		if (objects.items[i].type != 'P' || (result = schema_partition_take(objects.items[i].sql, &mark)) == 0)
			continue;
		if (result == -1) {
			(void)translate_out_of_memory(t);
			break;
		}
		*list = make_partition(t, objects.items[i].name, &mark);
		result = *list == NULL ? -1 : 0;
		list = result == -1 ? list : &(*list)->next;
		schema_partition_free(&mark);
	}
	schema_objects_free(&objects);
	return result;
}

/* Those below the root are kept: what lies below what was kept already is found by going over the rest again. */
int
partition_load(struct translator *t, const struct schema_table *root, struct partition_tree *tree)
{
	struct partition *all = NULL, **end;
	bool found = true;

	*tree = (struct partition_tree) { .root = root };
	if (load_all(t, root->schema, &all) == -1)
		return -1;
	end = &tree->partitions;
	while (found) {
		found = false;
		for (struct partition **at = &all; *at != NULL;) {
			struct partition *p = *at;

			if (partition_key_of(tree, p->parent) == NULL) {
				at = &p->next;
				continue;
			}
			*at = p->next;
			p->next = NULL;
			*end = p;
			end = &p->next;
			found = true;
		}
	}
	return 0;
}

/* ---- texts as trees ---- */

/* The expression that a text is; it lives as long as the translator. */
static const PgQuery__Node *
parse(struct translator *t, const char *text)
{
	const char *query = translator_format(t, "SELECT %s", text);
	const PgQuery__SelectStmt *select = query == NULL ? NULL : view_parse(t, query);

	if (select != NULL && select->n_target_list == 1)
		return select->target_list[0]->res_target->val;
	if (t->report->state != SQLSTATE_SUCCESSFUL_COMPLETION)
		return NULL;
	translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR, "what is kept of a partition cannot be read: %s", text);
	return NULL;
}

/* The text is not the client's: its literals stay where they are, and it sees nothing of the statement around. */
int
partition_emit_text(struct translator *t, const struct schema_table *table, const char *alias, bool bare,
    const char *text, struct expression *type)
{
	const PgQuery__Node *node = parse(t, text);
	struct dialect_text plain = *t->text;
	const struct dialect_text *own = t->text;
	struct scope *scope = t->scope, inner;
	struct scope_cte *ctes = t->ctes;
	bool lift = t->lift, partition = t->partition;
	int result = -1;

	if (node == NULL)
		return -1;
	plain.variables = NULL;
	t->text = &plain;
	t->lift = false;
	t->partition = true;
	t->ctes = NULL;
	translate_scope_open(t, &inner);
	inner.outer = NULL;
	if (table == NULL || translate_scope_table(t, table, alias, bare) != NULL)
		result = translate_expression(t, node, type) < 0 ? -1 : 0;
	t->text = own;
	t->lift = lift;
	t->partition = partition;
	t->scope = scope;
	t->ctes = ctes;
	return result;
}

/* ---- keys ---- */

/* Behind the quote that ends what begins at p. */
static const char *
skip_quoted(const char *p)
{
	char quote = *p;

	while (*++p != '\0')
		if (*p == quote && *++p != quote)
			break;
	return p;
}

int
partition_split(struct translator *t, const char *list, const char **items, unsigned max, unsigned *n, const char **end)
{
	const char *from = list;
	unsigned depth = 0;

	*n = 0;
	for (const char *p = list; *p != '\0';) {
		if (*p == '\'' || *p == '"') {
			p = skip_quoted(p);
			continue;
		}
		if (depth == 0 && (*p == ',' || *p == ')')) {
			if (*n == max)
				return translate_refuse(t, -1, "a bound of so many values");
			if ((items[(*n)++] = translator_format(t, "%.*s", (int)(p - from), from)) == NULL)
				return -1;
			if (*p == ')') {
				*end = p + 1;
				return 0;
			}
			from = p + 1 + strspn(p + 1, " ");
		}
		depth += *p == '(';
		depth -= *p == ')';
		p++;
	}
	return translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR, "what is kept of a partition cannot be read: %s", list);
}

int
partition_read_key(struct translator *t, const struct schema_table *root, const char *text, struct partition_key *key)
{
	const char *items[PARTITION_KEYS_MAX], *open = strchr(text, '('), *end;
	size_t start = t->out.length;

	*key = (struct partition_key) { .strategy = *text == 'L' ? 'l' : *text == 'R' ? 'r' : 'h' };
	if (open == NULL || partition_split(t, open + 1, items, PARTITION_KEYS_MAX, &key->n, &end) == -1)
		return -1;
	for (unsigned i = 0; i < key->n; i++) {
		struct expression e = { 0 };

		key->parts[i].text = items[i];
		if ((key->parts[i].node = parse(t, items[i])) == NULL ||
		    partition_emit_text(t, root, root->name, false, items[i], &e) == -1)
			return -1;
		sql_text_cut(&t->out, start);
		key->parts[i].oid = e.oid;
		key->parts[i].typmod = e.typmod;
	}
	return 0;
}
