/* What the server reports of a connection: ParameterStatus. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

void
server_parameter_set(struct server *server, const char *name, const char *value)
{
	struct server_parameter *free_one = NULL;

	for (unsigned i = 0; i < SERVER_PARAMETERS_MAX; i++) {
		struct server_parameter *parameter = &server->parameters[i];
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
		*free_one = (struct server_parameter) { 0 };
	}
}

void
server_parameters_free(struct server *server)
{
	for (unsigned i = 0; i < SERVER_PARAMETERS_MAX; i++) {
		free(server->parameters[i].name);
		free(server->parameters[i].value);
		server->parameters[i] = (struct server_parameter) { 0 };
	}
}

void
server_parameters_report(const struct server *server, struct settings *settings)
{
	struct settings_report *report = &settings->reports[server->role];
	struct pgwire_buffer messages = { 0 };

	for (unsigned i = 0; i < SERVER_PARAMETERS_MAX && server->parameters[i].name != NULL; i++)
		pgwire_put_parameter_status(&messages, server->parameters[i].name, server->parameters[i].value);
	if (messages.failed) {
		pgwire_buffer_free(&messages);
		return;
	}
	free(report->messages);
	*report = (struct settings_report) {
		.messages = messages.data, .size = messages.end, .generation = server->pool->generation
	};
}
