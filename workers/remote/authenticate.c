/*
 * Finds out who a remote client is: by the common name of a certificate that the authority for remote applications has
 * signed, or by the password of the login that the startup packet names. A wrong password and a login that does not
 * exist look the same, are answered after a pause, and count against the address.
 */
#include <bsd/string.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "workers/remote/remote.h"

#define AUTHENTICATE_PACKET_MAX 16384
#define AUTHENTICATE_PAUSE_MS 1000
#define AUTHENTICATION_SASL 10
#define AUTHENTICATION_SASL_CONTINUE 11
#define AUTHENTICATION_SASL_FINAL 12

/* ---- the startup packet ---- */

static void
authenticate_ask(struct client *client)
{
	size_t mark = pgwire_begin_message(&client->out, 'R');

	pgwire_put_int32(&client->out, AUTHENTICATION_SASL);
	pgwire_put_string(&client->out, SCRAM_PLUS);
	pgwire_put_string(&client->out, SCRAM_PLAIN);
	pgwire_put_byte(&client->out, 0);
	pgwire_end_message(&client->out, mark);
	client->state = CLIENT_SASL_FIRST;
}

static enum client_step
authenticate_begin_scram(struct client *client)
{
	struct remote *remote = client->remote;
	const struct login *login = logins_find(&remote->logins, client->user);
	struct error e;

	if (failures_must_wait(&remote->failures, client->address, clock_now_ms())) {
		remote_note_refused(remote, client, "28000", "too many wrong passwords from this address");
		client_refuse(client, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION,
		    "too many wrong passwords from this address", "Wait a minute, or log in with a certificate.");
	} else if ((client->scram = malloc(sizeof(*client->scram))) == NULL ||
	    scram_begin(client->scram, login == NULL ? NULL : &login->keys, client->user, remote->secret, &e) == -1 ||
	    tls_bind(client->ssl, client->scram->binding, &client->scram->nbinding) == -1) {
		client_refuse(client, SQLSTATE_OUT_OF_MEMORY, "out of memory", NULL);
	} else {
		authenticate_ask(client);
		return STEP_AGAIN;
	}
	return STEP_OVER;
}

static enum client_step
authenticate_session(struct client *client, const struct pgwire_startup *startup)
{
	(void)strlcpy(client->user, startup->user, sizeof(client->user));
	pgwire_put_bytes(&client->startup, client->in.data + client->in.start, startup->size);
	pgwire_buffer_consume(&client->in, startup->size);
	if (client->login[0] != '\0') {
		client_hand_over(client);
	} else if (!client->remote->has_logins) {
		remote_note_refused(client->remote, client, "28000", "no certificate");
		client_refuse(client, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION,
		    "connection requires a valid client certificate",
		    "bibctl certificate client makes one on the node; listen.tcp.logins lets in by password.");
	} else
		return authenticate_begin_scram(client);
	return STEP_OVER;
}

enum client_step
authenticate_startup(struct client *client)
{
	struct pgwire_buffer unused = { 0 };
	struct pgwire_startup startup;
	struct report r = { 0 };
	enum pgwire_startup_kind kind;
	enum client_step step = STEP_OVER;
	int n = stream_fill(client, &client->in, AUTHENTICATE_PACKET_MAX);

	if (n < 0) {
		client_close(client);
		return STEP_OVER;
	}
	/* The storage worker reads the packet again, and tells the client which parts of it are not honoured. */
	kind = pgwire_read_startup(&client->in, &unused, &startup, &r);
	pgwire_buffer_free(&unused);
	switch (kind) {
	case PGWIRE_STARTUP_MORE:
		return n > 0 ? STEP_AGAIN : STEP_WAITS;
	case PGWIRE_STARTUP_REFUSE_TLS: /* asked for inside of TLS, which no client does */
		client_close(client);
		break;
	case PGWIRE_STARTUP_CANCEL:
		client->login[0] = '\0';
		pgwire_put_bytes(&client->startup, client->in.data + client->in.start, startup.size);
		client_hand_over(client);
		break;
	case PGWIRE_STARTUP_CLOSE:
		client_close(client);
		break;
	case PGWIRE_STARTUP_FAILED:
		client_refuse(client, r.state, r.message, r.hint);
		break;
	case PGWIRE_STARTUP_SESSION:
		step = authenticate_session(client, &startup);
	}
	report_reset(&r);
	return step;
}

/* ---- SCRAM ---- */

/* A message 'p' whose body is a NUL-terminated copy in text. 1: it is there and was consumed, 0: not yet, -1: it is
 * none or too long. */
static int
authenticate_take(struct client *client, char text[2 * SCRAM_MESSAGE_MAX], size_t *length)
{
	const uint8_t *bytes = client->in.data + client->in.start;
	size_t have = pgwire_buffer_length(&client->in), size;

	if (have < 5)
		return 0;
	size = (size_t)bytes[1] << 24 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 8 | bytes[4];
	if (bytes[0] != 'p' || size < 4 || size - 4 >= 2 * SCRAM_MESSAGE_MAX)
		return -1;
	if (have < size + 1)
		return 0;
	*length = size - 4;
	memcpy(text, bytes + 5, *length);
	text[*length] = '\0';
	pgwire_buffer_consume(&client->in, size + 1);
	return 1;
}

