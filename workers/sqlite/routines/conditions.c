/*
 * What RAISE and EXCEPTION call an error.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/routines/tree.h"

static const struct {
	const char *name, *code;
} conditions[] = {
#define CONDITION(name, code) { name, code },
#include "workers/sqlite/routines/conditions.def"
#undef CONDITION
};

const char *
routine_condition_code(const char *name, unsigned number)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
		if (strcmp(conditions[i].name, name) == 0 && number-- == 0)
			return conditions[i].code;
	return NULL;
}

void
routine_set_code(char code[6], const char *text)
{
	(void)snprintf(code, 6, "%s", text);
}

/* "" is OTHERS, which means neither a cancel nor a failed ASSERT. A code that ends in 000 is that of a whole class. */
static bool
is_meant(const char *condition, const char *code)
{
	if (condition[0] == '\0')
		return strcmp(code, "57014") != 0 && strcmp(code, "P0004") != 0;
	return strcmp(condition, code) == 0 || (strcmp(condition + 2, "000") == 0 && strncmp(condition, code, 2) == 0);
}

bool
routine_condition_matches(const struct routine_condition *condition, const char *code)
{
	while (condition != NULL && !is_meant(condition->code, code))
		condition = condition->next;
	return condition != NULL;
}
