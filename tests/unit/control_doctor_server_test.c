/* The checks of `bibctl doctor` that ask servers and ports, on loopback. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/control_doctor_scene.h"
#include "workers/control/host/dial.h"
#include "common/port.h"

/* Listens on a loopback port; sets it. */
static int
listen_anywhere(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

START_TEST(test_port)
{
	char text[16], owner[128], wanted[64];
	uint16_t port;
	int fd = listen_anywhere(&port);

	scene_become_postgres();
	(void)snprintf(text, sizeof(text), "%u", (unsigned)port);
	scene_set_key("database.postgres.port", text);
	(void)snprintf(wanted, sizeof(wanted), "(pid %d)", (int)getpid());
	scene_expect(doctor_check_port, "failed ", wanted);
	port_describe_owner(port, owner, sizeof(owner));
	ck_assert_ptr_nonnull(strstr(owner, wanted));
	close(fd);
	scene_expect(doctor_check_port, "ok ", "is free");
}
END_TEST

/* Answers one connection in a child of its own, after the startup packet. */
static pid_t
serve(int fd, const char *answer, size_t size)
{
	pid_t pid = fork();

	if (pid == 0) {
		char packet[512];
		int client = accept(fd, NULL, NULL);

		if (read(client, packet, sizeof(packet)) > 0 && write(client, answer, size) == (ssize_t)size)
			_exit(0);
		_exit(1);
	}
	return pid;
}

static const struct {
	const char *answer;
	size_t size;
	const char *verdict, *part;
} answers[] = {
	{ "R\0\0\0\10\0\0\0\5salt", 13, "ok ", "answers at 127.0.0.1:" },
	{ "E\0\0\0\40SFATAL\0C57P03\0Mnot yet\0\0", 29, "warning ", "is starting: not yet" },
	{ "E\0\0\0\40SFATAL\0C28000\0Mno entry\0\0", 30, "failed ", "refuses us: no entry (28000)" },
	{ "E\0\0\0\40SFATAL\0C53300\0Mtoo many\0\0", 30, "warning ", "too many" },
	{ "E\0\0\0\40SFATAL", 11, "failed ", "is not PostgreSQL" },
	{ "HTTP/1.1 400", 12, "failed ", "is not PostgreSQL" },
};

START_TEST(test_external)
{
	char text[16];
	uint16_t port;
	int fd = listen_anywhere(&port), status;
	pid_t pid;

	scene_become_postgres();
	(void)snprintf(text, sizeof(text), "%u", (unsigned)port);
	scene_set_key("database.postgres.advanced.port", text);
	scene_set_key("database.postgres.advanced.host", "127.0.0.1");
	pid = serve(fd, answers[_i].answer, answers[_i].size);
	scene_expect(doctor_check_external, answers[_i].verdict, answers[_i].part);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(fd);
	scene_expect(doctor_check_external, "failed ", "Connection refused");
}
END_TEST

START_TEST(test_dial_has_a_deadline)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char answer[16];
	uint16_t port;
	int fd = listen_anywhere(&port), client;

	address.sin_port = htons(port);
	ck_assert_int_ne(client = dial((const struct sockaddr *)&address, sizeof(address), 1000), -1);
	ck_assert_int_eq(dial_ask(client, "x", 1, answer, sizeof(answer), 50), -1);
	close(client);
	close(fd);
	ck_assert_int_eq(dial_unix(scene_at("nosuch"), 100), -1);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_port);
	tcase_add_loop_test(t, test_external, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(t, test_dial_has_a_deadline);
}

int
main(void)
{
	return scene_main("control doctor servers", add_tests);
}
