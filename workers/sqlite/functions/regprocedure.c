/* regprocedure: a function by its name and the types of its arguments, as in lower(text). */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/own_regproc.h"

/* Input and output of arrays, which pg_type names; they are none that a text calls. */
static const struct {
	int64_t oid;
	const char *text;
} own[] = {
	{ 750, "array_in(cstring,oid,integer)" },
	{ 751, "array_out(anyarray)" },
	{ 13564, "plpgsql_call_handler()" },
	{ 13565, "plpgsql_inline_handler(internal)" },
	{ 13569, "plpgsql_validator(oid)" },
};
#define NOWN (sizeof(own) / sizeof(own[0]))

/* "name(type,type)"; malloc'ed, NULL when memory is out. */
static char *
signature_of(const struct function_fact *fact)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	fprintf(out, "%s(", fact->name);
	for (unsigned i = 0; i < fact->narguments; i++) {
		char *type = type_format(fact->arguments[i], TYPE_WITHOUT_TYPMOD);

		fprintf(out, "%s%s", i > 0 ? "," : "", type == NULL ? "-" : type);
		free(type);
	}
	fputc(')', out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* The same without blanks around commas and parentheses, which is how people write it. */
static bool
is_signature(const char *signature, const char *text)
{
	while (*signature != '\0' || *text != '\0') {
		while (*text == ' ' && (strchr(",()", *signature) != NULL || *signature == '\0'))
			text++;
		if (*signature != *text)
			return false;
		if (*signature != '\0' && strchr(",(", *signature) != NULL)
			text += strspn(text + 1, " ");
		signature++;
		text++;
	}
	return true;
}

/* Its OID; 0: there is none, or memory is out. */
static int64_t
find_procedure(const char *text)
{
	const struct function_fact *fact;
	int64_t oid = 0;

	for (size_t i = 0; i < NOWN; i++)
		if (is_signature(own[i].text, text))
			return own[i].oid;
	for (size_t i = 0; oid == 0 && (fact = function_fact_by_index(i)) != NULL; i++) {
		size_t length = strlen(fact->name);
		char *signature = strncmp(fact->name, text, length) == 0 ? signature_of(fact) : NULL;

		if (signature != NULL && is_signature(signature, text))
			oid = fact->oid;
		free(signature);
	}
	return oid;
}

/* One of the file's own. */
static int64_t
find_own(sqlite3_context *c, const char *text)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	char *name, *types;
	int64_t oid = 0;

	if (close == NULL || close < open)
		return 0;
	name = strndup(text, (size_t)(open - text));
	types = strndup(open + 1, (size_t)(close - open - 1));
	if (name != NULL && types != NULL && own_regproc_find(c, name, types, &oid) == 0)
		oid = 0;
	free(types);
	free(name);
	return oid;
}

void
catalog_regprocedure_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	int64_t oid;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_INTEGER || (length > 0 && strspn(text, "0123456789") == length)) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
		return;
	}
	text += strncmp(text, "pg_catalog.", 11) == 0 ? 11 : 0;
	if (strchr(text, '(') == NULL)
		function_fail(c, SQLSTATE_INVALID_TEXT_REPRESENTATION, "expected a left parenthesis");
	else if ((oid = find_procedure(text)) != 0 || (oid = find_own(c, text)) != 0)
		sqlite3_result_int64(c, oid);
	else
		function_fail(c, SQLSTATE_UNDEFINED_FUNCTION, "function \"%s\" does not exist", text);
}

void
catalog_regprocedure_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t oid = sqlite3_value_int64(argv[0]);
	const struct function_fact *fact = function_fact_by_oid((uint32_t)oid);
	char *text;

	(void)argc;
	for (size_t i = 0; i < NOWN; i++)
		if (own[i].oid == oid) {
			function_result_string(c, own[i].text);
			return;
		}
	if (fact == NULL && (text = own_regproc_show(c, oid, true)) == NULL) {
		function_result_string(c, oid == 0 ? "-" : (const char *)sqlite3_value_text(argv[0]));
		return;
	}
	if (fact != NULL && (text = signature_of(fact)) == NULL)
		sqlite3_result_error_nomem(c);
	else
		function_result_string(c, text);
	free(text);
}
