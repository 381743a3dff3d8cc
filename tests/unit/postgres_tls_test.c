/*
 * TLS between the store and a server on TCP, with the keeper's own program making the certificates: the rules for
 * logging in are those that bibd mounts into a container, and everybody without the right certificate is kept out.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/sandbox.h"
#include "tests/unit/postgres_tls_scene.h"
#include "tests/unit/run.h"

/* ---- connections ---- */

/* As an application of that role, with one parameter replaced (NULL: none; a NULL value takes it out). Waits. */
static PGconn *
connect_with(enum role role, const char *keyword, const char *value)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];
	size_t n = 0;

	ck_assert_int_eq(pg_store_parameters(scene.store, role, keywords, values), 0);
	for (; keywords[n] != NULL; n++)
		if (keyword != NULL && strcmp(keywords[n], keyword) == 0)
			values[n] = value;
	return PQconnectdbParams(keywords, values, 0);
}

/* With the certificate and the key in that file. */
static PGconn *
connect_with_certificate(enum role role, const char *path)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];

	ck_assert_int_eq(pg_store_parameters(scene.store, role, keywords, values), 0);
	for (size_t n = 0; keywords[n] != NULL; n++)
		if (strcmp(keywords[n], "sslcert") == 0 || strcmp(keywords[n], "sslkey") == 0)
			values[n] = path;
	return PQconnectdbParams(keywords, values, 0);
}

/* What the server knows of the client of this connection: a column of pg_stat_ssl. */
static const char *
client_of(PGconn *connection, const char *column)
{
	PGconn *superuser = scene_connect(NULL, NULL);
	static char text[128];
	char sql[128];

	ck_assert_ptr_nonnull(superuser);
	(void)snprintf(sql, sizeof(sql), "select %s from pg_stat_ssl where pid = %d", column, PQbackendPID(connection));
	(void)snprintf(text, sizeof(text), "%s", scene_sql(superuser, sql));
	PQfinish(superuser);
	return text;
}

static void
assert_refused(PGconn *connection, const char *words)
{
	ck_assert_int_eq(PQstatus(connection), CONNECTION_BAD);
	ck_assert_msg(strstr(PQerrorMessage(connection), words) != NULL, "%s", PQerrorMessage(connection));
	PQfinish(connection);
}

static const char *
value_of(enum role role, const char *keyword)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];
	static char text[128];

	ck_assert_int_eq(pg_store_parameters(scene.store, role, keywords, values), 0);
	for (size_t i = 0; keywords[i] != NULL; i++)
		if (strcmp(keywords[i], keyword) == 0)
			(void)snprintf(text, sizeof(text), "%s", values[i]);
	return text;
}

START_TEST(test_each_login)
{
	static const char *const names[ROLES] = { "/CN=bibd_admin_a", "/CN=bibd_write_a", "/CN=bibd_query_a",
		"/CN=bibd_audit_a", "/CN=bibd_monitor_a" };

	for (int role = 0; role < ROLES; role++) {
		PGconn *connection = connect_with((enum role)role, NULL, NULL);

		ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
		ck_assert_str_eq(PQsslAttribute(connection, "protocol"), "TLSv1.3");
		ck_assert_str_eq(client_of(connection, "client_dn"), names[role]);
		PQfinish(connection);
	}
}
END_TEST

