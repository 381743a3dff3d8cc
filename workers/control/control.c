#include "workers/control/control.h"

#include <stdlib.h>

int
control_start(struct worker *worker, struct error *e)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL)
		return error_set_errno(e, STATUS_OS, "control.memory", "cannot start serving bibctl");
	control->worker = worker;
	control->listener.fd = -1;
	TAILQ_INIT(&control->clients);
	if (control_events_open(&control->events, e) == -1) {
		free(control);
		return -1;
	}
	worker->state = control;
	return 0;
}

void
control_free(struct control *control)
{
	control_clients_close(control);
	control_events_close(&control->events);
	free(control);
}
