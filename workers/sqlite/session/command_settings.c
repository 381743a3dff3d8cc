/* SET, RESET and SHOW. */
#include <string.h>

#include "workers/sqlite/session/repository.h"
#include "workers/sqlite/session/command.h"

enum characteristic { SET_ISOLATION, SET_READ_ONLY, SET_DEFERRABLE };

/* Characteristics of the transaction at hand look like settings. */
static int
command_set_transaction(struct session *session, const struct dialect_plan *plan, enum characteristic which,
    struct report *r)
{
	struct dialect_plan as = { .kind = DIALECT_SET_TRANSACTION,
		.u.transaction = { .isolation = -1, .read_only = -1, .deferrable = -1 } };
	const char *value = plan->u.set.value == NULL ? "" : plan->u.set.value, *tag;

	int on = strcasecmp(value, "on") == 0 || strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;

	if (which == SET_ISOLATION) {
		for (int i = 0; i < ISOLATIONS; i++)
			if (strcasecmp(value, transaction_isolation_names[i]) == 0)
				as.u.transaction.isolation = i;
		if (strcasecmp(value, "read uncommitted") == 0)
			as.u.transaction.isolation = 0;
	} else if (which == SET_READ_ONLY)
		as.u.transaction.read_only = on;
	else
		as.u.transaction.deferrable = on;
	return transaction_command(session, &as, &tag, r);
}

static int
command_apply_set(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	const char *name = plan->u.set.name;

	if (strcasecmp(name, "transaction_isolation") == 0)
		return command_set_transaction(session, plan, SET_ISOLATION, r);
	if (strcasecmp(name, "transaction_read_only") == 0)
		return command_set_transaction(session, plan, SET_READ_ONLY, r);
	if (strcasecmp(name, "transaction_deferrable") == 0)
		return command_set_transaction(session, plan, SET_DEFERRABLE, r);
	/* SET LOCAL outside a transaction has no effect, as in PostgreSQL (which warns). */
	if (plan->u.set.local && session->transaction.block == TRANSACTION_NONE && session->routine_nested == 0)
		return 0;
	return settings_set(session->settings, name, plan->u.set.value, plan->u.set.local, r);
}

/* The connection at hand knows the settings that it needs; they may have changed. */
enum portal_result
command_settings_changed(struct session *session, struct portal *portal, int result)
{
	if (session->connection != NULL)
		session_attach(session, session->connection);
	return command_result(portal, result);
}

enum portal_result
command_set(struct session *session, struct portal *portal, struct report *r)
{
	return command_settings_changed(session, portal, command_apply_set(session, portal->shared->plan, r));
}

enum portal_result
command_reset(struct session *session, struct portal *portal, struct report *r)
{
	return command_settings_changed(session, portal,
	    settings_reset(session->settings, portal->shared->plan->u.set.name, r));
}

static void
command_put_field(struct pgwire_buffer *out, const char *text)
{
	size_t length = strlen(text);

	pgwire_put_int32(out, (uint32_t)length);
	pgwire_put_bytes(out, text, length);
}

void
command_put_row(struct session *session, struct portal *portal, const char *const *fields, unsigned n)
{
	size_t mark = pgwire_begin_message(&session->out, 'D');

	pgwire_put_int16(&session->out, (uint16_t)n);
	for (unsigned i = 0; i < n; i++)
		command_put_field(&session->out, fields[i]);
	pgwire_end_message(&session->out, mark);
	portal->rows++;
}

/* Outside a transaction, its characteristics are those that the next one will have. */
static const char *
command_shown_name(struct session *session, const char *name)
{
	if (session->transaction.block == TRANSACTION_OPEN || session->transaction.block == TRANSACTION_FAILED)
		return name;
	if (strcasecmp(name, "transaction_isolation") == 0)
		return "default_transaction_isolation";
	if (strcasecmp(name, "transaction_deferrable") == 0)
		return "default_transaction_deferrable";
	return strcasecmp(name, "transaction_read_only") == 0 ? "default_transaction_read_only" : name;
}

enum portal_result
command_show(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	const char *name, *value, *description;
	char moment[REPOSITORY_MOMENT_SIZE];

	if (plan->u.set.name != NULL) {
		name = command_shown_name(session, plan->u.set.name);
		if (repository_moment(session->sqlite, name, moment))
			value = moment;
		else if ((value = settings_get(session->settings, name, r)) == NULL)
			return PORTAL_FAILED;
		command_put_row(session, portal, &value, 1);
		return command_done(portal);
	}
	for (unsigned i = 0; settings_by_index(session->settings, i, &name, &value, &description); i++)
		command_put_row(session, portal, (const char *[]) { name, value, description }, 3);
	return command_done(portal);
}
