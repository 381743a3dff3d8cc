/*
 * The program bibd-control: serves bibctl on the control socket, and metrics over HTTP. It sees neither storage nor
 * credentials, opens no file, and its death costs nobody but the bibctl that was asking.
 */
#include "workers/control/control.h"

/* Only answers that are queued have to be sent: a bibctl that waits for the end sees it by the closed connection. */
static void
main_stop(struct worker *worker, int64_t timeout_ms)
{
	(void)timeout_ms;
	if (worker->state != NULL)
		control_close(worker->state);
	worker_stopped(worker);
}

int
main(int argc, char **argv)
{
	static const struct worker_program program = {
		.process = PROCESS_CONTROL,
		.profile = SANDBOX_CONTROL,
		.start = control_start,
		.listen = control_listen,
		.stop = main_stop,
		.handlers = {
			.event = control_take_event,
			.status_node = control_relay_status_node,
			.status_process = control_relay_status_process,
			.status_server = control_relay_status_server,
			.status_disk = control_relay_status_disk,
			.status_backup = control_relay_status_backup,
			.log = control_relay_log,
			.clients = control_relay_clients,
			.backup_report = control_relay_backup_report,
			.identity = control_relay_identity,
			.certificate = control_relay_certificate,
			.operator_certificate = control_relay_operator_certificate,
			.statistics = control_relay_statistics,
			.audit_verified = control_relay_audit_verified,
			.result = control_relay_result,
		},
	};

	return worker_main(&program, argc, argv);
}
