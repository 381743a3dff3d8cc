/*
 * fixed PATH: a server of the PostgreSQL protocol on the Unix socket PATH whose answer is always the same row, without
 * reading a statement. What a load generator gets from it is the most that it could get from any server here; and a
 * pool's own work is counted in front of it.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIXED_CLIENTS_MAX 16384
#define FIXED_BUFFER 8192
#define PROTOCOL_3 196608U
#define REQUEST_CANCEL 80877102U

struct bytes {
	char data[4 * FIXED_BUFFER];
	size_t length;
};

struct client {
	bool started;
	size_t length;
	char data[FIXED_BUFFER];
};

static struct client *clients[FIXED_CLIENTS_MAX]; /* by descriptor */

/* A literal with the zeros in it, its last one left out. */
#define PUT(out, text) put(out, text, sizeof(text) - 1)

static void
put(struct bytes *out, const char *data, size_t length)
{
	if (out->length + length > sizeof(out->data))
		errx(1, "too many messages at once");
	memcpy(out->data + out->length, data, length);
	out->length += length;
}

#define COLUMN "T\0\0\0\x1a\0\x01v\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"
#define ROW "D\0\0\0\x0b\0\x01\0\0\0\x01\x31"
#define COMPLETE "C\0\0\0\x0dSELECT 1\0"
#define READY "Z\0\0\0\x05I"

static void
answer_startup(struct bytes *out)
{
	PUT(out, "R\0\0\0\x08\0\0\0\0");
	PUT(out,
	    "S\0\0\0\x18server_version\0"
	    "15.0\0");
	PUT(out, "S\0\0\0\x19server_encoding\0UTF8\0");
	PUT(out,
	    "S\0\0\0\x19"
	    "client_encoding\0UTF8\0");
	PUT(out,
	    "S\0\0\0\x17"
	    "DateStyle\0ISO, MDY\0");
	PUT(out, "S\0\0\0\x11TimeZone\0UTC\0");
	PUT(out, "S\0\0\0\x19integer_datetimes\0on\0");
	PUT(out, "S\0\0\0\x23standard_conforming_strings\0on\0");
	PUT(out, "K\0\0\0\x0c\0\0\0\x01\0\0\0\x01");
	PUT(out, READY);
}

/* False: the client has said goodbye. */
static bool
answer(struct bytes *out, char type, const char *body)
{
	switch (type) {
	case 'Q':
		PUT(out, COLUMN ROW COMPLETE READY);
		return true;
	case 'P':
		PUT(out, "1\0\0\0\x04");
		return true;
	case 'B':
		PUT(out, "2\0\0\0\x04");
		return true;
	case 'C':
		PUT(out, "3\0\0\0\x04");
		return true;
	case 'D':
		if (body[0] == 'S')
			PUT(out, "t\0\0\0\x06\0\0");
		PUT(out, COLUMN);
		return true;
	case 'E':
		PUT(out, ROW COMPLETE);
		return true;
	case 'S':
		PUT(out, READY);
		return true;
	default:
		return type != 'X';
	}
}

static uint32_t
number_at(const char *data)
{
	uint32_t n;

	memcpy(&n, data, sizeof(n));
	return ntohl(n);
}

/* Handles the first message that is there: its size, 0 when it is not whole, -1 when the client is to go. */
static ssize_t
take(struct client *client, const char *at, size_t length, struct bytes *out)
{
	size_t head = client->started ? 5 : 4, size;
	uint32_t version;

	if (length < head)
		return 0;
	size = number_at(at + head - 4) + head - 4;
	if (size < head || size > FIXED_BUFFER)
		return -1;
	if (length < size)
		return 0;
	if (client->started)
		return answer(out, at[0], at + 5) ? (ssize_t)size : -1;
	version = size >= 8 ? number_at(at + 4) : 0;
	if (version == REQUEST_CANCEL || version == 0)
		return -1;
	client->started = version == PROTOCOL_3;
	if (client->started)
		answer_startup(out);
	else
		PUT(out, "N");
	return (ssize_t)size;
}

/* False: it is to go. */
static bool
serve(int fd, struct client *client)
{
	static struct bytes out;
	ssize_t n = recv(fd, client->data + client->length, sizeof(client->data) - client->length, 0);
	size_t at = 0;

	if (n <= 0)
		return false;
	client->length += (size_t)n;
	out.length = 0;
	while ((n = take(client, client->data + at, client->length - at, &out)) > 0)
		at += (size_t)n;
	memmove(client->data, client->data + at, client->length - at);
	client->length -= at;
	return n == 0 && (out.length == 0 || send(fd, out.data, out.length, MSG_NOSIGNAL) == (ssize_t)out.length);
}

static void
accept_one(int listening, int set)
{
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (fd == -1)
		return;
	if (fd >= FIXED_CLIENTS_MAX || (clients[fd] = calloc(1, sizeof(struct client))) == NULL ||
	    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == -1)
		errx(1, "too many clients");
}

static int
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		errx(1, "the path is too long");
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd == -1 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) == -1 || listen(fd, 1024) == -1)
		err(1, "%s", path);
	return fd;
}

int
main(int argc, char **argv)
{
	struct epoll_event events[64], event = { .events = EPOLLIN };
	int listening, set = epoll_create1(EPOLL_CLOEXEC), n;

	if (argc != 2)
		errx(1, "usage: fixed PATH");
	event.data.fd = listening = listen_at(argv[1]);
	if (set == -1 || epoll_ctl(set, EPOLL_CTL_ADD, listening, &event) == -1)
		err(1, "epoll");
	while ((n = epoll_wait(set, events, 64, -1)) >= 0)
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == listening) {
				accept_one(listening, set);
			} else if (!serve(fd, clients[fd])) {
				free(clients[fd]);
				clients[fd] = NULL;
				(void)close(fd);
			}
		}
	err(1, "epoll_wait");
}
