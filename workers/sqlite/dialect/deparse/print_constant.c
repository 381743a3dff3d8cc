/*
 * Prints names, types and constants.
 */
#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"
#include "workers/sqlite/memory/memory.h"

/* Whether PostgreSQL reads the word as a name wherever one may stand. */
static bool
is_free_word(const char *name)
{
	bool before = memory_guard(false), free_word = false;
	PgQueryScanResult result = pg_query_scan(name);
	PgQuery__ScanResult *scan = NULL;

	if (result.error == NULL)
		scan = pg_query__scan_result__unpack(NULL, result.pbuf.len, (const uint8_t *)result.pbuf.data);
	if (scan != NULL && scan->n_tokens == 1)
		free_word = scan->tokens[0]->keyword_kind == PG_QUERY__KEYWORD_KIND__NO_KEYWORD ||
		    scan->tokens[0]->keyword_kind == PG_QUERY__KEYWORD_KIND__UNRESERVED_KEYWORD;
	if (scan != NULL)
		pg_query__scan_result__free_unpacked(scan, NULL);
	pg_query_free_scan_result(result);
	(void)memory_guard(before);
	return free_word;
}

void
deparse_put_name(struct deparse_printer *p, const char *name)
{
	bool plain = *name == '_' || (*name >= 'a' && *name <= 'z');

	plain = plain && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
	/* A name with what marks the parts of a kept text: there is none. */
	for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++)
		p->out->failed |= *c < ' ';
	if (plain && is_free_word(name))
		deparse_put(p, name);
	else
		sql_text_put_identifier(p->out, name);
}

void
deparse_put_type(struct deparse_printer *p, uint32_t oid, int32_t typmod)
{
	uint32_t element = type_element(oid);
	bool temporary;
	int64_t number;
	char *text;

	if (type_is_user(oid)) {
		/* What says which table's rows they are does not last. */
		p->out->failed |= type_is_of_table(element != 0 ? element : oid, &temporary, &number);
		sql_text_format(p->out, "%ct%u%c", KEPT_OWN_BEGIN, (unsigned)oid, KEPT_OWN_END);
		return;
	}
	text = oid == TYPE_BPCHAR && typmod < 0 ? NULL : type_format(oid, typmod);
	p->out->failed |= oid == TYPE_RECORD || (type_by_oid(oid) == NULL && !type_is_array(oid));
	deparse_put(p, text != NULL ? text : "bpchar");
	free(text);
}

void
deparse_put_constant(struct deparse_printer *p, const struct deparse_node *node, int label)
{
	bool needed = true;

	if (node->text == NULL) {
		deparse_put(p, "NULL");
		needed = label >= 0 && node->oid != TYPE_UNKNOWN;
		label = needed ? 1 : -1;
	} else if (node->oid == TYPE_BOOL || (node->oid == TYPE_INT4 && node->text[0] != '-')) {
		deparse_put(p, node->text);
		needed = false;
	} else if (node->oid == TYPE_NUMERIC && node->text[0] >= '0' && node->text[0] <= '9' &&
	    strpbrk(node->text, "eE.") != NULL) {
		deparse_put(p, node->text);
		needed = node->typmod >= 0;
	} else {
		if (node->values != NULL)
			sql_text_format(p->out, "%cv%u %s%c", KEPT_OWN_BEGIN, (unsigned)node->oid, node->values,
			    KEPT_OWN_END);
		else
			sql_text_put_string(p->out, node->text, strlen(node->text));
		needed = node->oid != TYPE_UNKNOWN;
	}
	if (label < 0 || (!needed && label == 0))
		return;
	deparse_put(p, "::");
	deparse_put_type(p, node->oid, node->typmod);
}
