/* What the server reports of a connection: ParameterStatus. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

void
backend_parameter_set(struct backend *backend, const char *name, const char *value)
{
	struct backend_parameter *free_one = NULL;

	for (unsigned i = 0; i < BACKEND_PARAMETERS_MAX; i++) {
		struct backend_parameter *parameter = &backend->parameters[i];
		char *copy;

		if (parameter->name == NULL) {
			free_one = parameter;
			break;
		}
		if (strcmp(parameter->name, name) != 0)
			continue;
		if ((copy = strdup(value)) == NULL)
			return;
		free(parameter->value);
		parameter->value = copy;
		return;
	}
	if (free_one == NULL)
		return;
	free_one->name = strdup(name);
	free_one->value = strdup(value);
	if (free_one->name == NULL || free_one->value == NULL) {
		free(free_one->name);
		free(free_one->value);
		*free_one = (struct backend_parameter) { 0 };
	}
}

void
backend_parameters_free(struct backend *backend)
{
	for (unsigned i = 0; i < BACKEND_PARAMETERS_MAX; i++) {
		free(backend->parameters[i].name);
		free(backend->parameters[i].value);
		backend->parameters[i] = (struct backend_parameter) { 0 };
	}
}

void
backend_parameters_report(const struct backend *backend, struct pg_settings *settings)
{
	struct pg_settings_report *report = &settings->reports[backend->role];
	struct pgwire_buffer messages = { 0 };

	for (unsigned i = 0; i < BACKEND_PARAMETERS_MAX && backend->parameters[i].name != NULL; i++)
		pgwire_put_parameter_status(&messages, backend->parameters[i].name, backend->parameters[i].value);
	if (messages.failed) {
		pgwire_buffer_free(&messages);
		return;
	}
	free(report->messages);
	*report = (struct pg_settings_report) { .messages = messages.data,
		.size = messages.end,
		.generation = backend->pool->generation };
}
