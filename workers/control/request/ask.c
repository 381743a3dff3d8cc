/*
 * Asking bibd-control: a request encoded and sent, and its answer taken in to the end.
 */
#include <string.h>

#include "common/clock.h"
#include "workers/control/request/answer.h"

static int
commands_encode(struct frame *frame, const struct bibctl *bibctl, enum message_type type, struct error *e)
{
	struct message_events_request events = { .follow = bibctl->follow };
	struct message_log_request log = { .lines = bibctl->lines, .earlier = true };
	struct message_operator_certificate_request certificate = { .days = bibctl->days, .login = bibctl->name };
	struct message_rotate_request rotate = { .what = bibctl->what };
	struct message_backup_request backup = { .what = bibctl->what };
	struct message_clients_request clients = { .uid = -1 };
	struct message_pause_request pause = { .drain_ms = bibctl->drain_ms, .hold_ms = bibctl->hold_ms, .uid = -1 };
	struct message_resume_request resume = { .uid = -1 };
	struct message_restart_request restart = { .uid = -1 };
	struct message_kill_request kill = { .session = bibctl->session, .uid = -1 };

	if (type == MESSAGE_EVENTS_REQUEST)
		return message_encode_events_request(frame, COMMANDS_REQUEST_ID, &events, -1, e);
	if (type == MESSAGE_LOG_REQUEST)
		return message_encode_log_request(frame, COMMANDS_REQUEST_ID, &log, -1, e);
	if (type == MESSAGE_OPERATOR_CERTIFICATE_REQUEST)
		return message_encode_operator_certificate_request(frame, COMMANDS_REQUEST_ID, &certificate, -1, e);
	if (type == MESSAGE_ROTATE_REQUEST)
		return message_encode_rotate_request(frame, COMMANDS_REQUEST_ID, &rotate, -1, e);
	if (type == MESSAGE_BACKUP_REQUEST)
		return message_encode_backup_request(frame, COMMANDS_REQUEST_ID, &backup, -1, e);
	if (type == MESSAGE_CLIENTS_REQUEST)
		return message_encode_clients_request(frame, COMMANDS_REQUEST_ID, &clients, -1, e);
	if (type == MESSAGE_KILL_REQUEST)
		return message_encode_kill_request(frame, COMMANDS_REQUEST_ID, &kill, -1, e);
	if (type == MESSAGE_PAUSE_REQUEST)
		return message_encode_pause_request(frame, COMMANDS_REQUEST_ID, &pause, -1, e);
	if (type == MESSAGE_RESUME_REQUEST)
		return message_encode_resume_request(frame, COMMANDS_REQUEST_ID, &resume, -1, e);
	if (type == MESSAGE_RESTART_REQUEST)
		return message_encode_restart_request(frame, COMMANDS_REQUEST_ID, &restart, -1, e);
	/* The other requests have no fields: their header is all of them. */
	frame->header = (struct frame_header) { .type = (uint16_t)type, .id = COMMANDS_REQUEST_ID };
	frame->fd = -1;
	return 0;
}

int
commands_begin(struct commands_answer *answer, struct bibctl_connection *connection, enum message_type type,
    int64_t deadline)
{
	struct bibctl *bibctl = answer->bibctl;
	struct frame frame;
	struct error e;

	if (bibctl_connect(connection, bibctl->path, deadline, &e) == 0) {
		if (commands_encode(&frame, bibctl, type, &e) == 0 && bibctl_send(connection, &frame, &e) == 0)
			return 0;
		bibctl_disconnect(connection);
	}
	commands_set_result(answer, &e);
	return -1;
}

void
commands_ask(struct commands_answer *answer, struct bibctl *bibctl, enum message_type type, int64_t ms)
{
	struct bibctl_connection connection;
	int64_t deadline = clock_now_ms() + ms;

	memset(answer, 0, sizeof(*answer));
	answer->bibctl = bibctl;
	answer->fd = -1;
	if (commands_begin(answer, &connection, type, deadline) == -1)
		return;
	commands_receive(answer, &connection, bibctl->follow ? CLOCK_NEVER : deadline);
	bibctl_disconnect(&connection);
}

int
commands_finish(struct commands_answer *answer, const char *fallback)
{
	struct message_result result = { .status = (uint32_t)answer->result.status,
		.code = answer->result.code,
		.text = answer->result.text };

	if (result.status == STATUS_OK && *result.text == '\0')
		result.text = fallback;
	answer->bibctl->output->result(&answer->bibctl->render, &result);
	snapshot_clear(&answer->status);
	/* A status above 255 would be cut to another exit status, even to 0. */
	return result.status > 255 ? STATUS_BUG : (int)result.status;
}

static void
commands_ask_status_within(struct commands_answer *answer, struct bibctl *bibctl, int64_t ms)
{
	commands_ask(answer, bibctl, MESSAGE_STATUS_REQUEST, ms);
	if (answer->result.status == STATUS_OK && !answer->status.has_node)
		(void)error_set(&answer->result, STATUS_BUG, "control.incomplete",
		    "bibd answered without saying how it is");
}

void
commands_ask_status(struct commands_answer *answer, struct bibctl *bibctl)
{
	commands_ask_status_within(answer, bibctl, BIBCTL_ANSWER_MS);
}

void
bibctl_ask_status(struct bibctl *bibctl, struct snapshot *snapshot, struct error *result, int64_t ms)
{
	struct commands_answer answer;

	commands_ask_status_within(&answer, bibctl, ms);
	*snapshot = answer.status;
	*result = answer.result;
	/* The code of the daemon's answer points into the answer, which is freed here. */
	if (result->code == answer.code)
		result->code = "control.refused";
}