START_TEST(test_nobody_else)
{
	char other[128];

	(void)snprintf(other, sizeof(other), "%s", value_of(ROLE_QUERY, "sslcert"));
	/* Without TLS, without a certificate, with a sibling's, without the password, with a password for a
	 * superuser. */
	assert_refused(connect_with(ROLE_WRITE, "sslmode", "disable"), "no encryption");
	assert_refused(connect_with(ROLE_WRITE, "sslcert", "/nonexistent/none"), "certificate");
	assert_refused(connect_with(ROLE_WRITE, "sslcert", other), "private key");
	assert_refused(connect_with_certificate(ROLE_WRITE, other), "authentication failed for user \"bibd_write_a\"");
	assert_refused(connect_with(ROLE_WRITE, "user", "bibd_query_a"), "authentication failed");
	assert_refused(connect_with(ROLE_WRITE, "user", "postgres"), "certificate authentication failed");
	assert_refused(connect_with(ROLE_WRITE, "user", "another"), "pg_hba.conf");
	assert_refused(connect_with(ROLE_WRITE, "password", "wrong"), "password authentication failed");
	/* A server that the authority did not certify, or not for this name. */
	assert_refused(connect_with(ROLE_WRITE, "sslrootcert", "/nonexistent/none"), "root certificate");
	assert_refused(connect_with(ROLE_WRITE, "host", "elsewhere.example"), "elsewhere.example");
}
END_TEST

START_TEST(test_no_older_protocol)
{
	const char *keywords[STORE_PARAMETERS_MAX + 1], *values[STORE_PARAMETERS_MAX + 1];
	size_t n = 0;

	ck_assert_int_eq(pg_store_parameters(scene.store, ROLE_WRITE, keywords, values), 0);
	for (; keywords[n] != NULL; n++)
		if (strcmp(keywords[n], "ssl_min_protocol_version") == 0)
			values[n] = "TLSv1.2";
	keywords[n] = "ssl_max_protocol_version";
	values[n] = "TLSv1.2";
	keywords[n + 1] = values[n + 1] = NULL;
	assert_refused(PQconnectdbParams(keywords, values, 0), "protocol version");
}
END_TEST

