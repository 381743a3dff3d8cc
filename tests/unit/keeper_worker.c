/*
 * Starts a keeper in the test's process, sends it messages, and awaits its answers.
 */
#include "tests/unit/keeper_worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/keeper/keeper_certificates.h"

static const struct message_handlers setting_handlers = { .keep_password = keeper_take_password,
	.rotate_request = keeper_take_rotate_request,
	.open_secrets = keeper_take_open,
	.peer = keeper_take_peer,
	.audit_sign = keeper_take_audit_sign,
	.audit_check = keeper_take_audit_check };

static void
setting_pair(int ends[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
}

struct setting *
setting_make(const char *managed)
{
	static const struct worker_program program = { .process = PROCESS_KEEPER };
	struct setting *s = calloc(1, sizeof(*s));
	struct worker *worker = &s->worker;
	int ends[2];

	worker->program = &program;
	worker->node_id = strdup(SCENE_NODE);
	ck_assert_ptr_nonnull(worker->conf = conf_new());
	ck_assert_int_eq(conf_set(worker->conf, conf_key_find("node.data_dir"), scene_data_dir, NULL), 0);
	ck_assert_int_eq(conf_set(worker->conf, conf_key_find("database.backend"), "postgres", NULL), 0);
	ck_assert_int_eq(conf_set(worker->conf, conf_key_find("database.postgres.managed"), managed, NULL), 0);
	ck_assert_int_eq(loop_open(&worker->loop, NULL), 0);
	setting_pair(ends);
	s->supervisor = ends[0];
	s->peer = -1;
	s->frame.fd = -1;
	ck_assert_int_eq(channel_open(&worker->channel, &worker->loop, ends[1], PROCESS_KEEPER, PROCESS_SUPERVISOR,
			     &setting_handlers, worker, NULL, NULL),
	    0);
	ck_assert_int_eq(keeper_start(worker, NULL), 0);
	return s;
}

void
setting_free(struct setting *s)
{
	struct keeper *keeper = s->worker.state;

	keeper_stop(&s->worker, 0);
	free(keeper->directory);
	free(keeper);
	channel_close(&s->worker.channel);
	loop_close(&s->worker.loop);
	conf_free(s->worker.conf);
	free(s->worker.node_id);
	frame_close(&s->frame);
	close(s->supervisor);
	if (s->peer != -1)
		close(s->peer);
	free(s);
}

void
setting_run(struct setting *s)
{
	for (int i = 0; i < 32; i++)
		ck_assert_int_eq(loop_run_once(&s->worker.loop, 0, NULL), 0);
}

void
send_frame(struct setting *s, int fd, struct frame *frame, int encoded)
{
	ck_assert_int_eq(encoded, 0);
	ck_assert_int_eq(frame_send(fd, frame, NULL), 0);
	frame_close(frame);
	setting_run(s);
}

void
send_open(struct setting *s, uint32_t id, bool may_create)
{
	struct message_open_secrets message = { .may_create = may_create };
	struct frame frame;

	send_frame(s, s->supervisor, &frame, message_encode_open_secrets(&frame, id, &message, -1, NULL));
}

void
send_password(struct setting *s, const char *password, size_t size)
{
	struct message_keep_password message = { .nothing = 0 };
	struct frame frame;
	int fd = memfd_create_sealed("password", password, size, NULL);

	ck_assert_int_ne(fd, -1);
	send_frame(s, s->supervisor, &frame, message_encode_keep_password(&frame, 0, &message, fd, NULL));
}

void
send_peer(struct setting *s, enum process process)
{
	struct message_peer message = { .process = process };
	struct frame frame;
	int ends[2];

	setting_pair(ends);
	if (s->peer != -1)
		close(s->peer);
	s->peer = ends[0];
	send_frame(s, s->supervisor, &frame, message_encode_peer(&frame, 0, &message, ends[1], NULL));
}

void
send_request(struct setting *s, uint32_t id)
{
	struct message_credentials_request message = { .nothing = 0 };
	struct frame frame;

	send_frame(s, s->peer, &frame, message_encode_credentials_request(&frame, id, &message, -1, NULL));
}

struct frame_reader
await(struct setting *s, int fd, enum message_type type, uint32_t id)
{
	struct error e = { .text = "" };

	/* These may come between: they answer nothing. */
	do {
		frame_close(&s->frame);
		ck_assert_msg(frame_receive(fd, &s->frame, &e) == 1, "no %s: %s", message_name(type), e.text);
	} while (s->frame.header.type == MESSAGE_EVENT || s->frame.header.type == MESSAGE_CREDENTIALS_STATE);
	ck_assert_str_eq(message_name(s->frame.header.type), message_name(type));
	ck_assert_uint_eq(s->frame.header.id, id);
	return (struct frame_reader) { .frame = &s->frame };
}

void
assert_silent(struct setting *s, int fd)
{
	frame_close(&s->frame);
	ck_assert_int_eq(frame_receive(fd, &s->frame, NULL), 0);
}

const char *
await_opened(struct setting *s, uint32_t id, bool wanted)
{
	struct frame_reader r = await(s, s->supervisor, MESSAGE_SECRETS_OPENED, id);
	const char *verifier;
	bool created;

	frame_get_boolean(&r, &created);
	frame_get_text(&r, &verifier);
	ck_assert(!r.failed && created == wanted);
	return verifier;
}

const char *
await_failed(struct setting *s, int fd, uint32_t id, enum status wanted, const char *code)
{
	struct frame_reader r = await(s, fd, MESSAGE_FAILED, id);
	const char *said, *text;
	uint32_t status;

	frame_get_u32(&r, &status);
	frame_get_text(&r, &said);
	frame_get_text(&r, &text);
	ck_assert(!r.failed);
	ck_assert_str_eq(said, code);
	ck_assert_uint_eq(status, wanted);
	return text;
}

char *
await_credentials(struct setting *s, uint32_t id)
{
	size_t size;
	char *lines;

	(void)await(s, s->peer, MESSAGE_CREDENTIALS, id);
	ck_assert_ptr_nonnull(lines = memfd_read(s->frame.fd, 65536, &size, NULL));
	return lines;
}
