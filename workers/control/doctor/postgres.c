/* PostgreSQL itself: the version of the database, the port that it is published on, and a server elsewhere. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/port.h"
#include "workers/control/host/dial.h"
#include "workers/control/doctor/doctor.h"
#include "workers/control/host/program.h"

#define POSTGRES_CONNECT_MS 5000
#define POSTGRES_RESOLVE_MS 5000
#define POSTGRES_PROTOCOL 0x00030000U /* 3.0 */

/* ---- version ---- */

/* The major version in an image's tag: 16 of "registry:5000/postgres:16-alpine". 0 when there is none to be seen. */
static unsigned long
postgres_tag_version(const char *image)
{
	const char *slash = strrchr(image, '/'), *tag = strchr(slash == NULL ? image : slash, ':');

	return tag == NULL || !isdigit((unsigned char)tag[1]) ? 0 : strtoul(tag + 1, NULL, 10);
}

void
doctor_check_version(struct doctor *doctor)
{
	const char *image = doctor->conf->database.postgres.image;
	unsigned long of_image = postgres_tag_version(image), of_data;
	char path[PATH_MAX], text[16] = "";
	int fd = -1;

	if (conf_postgres_path(doctor->conf, "data/PG_VERSION", path, sizeof(path)) == -1 ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1 || read(fd, text, sizeof(text) - 1) <= 0) {
		if (fd == -1 && errno == EACCES) {
			doctor_advise(doctor, "run doctor as root");
			doctor_say(doctor, RENDER_WARNING, "cannot look at the database's version");
		} else if (fd == -1 && errno == ENOENT)
			doctor_say(doctor, RENDER_OK, "there is no database yet: the first start makes it");
		else
			doctor_say(doctor, RENDER_FAILED, "%s cannot be read", path);
		if (fd != -1)
			close(fd);
		return;
	}
	close(fd);
	of_data = strtoul(text, NULL, 10);
	if (of_image > of_data && doctor->conf->database.move == CONF_MOVE_AUTO)
		doctor_say(doctor, RENDER_OK,
		    "the database is of PostgreSQL %lu, and a start moves its rows to %lu, of which the image is: "
		    "bibctl plan says more",
		    of_data, of_image);
	else if (of_image != 0 && of_image != of_data) {
		doctor_advise(doctor, "name an image of %lu in database.postgres.image", of_data);
		doctor_say(doctor, RENDER_FAILED, "the database is of PostgreSQL %lu, and the image %s is of %lu",
		    of_data, image, of_image);
	} else
		doctor_say(doctor, RENDER_OK, "the database is of PostgreSQL %lu%s", of_data,
		    of_image == 0 ? "; the image's name does not say of which it is" : ", and so is the image");
}

/* ---- port ---- */

/* Whether the address can be listened on now. */
static bool
postgres_port_is_free(const char *address, int64_t port)
{
	struct sockaddr_storage where;
	socklen_t size = port_parse_address(address, (uint16_t)port, &where);
	int fd = size == 0 ? -1 : socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), result;

	if (fd == -1)
		return true;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int) { 1 }, sizeof(int));
	result = bind(fd, (const struct sockaddr *)&where, size) == -1 && errno == EADDRINUSE ? -1 : 0;
	close(fd);
	return result == 0;
}

void
doctor_check_port(struct doctor *doctor)
{
	const char *address = doctor->conf->database.postgres.network.bind_address;
	int64_t port = doctor->conf->database.postgres.port;
	char owner[128];

	if (postgres_port_is_free(address, port)) {
		doctor_say(doctor,
		    doctor->is_running && snapshot_server_is_running(&doctor->snapshot) ? RENDER_WARNING : RENDER_OK,
		    "%s port %" PRId64 " is free", address, port);
		return;
	}
	port_describe_owner((uint16_t)port, owner, sizeof(owner));
	if (doctor->is_running && snapshot_server_is_running(&doctor->snapshot)) {
		doctor_say(doctor, RENDER_OK, "%s port %" PRId64 " is in use by %s, for our server", address, port,
		    owner);
		return;
	}
	doctor_advise(doctor, "end what uses it, or name another in database.postgres.port");
	doctor_say(doctor, RENDER_FAILED, "%s port %" PRId64 " is in use by %s", address, port, owner);
}

/* ---- a server elsewhere ---- */

/* Appends a text, the name or the value of a parameter, to the packet. */
static size_t
postgres_put(unsigned char *packet, size_t used, size_t size, const char *text)
{
	size_t length = strlen(text) + 1;

	if (used + length > size)
		return used;
	memcpy(packet + used, text, length);
	return used + length;
}