/* Certificates that another authority has signed, with all the right names in them, and one of our own that is over. */
START_TEST(test_foreign_certificates)
{
	char dir[96], command[1024], path[160];

	(void)snprintf(dir, sizeof(dir), "%s/foreign", scene.dir);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	(void)snprintf(command, sizeof(command),
	    "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt "
	    "-subj '/CN=bibd CA " NODE
	    "' -days 1 && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout c.key "
	    "-out c.csr -subj /CN=bibd_write_a && openssl x509 -req -in c.csr -CA ca.crt -CAkey ca.key "
	    "-CAcreateserial -days 1 "
	    "-out c.crt && cat c.key >>c.crt && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
	    "-keyout self.key -out self.crt -subj /CN=bibd_write_a -days 1 && cat self.key >>self.crt && chmod 600 "
	    "*.crt",
	    dir);
	{
		pid_t pid = fork();
		int status = -1;

		if (pid == 0) {
			if (freopen("/dev/null", "w", stderr) != NULL)
				(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
			_exit(99);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, i == 0 ? "c.crt" : "self.crt");
		assert_refused(connect_with_certificate(ROLE_WRITE, path), "alert");
	}
}
END_TEST

/* The certificates are files in memory: reached by their names where no file system is. */
START_TEST(test_in_the_sandbox)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		const struct sandbox_port port = { .port = (uint16_t)scene.tcp_port };
		struct error e;
		PGconn *connection;

		if (sandbox_no_core(&e) == -1 || sandbox_landlock(NULL, 0, &port, 1, &e) == -1)
			_exit(1);
		connection = connect_with(ROLE_ADMIN, NULL, NULL);
		if (PQstatus(connection) != CONNECTION_OK)
			(void)fprintf(stderr, "%s", PQerrorMessage(connection));
		_exit(PQstatus(connection) == CONNECTION_OK ? 0 : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* Renewed at two thirds of their life: a session goes on, and new ones have the new certificates on both sides. */
START_TEST(test_renewal)
{
	PGconn *old = connect_with(ROLE_WRITE, NULL, NULL), *new;
	char first[128], path[128];

	ck_assert_int_eq(PQstatus(old), CONNECTION_OK);
	(void)snprintf(first, sizeof(first), "%s", client_of(old, "client_serial"));
	(void)snprintf(path, sizeof(path), "%s", value_of(ROLE_WRITE, "sslcert"));
	scene_until(&tls_keeper.renewed, 1);
	scene_run(300);
	ck_assert_str_eq(scene_sql(old, "select 'alive'"), "alive");
	ck_assert_str_eq(value_of(ROLE_WRITE, "sslcert"), path);
	new = connect_with(ROLE_WRITE, NULL, NULL);
	ck_assert_msg(PQstatus(new) == CONNECTION_OK, "%s", PQerrorMessage(new));
	ck_assert_str_ne(client_of(new, "client_serial"), first);
	/* The first ones are over: who logs in now was given others, and so was the server. */
	scene_pass(LIFE_MS / 3 + 2000);
	PQfinish(new);
	new = connect_with(ROLE_WRITE, NULL, NULL);
	ck_assert_msg(PQstatus(new) == CONNECTION_OK, "%s", PQerrorMessage(new));
	ck_assert_uint_eq(tls_keeper.renewed, 1);
	ck_assert_uint_eq(scene.lost, 0);
	ck_assert_str_eq(scene_sql(old, "select 'alive'"), "alive");
	PQfinish(new);
	PQfinish(old);
}
END_TEST

static unsigned
count_authorities(void)
{
	char path[96], line[256];
	unsigned count = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/certs/ca.crt", scene.dir);
	ck_assert_ptr_nonnull(file = fopen(path, "re"));
	while (fgets(line, sizeof(line), file) != NULL)
		count += strncmp(line, "-----BEGIN", 10) == 0;
	(void)fclose(file);
	return count;
}

/* A new identity, and with it a new authority: whoever connects meanwhile is let in, and a session goes on. */
START_TEST(test_new_identity)
{
	const struct message_rotate_request request = { .what = "identity" };
	PGconn *old = connect_with(ROLE_WRITE, NULL, NULL);
	unsigned both = 0, connections = 0;
	char issuer[256], serial[128];

	ck_assert_int_eq(PQstatus(old), CONNECTION_OK);
	(void)snprintf(issuer, sizeof(issuer), "%s", client_of(old, "issuer_dn"));
	(void)snprintf(serial, sizeof(serial), "%s", client_of(old, "client_serial"));
	(void)channel_send_rotate_request(&tls_keeper.channel, 9, &request, -1);
	scene_until(&tls_keeper.results, 1);
	for (int i = 0; i < 240; i++) {
		PGconn *connection = connect_with((enum role)(i % ROLES), NULL, NULL);

		ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "connection %d: %s", i,
		    PQerrorMessage(connection));
		PQfinish(connection);
		connections++;
		both += count_authorities() == 2;
		scene_pass(50);
	}
	ck_assert_uint_eq(connections, 240);
	ck_assert_uint_gt(both, 50);
	ck_assert_uint_eq(count_authorities(), 1);
	ck_assert_uint_ge(tls_keeper.given, 2);
	ck_assert_str_eq(scene_sql(old, "select 'alive'"), "alive");
	PQfinish(old);
	old = connect_with(ROLE_WRITE, NULL, NULL);
	ck_assert_str_eq(client_of(old, "issuer_dn"), issuer);
	ck_assert_str_ne(client_of(old, "client_serial"), serial);
	ck_assert_uint_eq(scene.lost, 0);
	PQfinish(old);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("all");

	if (!scene_can_run())
		return 77;
	tcase_set_timeout(tests, 120);
	tcase_add_unchecked_fixture(tests, scene_make_cluster, scene_remove_cluster);
	tcase_add_checked_fixture(tests, tls_set_up, tls_tear_down);
	tcase_add_test(tests, test_each_login);
	tcase_add_test(tests, test_nobody_else);
	tcase_add_test(tests, test_no_older_protocol);
	tcase_add_test(tests, test_foreign_certificates);
	tcase_add_test(tests, test_in_the_sandbox);
	tcase_add_test(tests, test_renewal);
	tcase_add_test(tests, test_new_identity);
	return unit_run("postgres: TLS", tests, NULL);
}
