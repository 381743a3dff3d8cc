/*
 * Makes the state of bibd-control and hands each listening socket to what is served on it.
 */
#include "workers/control/control.h"

#include <stdlib.h>
#include <unistd.h>

int
control_start(struct worker *worker, struct error *e)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL)
		return error_set_errno(e, STATUS_OS, "control.memory", "cannot start serving bibctl");
	control->worker = worker;
	for (size_t i = 0; i < LISTEN_PURPOSES; i++)
		control->acceptors[i].watch.fd = -1;
	TAILQ_INIT(&control->clients);
	TAILQ_INIT(&control->http.connections);
	if (control_events_open(&control->events, e) == -1) {
		free(control);
		return -1;
	}
	worker->state = control;
	return 0;
}

void
control_listen(struct worker *worker, enum listen_purpose purpose, int fd)
{
	static const struct {
		acceptor_admit_fn *admit;
		const char *what;
	} purposes[] = {
		[LISTEN_CLIENTS] = { NULL, "" },
		[LISTEN_CONTROL] = { control_admit, "bibctl" },
		[LISTEN_METRICS] = { http_admit, "the metrics" },
		[LISTEN_METRICS_TCP] = { http_admit, "the metrics over TCP" },
		[LISTEN_REMOTE] = { NULL, "" },
	};
	_Static_assert(sizeof(purposes) / sizeof(purposes[0]) == LISTEN_PURPOSES, "one row for each purpose");
	struct control *control = worker->state;

	if (fd == -1)
		return;
	if (control == NULL || purposes[purpose].admit == NULL) {
		close(fd);
		return;
	}
	acceptor_open(&control->acceptors[purpose], control, fd, purposes[purpose].admit, purposes[purpose].what);
}

void
control_close(struct control *control)
{
	for (size_t i = 0; i < LISTEN_PURPOSES; i++)
		acceptor_close(&control->acceptors[i]);
	http_close(&control->http);
	control_scrape_close(control);
	control_clients_close(control);
}

void
control_free(struct control *control)
{
	control_close(control);
	control_events_close(&control->events);
	free(control);
}