/* StartupMessage (PostgreSQL's protocol, 55.7). */
static size_t
postgres_startup_packet(const struct doctor *doctor, unsigned char *packet, size_t size)
{
	const uint32_t protocol = htonl(POSTGRES_PROTOCOL);
	uint32_t length;
	size_t used = 8;

	memcpy(packet + 4, &protocol, sizeof(protocol));
	used = postgres_put(packet, used, size - 1, "user");
	used = postgres_put(packet, used, size - 1, doctor->conf->database.postgres.advanced.user);
	used = postgres_put(packet, used, size - 1, "database");
	used = postgres_put(packet, used, size - 1, doctor->conf->database.postgres.advanced.database);
	packet[used++] = '\0';
	length = htonl((uint32_t)used);
	memcpy(packet, &length, sizeof(length));
	return used;
}

/* The field of an ErrorResponse: a letter, a text, and so on up to a zero. */
static const char *
postgres_error_field(const char *answer, size_t size, char letter)
{
	size_t at = 5;

	while (at < size && answer[at] != '\0') {
		size_t length = strnlen(answer + at, size - at);

		if (answer[at] == letter)
			return answer + at + 1;
		at += length + 1;
	}
	return "";
}

static void
postgres_judge_answer(struct doctor *doctor, const char *where, const char *answer, ssize_t size)
{
	const char *state = size > 0 && answer[0] == 'E' ? postgres_error_field(answer, (size_t)size, 'C') : "";
	const char *text = state[0] == '\0' ? "" : postgres_error_field(answer, (size_t)size, 'M');

	if (size > 0 && answer[0] == 'R')
		doctor_say(doctor, RENDER_OK, "PostgreSQL answers at %s", where);
	else if (strcmp(state, "57P03") == 0)
		doctor_say(doctor, RENDER_WARNING, "PostgreSQL at %s is starting: %s", where, text);
	else if (state[0] != '\0') {
		doctor_advise(doctor, "look at database.postgres.advanced, and at pg_hba.conf of the server");
		doctor_say(doctor, strncmp(state, "53", 2) == 0 ? RENDER_WARNING : RENDER_FAILED,
		    "PostgreSQL at %s refuses us: %s (%s)", where, text, state);
	} else {
		doctor_advise(doctor, "check that database.postgres.advanced names the right host and port");
		doctor_say(doctor, RENDER_FAILED, "what answers at %s is not PostgreSQL, or does not answer", where);
	}
}

/* The address of a host. Names are looked up by a program, which can be ended; the C library's own cannot. */
static bool
postgres_resolve(const char *host, int64_t port, struct addrinfo **found)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	struct program_output *output;
	char getent[PATH_MAX], service[16];
	const char *const argv[] = { getent, "ahosts", host, NULL };
	bool result = false;

	(void)snprintf(service, sizeof(service), "%" PRId64, port);
	if (getaddrinfo(host, service, &hints, found) == 0)
		return true;
	if (!program_find("getent", getent, sizeof(getent)) || (output = malloc(sizeof(*output))) == NULL)
		return false;
	if (program_run(argv, POSTGRES_RESOLVE_MS, output, NULL) == 0 && output->status == 0) {
		output->output[strcspn(output->output, " \t\n")] = '\0';
		result = getaddrinfo(output->output, service, &hints, found) == 0;
	}
	free(output);
	return result;
}

/* Connects to host:port, or to the socket in a directory, as libpq understands a host. */
static int
postgres_dial(const char *host, int64_t port, char *where, size_t size)
{
	struct addrinfo *found = NULL;
	int fd;

	if (host[0] == '/') {
		(void)snprintf(where, size, "%s/.s.PGSQL.%" PRId64, host, port);
		return dial_unix(where, POSTGRES_CONNECT_MS);
	}
	(void)snprintf(where, size, "%s:%" PRId64, host, port);
	if (!postgres_resolve(host, port, &found)) {
		errno = EHOSTUNREACH;
		return -1;
	}
	fd = dial(found->ai_addr, found->ai_addrlen, POSTGRES_CONNECT_MS);
	freeaddrinfo(found);
	return fd;
}

void
doctor_check_external(struct doctor *doctor)
{
	const char *host = doctor->conf->database.postgres.advanced.host;
	unsigned char packet[512];
	char where[PATH_MAX], answer[1024];
	int fd = postgres_dial(host, doctor->conf->database.postgres.advanced.port, where, sizeof(where));
	ssize_t size;

	if (fd == -1) {
		doctor_advise(doctor, "start it, or name the right one in database.postgres.advanced");
		doctor_say(doctor, RENDER_FAILED, "PostgreSQL at %s cannot be reached: %s", where, strerror(errno));
		return;
	}
	size = dial_ask(fd, packet, postgres_startup_packet(doctor, packet, sizeof(packet)), answer, sizeof(answer) - 1,
	    POSTGRES_CONNECT_MS);
	close(fd);
	answer[size < 0 ? 0 : size] = '\0';
	postgres_judge_answer(doctor, where, answer, size);
}
