/*
 * Puts the configuration's path into a text that advises a bibctl command, so that the command can be run as it is
 * printed.
 */
#include "common/advice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#ifndef BIBD_SYSCONFDIR
#define BIBD_SYSCONFDIR "/usr/local/etc"
#endif
#define ADVICE_DEFAULT_PATH BIBD_SYSCONFDIR "/bibd/bibd.yaml"
#define ADVICE_COMMAND "bibctl credentials reset"
#define ADVICE_IDENTITY " --identity"

void
advice_name_configuration(char *text, size_t size, const char *conf_path)
{
	char *command = strstr(text, ADVICE_COMMAND), *rest, *completed;
	size_t length;

	if (command == NULL || strcmp(conf_path, ADVICE_DEFAULT_PATH) == 0)
		return;
	rest = command + strlen(ADVICE_COMMAND);
	if (strncmp(rest, ADVICE_IDENTITY, strlen(ADVICE_IDENTITY)) == 0)
		rest += strlen(ADVICE_IDENTITY);
	length = strlen(text) + strlen(" -f ") + strlen(conf_path) + 1;
	if (length > size || (completed = malloc(length)) == NULL)
		return;
	(void)snprintf(completed, length, "%.*s -f %s%s", (int)(rest - text), text, conf_path, rest);
	(void)strlcpy(text, completed, size);
	free(completed);
}
