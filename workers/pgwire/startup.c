/*
 * Reads the startup packet, a cancel request, or a request for encryption.
 */
#include "workers/pgwire/pgwire.h"

#include <bsd/string.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "workers/pgwire/admission.h"

#define CANCEL_REQUEST 80877102u
#define TLS_REQUEST 80877103u
#define GSS_REQUEST 80877104u
#define PROTOCOL_3_0 0x00030000u
/* PostgreSQL's bounds, without the length field itself. */
#define PACKET_MIN 4u
#define PACKET_MAX 10000u

static enum pgwire_startup_kind
read_cancel(struct pgwire_reader *body, struct pgwire_startup *startup)
{
	startup->cancel_pid = pgwire_get_int32(body);
	startup->cancel_secret = pgwire_get_int32(body);
	return pgwire_reader_done(body) ? PGWIRE_STARTUP_CANCEL : PGWIRE_STARTUP_CLOSE;
}

/* What PostgreSQL's boolean parser takes for false; any other value asks for a replication connection. */
static bool
is_false(const char *value)
{
	static const char *const words[] = { "false", "off", "no", "0", "f", "n", "of", "fa", "fal", "fals" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

static int
take_parameter(struct pgwire_startup *startup, const char *name, const char *value, struct report *r)
{
	if (strcmp(name, "user") == 0) {
		(void)strlcpy(startup->user, value, sizeof(startup->user));
		return 0;
	}
	if (strcmp(name, "database") == 0) {
		(void)strlcpy(startup->database, value, sizeof(startup->database));
		return 0;
	}
	if (strcmp(name, "replication") == 0) {
		return is_false(value)
		    ? 0
		    : report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "replication connections are not supported");
	}
	if (startup->nsettings == PGWIRE_STARTUP_SETTINGS_MAX)
		return report_set(r, SQLSTATE_PROTOCOL_VIOLATION, "too many parameters in startup packet");
	startup->settings[2 * startup->nsettings] = name;
	startup->settings[2 * startup->nsettings + 1] = value;
	startup->nsettings++;
	return 0;
}

/* Names the parts of the request that are not honoured; sent when the minor version is newer than 0 or an option is
 * unknown. */
static void
put_negotiation(struct pgwire_buffer *out, struct pgwire_reader parameters, unsigned noptions)
{
	size_t mark = pgwire_begin_message(out, 'v');
	const char *name;

	pgwire_put_int32(out, PROTOCOL_3_0);
	pgwire_put_int32(out, noptions);
	while (*(name = pgwire_get_string(&parameters)) != '\0') {
		(void)pgwire_get_string(&parameters);
		if (strncmp(name, "_pq_.", 5) == 0)
			pgwire_put_string(out, name);
	}
	pgwire_end_message(out, mark);
}

static enum pgwire_startup_kind
read_session(struct pgwire_reader *body, uint32_t version, struct pgwire_buffer *out, struct pgwire_startup *startup,
    struct report *r)
{
	struct pgwire_reader parameters = *body;
	unsigned noptions = 0;
	const char *name, *value;

	while (*(name = pgwire_get_string(body)) != '\0') {
		value = pgwire_get_string(body);
		if (body->failed)
			break;
		if (strncmp(name, "_pq_.", 5) == 0)
			noptions++;
		else if (take_parameter(startup, name, value, r) != 0)
			return PGWIRE_STARTUP_FAILED;
	}
	if (!pgwire_reader_done(body)) {
		report_set(r, SQLSTATE_PROTOCOL_VIOLATION,
		    "invalid startup packet layout: expected terminator as last byte");
		return PGWIRE_STARTUP_FAILED;
	}
	if (startup->user[0] == '\0') {
		report_set(r, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION,
		    "no PostgreSQL user name specified in startup packet");
		return PGWIRE_STARTUP_FAILED;
	}
	if (startup->database[0] == '\0')
		(void)strlcpy(startup->database, startup->user, sizeof(startup->database));
	if (version > PROTOCOL_3_0 || noptions > 0)
		put_negotiation(out, parameters, noptions);
	return PGWIRE_STARTUP_SESSION;
}

static enum pgwire_startup_kind
read_request(struct pgwire_reader *body, uint32_t request, struct pgwire_buffer *in, struct pgwire_buffer *out,
    struct pgwire_startup *startup, struct report *r)
{
	if (request == CANCEL_REQUEST)
		return read_cancel(body, startup);
	if (request == TLS_REQUEST || request == GSS_REQUEST) {
		pgwire_put_byte(out, 'N');
		pgwire_buffer_consume(in, startup->size);
		startup->size = 0;
		return PGWIRE_STARTUP_REFUSE_TLS;
	}
	if (request >> 16 != 3) {
		report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "unsupported frontend protocol %u.%u: server supports 3.0 to 3.0", request >> 16, request & 0xffff);
		return PGWIRE_STARTUP_FAILED;
	}
	return read_session(body, request, out, startup, r);
}

enum pgwire_startup_kind
pgwire_read_startup(struct pgwire_buffer *in, struct pgwire_buffer *out, struct pgwire_startup *startup,
    struct report *r)
{
	size_t have = pgwire_buffer_length(in);
	struct pgwire_reader body;
	uint32_t length, request;

	*startup = (struct pgwire_startup) { 0 };
	if (have < 4)
		return PGWIRE_STARTUP_MORE;
	body = (struct pgwire_reader) { .data = in->data + in->start, .length = have };
	length = pgwire_get_int32(&body);
	if (length < 4 + PACKET_MIN || length > 4 + PACKET_MAX)
		return PGWIRE_STARTUP_CLOSE;
	if (have < length)
		return PGWIRE_STARTUP_MORE;
	body.length = length;
	startup->size = length;
	request = pgwire_get_int32(&body);
	return read_request(&body, request, in, out, startup, r);
}

bool
pgwire_startup_has_arrived(int socket_fd)
{
	uint8_t head[8];
	struct pgwire_reader reader = { .data = head, .length = sizeof(head) };
	uint32_t length, request;
	int there = 0;

	if (recv(socket_fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT) != (ssize_t)sizeof(head) ||
	    ioctl(socket_fd, FIONREAD, &there) == -1)
		return false;
	length = pgwire_get_int32(&reader);
	request = pgwire_get_int32(&reader);
	if (length < 4 + PACKET_MIN || length > 4 + PACKET_MAX || (uint32_t)there < length)
		return false;
	return request == CANCEL_REQUEST || request >> 16 == 3;
}
