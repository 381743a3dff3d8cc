/*
 * Compares roles, logins and rights with what must hold, and changes what differs, by the statements of roles_check.c.
 */
#include "workers/postgres/store/roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define ROLES_TIMEOUT_MS 30000

/* Keeps verifiers out of the log of a server that logs every statement, and out of pg_stat_activity. A setting that may
 * not be set stays as it is. Waiting for a client's locks is bounded. */
const char roles_prelude[] =
    "select set_config(name, value, false) from (values ('log_statement', 'none'), ('log_min_duration_statement', "
    "'-1'), ('log_min_error_statement', 'panic'), ('log_duration', 'off'), ('track_activities', 'off'), "
    "('pg_stat_statements.track_utility', 'off')) s(name, value) where has_parameter_privilege(name, 'SET');"
    "set lock_timeout = '5s';";

/* The steps: a query, what it checks, and when it is run; a step that checks nothing is run for its effect alone. When
 * the logins exist, the rest has been set up once, too. */
static const struct {
	const char *check;
	unsigned extent;
	unsigned when;
} roles_steps[] = {
	{ roles_prelude, 0, ROLES_VERIFIERS | ROLES_OBJECTS },
	{ roles_check_rights, ROLES_OBJECTS, ROLES_OBJECTS },
	{ roles_check_objects, ROLES_OBJECTS, ROLES_OBJECTS },
	{ roles_check_logins, ROLES_LOGINS | ROLES_VERIFIERS, ROLES_LOGINS | ROLES_VERIFIERS },
};
#define ROLES_STEPS (sizeof(roles_steps) / sizeof(roles_steps[0]))

static void roles_begin_step(struct roles *roles);
static void roles_step_done(void *context, PGresult *result, const struct script_failure *failure);

static void
roles_end(struct roles *roles, const struct script_failure *failure)
{
	roles->done(roles->context, roles->repaired, failure);
}

static void
roles_put_verifiers(const struct roles *roles, FILE *file)
{
	for (unsigned i = 0; i < roles->credentials->count; i++) {
		const struct pg_credential *row = &roles->credentials->rows[i];

		/* bibd_system has just logged in, so its own password is right. */
		if (row->verifier[0] != '\0' && !row->pending && pg_credentials_in_use(roles->credentials, row->login))
			(void)fprintf(file, "alter role %s password '%s';", row->login, row->verifier);
	}
}

/* Runs what a check answered, and after it the passwords if they are wanted: one transaction. */
static void
roles_run(struct roles *roles, PGresult *result, bool verifiers)
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
		roles_step_done(roles, NULL, NULL);
	else
		script_run(roles->script, text, ROLES_TIMEOUT_MS, roles_step_done, roles);
	if (text != NULL)
		explicit_bzero(text, size);
	free(text);
}

static bool
roles_has_new(PGresult *result)
{
	for (int i = 0; i < PQntuples(result); i++)
		if (PQgetvalue(result, i, 0)[0] == 'n')
			return true;
	return false;
}

static void
roles_checked(void *context, PGresult *result, const struct script_failure *failure)
{
	struct roles *roles = context;

	if (failure != NULL || roles_steps[roles->step].extent == 0) {
		roles_step_done(roles, NULL, failure);
	} else if ((roles->extent & ROLES_NEW) != 0 && roles_has_new(result)) {
		roles->extent = ROLES_ALL;
		roles->step = 0;
		roles_begin_step(roles);
	} else {
		roles_run(roles, result, (roles_steps[roles->step].extent & roles->extent & ROLES_VERIFIERS) != 0);
	}
}

/* Begins the step, or the first one after it that is asked for. */
static void
roles_begin_step(struct roles *roles)
{
	const char side[2] = { roles->credentials->side, '\0' };
	const char *const parameters[] = { side, roles->lock ? "t" : "f" };

	while (roles->step < ROLES_STEPS && (roles->extent & roles_steps[roles->step].when) == 0)
		roles->step++;
	if (roles->step == ROLES_STEPS)
		roles_end(roles, NULL);
	else if (roles_steps[roles->step].check == roles_check_logins)
		script_run_with(roles->script, roles_check_logins, 2, parameters, ROLES_TIMEOUT_MS, roles_checked,
		    roles);
	else
		script_run(roles->script, roles_steps[roles->step].check, ROLES_TIMEOUT_MS, roles_checked, roles);
}

/* When rights could not be given, the node still works: that is logged, and tried again at the next start. */
static void
roles_step_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct roles *roles = context;

	(void)result;
	if (failure != NULL && !failure->lost && roles_steps[roles->step].extent == ROLES_OBJECTS)
		log_warning("cannot correct the rights in the database: %s (%s)", failure->message, failure->state);
	else if (failure != NULL) {
		roles_end(roles, failure);
		return;
	}
	roles->step++;
	roles_begin_step(roles);
}

void
roles_ensure(struct roles *roles, struct script *script, const struct pg_credentials *credentials, unsigned extent,
    bool lock, roles_done_fn *done, void *context)
{
	*roles = (struct roles) { .script = script,
		.credentials = credentials,
		.extent = extent,
		.lock = lock,
		.done = done,
		.context = context };
	roles_begin_step(roles);
}
