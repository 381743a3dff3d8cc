#include "workers/postgres/roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define ROLES_TIMEOUT_MS 30000

/* A server that logs every statement need not log verifiers. What may not be set stays as it is. Waiting for a client's
 * locks has its end. */
static const char roles_prelude[] =
    "select set_config(name, value, false) from (values ('log_statement', 'none'), ('log_min_duration_statement', '-1'),"
    " ('log_min_error_statement', 'panic'), ('log_duration', 'off')) s(name, value) where has_parameter_privilege(name, 'SET');"
    "set lock_timeout = '5s';";

static void
roles_end(struct roles *roles, const struct script_failure *failure)
{
	roles->done(roles->context, roles->repaired, failure);
}

static void
roles_put_verifiers(const struct roles *roles, FILE *file)
{
	for (unsigned i = 0; i < roles->credentials->count; i++) {
		const struct credential *row = &roles->credentials->rows[i];

		/* bibd_system has logged in with its own. */
		if (row->verifier[0] != '\0' && strcmp(row->login, CREDENTIALS_SYSTEM) != 0)
			(void)fprintf(file, "alter role %s password '%s';", row->login, row->verifier);
	}
}

/* Runs what a check answered, and after it the passwords if they are wanted: one transaction. */
static void
roles_run(struct roles *roles, PGresult *result, bool verifiers, script_done_fn *done)
{
	struct script_failure failure = { .state = "53200", .message = "out of memory" };
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	if (file == NULL) {
		roles_end(roles, &failure);
		return;
	}
	for (int i = 0; i < PQntuples(result); i++) {
		roles->repaired += PQgetvalue(result, i, 0)[0] == 'l';
		(void)fprintf(file, "%s;", PQgetvalue(result, i, 1));
	}
	if (verifiers)
		roles_put_verifiers(roles, file);
	if (fclose(file) != 0)
		roles_end(roles, &failure);
	else if (size == 0)
		done(roles, NULL, NULL);
	else
		script_run(roles->script, text, ROLES_TIMEOUT_MS, done, roles);
	if (text != NULL)
		explicit_bzero(text, size);
	free(text);
}

/* Rights that could not be given leave a node that works: it is said, and tried again at the next start. */
static void
roles_objects_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct roles *roles = context;

	(void)result;
	if (failure != NULL && !failure->lost) {
		log_warning("cannot put the rights of the database's objects right: %s (%s)", failure->message, failure->state);
		failure = NULL;
	}
	roles_end(roles, failure);
}

static void
roles_objects_checked(void *context, PGresult *result, const struct script_failure *failure)
{
	if (failure != NULL)
		roles_objects_done(context, NULL, failure);
	else
		roles_run(context, result, false, roles_objects_done);
}

static void
roles_logins_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct roles *roles = context;

	(void)result;
	if (failure != NULL || (roles->extent & ROLES_OBJECTS) == 0)
		roles_end(roles, failure);
	else
		script_run(roles->script, roles_check_objects, ROLES_TIMEOUT_MS, roles_objects_checked, roles);
}

static void
roles_logins_checked(void *context, PGresult *result, const struct script_failure *failure)
{
	struct roles *roles = context;

	if (failure != NULL)
		roles_end(roles, failure);
	else
		roles_run(roles, result, (roles->extent & ROLES_VERIFIERS) != 0, roles_logins_done);
}

static void
roles_prepared(void *context, PGresult *result, const struct script_failure *failure)
{
	struct roles *roles = context;

	(void)result;
	if (failure != NULL)
		roles_end(roles, failure);
	else
		script_run(roles->script, roles_check_logins, ROLES_TIMEOUT_MS, roles_logins_checked, roles);
}

void
roles_ensure(struct roles *roles, struct script *script, const struct credentials *credentials, unsigned extent,
    roles_done_fn *done, void *context)
{
	*roles = (struct roles) {
		.script = script, .credentials = credentials, .extent = extent, .done = done, .context = context
	};
	if ((extent & ROLES_OBJECTS) != 0)
		script_run(script, roles_prelude, ROLES_TIMEOUT_MS, roles_prepared, roles);
	else
		script_run(script, roles_check_logins, ROLES_TIMEOUT_MS, roles_logins_checked, roles);
}