/* Reads until there is a message. */
static int
authenticate_await(struct client *client, char text[2 * SCRAM_MESSAGE_MAX], size_t *length, bool *waits)
{
	int taken = authenticate_take(client, text, length), n;

	*waits = false;
	if (taken != 0)
		return taken;
	if ((n = stream_fill(client, &client->in, AUTHENTICATE_PACKET_MAX)) < 0)
		return -2;
	*waits = n == 0;
	return authenticate_take(client, text, length);
}

static void
authenticate_answer(struct client *client, uint32_t code, const char *text)
{
	size_t mark = pgwire_begin_message(&client->out, 'R');

	pgwire_put_int32(&client->out, code);
	pgwire_put_bytes(&client->out, text, strlen(text));
	pgwire_end_message(&client->out, mark);
}

static void
authenticate_malformed(struct client *client)
{
	remote_note_refused(client->remote, client, "08P01", "malformed SCRAM message");
	failures_note(&client->remote->failures, client->address, clock_now_ms());
	client_refuse(client, SQLSTATE_PROTOCOL_VIOLATION, "malformed SCRAM message", NULL);
}

static void
authenticate_pause_over(struct loop_timer *timer)
{
	struct client *client = timer->arg;

	client_finish(client);
}

/* Refuses a wrong password and an unknown login in the same words, which are PostgreSQL's. */
static void
authenticate_wrong(struct client *client)
{
	struct report r = { 0 };

	remote_note_refused(client->remote, client, "28P01", "password authentication failed");
	failures_note(&client->remote->failures, client->address, clock_now_ms());
	(void)report_set(&r, SQLSTATE_INVALID_PASSWORD, "password authentication failed for user \"%s\"", client->user);
	pgwire_put_report(&client->out, REPORT_FATAL, &r);
	report_reset(&r);
	client->state = CLIENT_WRONG;
	loop_timer_set(&client->remote->worker->loop, &client->timer, AUTHENTICATE_PAUSE_MS, authenticate_pause_over,
	    client);
}

/* SASLInitialResponse: the mechanism, the length of what follows, and that. NULL: the message is malformed. */
static const char *
authenticate_initial(struct client *client, const char *text, size_t length)
{
	struct pgwire_reader r = { .data = (const uint8_t *)text, .length = length };
	const char *mechanism = pgwire_get_string(&r);
	uint32_t size = pgwire_get_int32(&r);

	if (r.failed || size != length - r.offset || memchr(text + r.offset, '\0', size) != NULL)
		return NULL;
	client->scram->plus = strcmp(mechanism, SCRAM_PLUS) == 0;
	if (!client->scram->plus && strcmp(mechanism, SCRAM_PLAIN) != 0)
		return NULL;
	return text + r.offset;
}

enum client_step
authenticate_first(struct client *client)
{
	char text[2 * SCRAM_MESSAGE_MAX], answer[SCRAM_MESSAGE_MAX];
	size_t length = 0;
	bool waits;
	int taken = authenticate_await(client, text, &length, &waits);
	const char *message;

	if (taken == 0)
		return waits ? STEP_WAITS : STEP_AGAIN;
	if (taken == -2) {
		client_close(client);
		return STEP_OVER;
	}
	message = taken == -1 ? NULL : authenticate_initial(client, text, length);
	if (message == NULL || scram_take_first(client->scram, message, answer) != SCRAM_DONE) {
		authenticate_malformed(client);
		return STEP_OVER;
	}
	authenticate_answer(client, AUTHENTICATION_SASL_CONTINUE, answer);
	client->state = CLIENT_SASL_FINAL;
	return STEP_AGAIN;
}

enum client_step
authenticate_final(struct client *client)
{
	char text[2 * SCRAM_MESSAGE_MAX], answer[SCRAM_MESSAGE_MAX];
	size_t length = 0;
	bool waits;
	int taken = authenticate_await(client, text, &length, &waits);
	enum scram_result result = SCRAM_MALFORMED;

	if (taken == 0)
		return waits ? STEP_WAITS : STEP_AGAIN;
	if (taken == -2) {
		client_close(client);
		return STEP_OVER;
	}
	if (taken == 1 && memchr(text, '\0', length) == NULL)
		result = scram_take_final(client->scram, text, answer);
	if (result == SCRAM_MALFORMED)
		authenticate_malformed(client);
	else if (result == SCRAM_WRONG)
		authenticate_wrong(client);
	else {
		(void)strlcpy(client->login, client->user, sizeof(client->login));
		authenticate_answer(client, AUTHENTICATION_SASL_FINAL, answer);
		client_hand_over(client);
	}
	return STEP_OVER;
}
