/* The commands about sessions: clients, kill, pause, resume, and restart server. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/control/bibctl/bibctl.h"
#include "workers/control/request/answer.h"

/* ---- the list ---- */

static int
clients_compare(const void *a, const void *b)
{
	const struct client_row *x = a, *y = b;

	if (x->connected_us != y->connected_us)
		return x->connected_us < y->connected_us ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* The rows of the list, malloc'ed, which point into it; NULL with the error set. */
static struct client_row *
clients_parse(char *list, size_t size, size_t *n, struct error *e)
{
	size_t lines = 0;
	struct client_row *rows;
	char *line, *newline;

	for (size_t i = 0; i < size; i++)
		lines += list[i] == '\n';
	*n = 0;
	if ((rows = calloc(lines + 1, sizeof(*rows))) == NULL) {
		(void)error_set_errno(e, STATUS_OS, "control.memory", "cannot hold the list of %zu clients", lines);
		return NULL;
	}
	for (line = list; *n < lines && (newline = strchr(line, '\n')) != NULL; line = newline + 1) {
		*newline = '\0';
		if (client_list_read(line, &rows[*n]) == -1)
			break;
		(*n)++;
	}
	if (*n < lines) {
		free(rows);
		(void)error_set(e, STATUS_BUG, "control.incomplete",
		    "line %zu of the list of clients is not as it should be", *n + 1);
		return NULL;
	}
	qsort(rows, *n, sizeof(*rows), clients_compare);
	return rows;
}

int
bibctl_ask_clients(struct commands_answer *answer, struct bibctl *bibctl, struct bibctl_client_list *list, int64_t ms)
{
	size_t size = 0;

	*list = (struct bibctl_client_list) { .n = 0 };
	commands_ask(answer, bibctl, MESSAGE_CLIENTS_REQUEST, ms);
	if (answer->result.status == STATUS_OK && answer->fd == -1)
		(void)error_set(&answer->result, STATUS_BUG, "control.incomplete",
		    "bibd answered without a list of clients");
	if (answer->result.status == STATUS_OK &&
	    (list->text = memfd_read(answer->fd, CLIENT_LIST_MAX, &size, &answer->result)) != NULL)
		list->rows = clients_parse(list->text, size, &list->n, &answer->result);
	if (answer->fd != -1)
		close(answer->fd);
	if (list->rows != NULL)
		return 0;
	bibctl_free_clients(list);
	return -1;
}

void
bibctl_free_clients(struct bibctl_client_list *list)
{
	free(list->rows);
	free(list->text);
	*list = (struct bibctl_client_list) { .n = 0 };
}

int
bibctl_clients(struct bibctl *bibctl)
{
	struct bibctl_client_list list;
	struct commands_answer answer;

	if (bibctl_ask_clients(&answer, bibctl, &list, BIBCTL_ANSWER_MS) == -1)
		return commands_finish(&answer, "");
	bibctl->output->clients(&bibctl->render, list.rows, list.n);
	bibctl_free_clients(&list);
	return STATUS_OK;
}

/* ---- orders ---- */

static int
clients_order(struct bibctl *bibctl, enum message_type type, int64_t ms)
{
	struct commands_answer answer;

	commands_ask(&answer, bibctl, type, ms);
	return commands_finish(&answer, "");
}

int
bibctl_kill(struct bibctl *bibctl)
{
	return clients_order(bibctl, MESSAGE_KILL_REQUEST, BIBCTL_ANSWER_MS);
}

int
bibctl_pause(struct bibctl *bibctl)
{
	return clients_order(bibctl, MESSAGE_PAUSE_REQUEST, BIBCTL_STOP_MS);
}

int
bibctl_resume(struct bibctl *bibctl)
{
	return clients_order(bibctl, MESSAGE_RESUME_REQUEST, BIBCTL_ANSWER_MS);
}

int
bibctl_restart_server(struct bibctl *bibctl)
{
	return clients_order(bibctl, MESSAGE_RESTART_REQUEST, BIBCTL_STOP_MS);
}
