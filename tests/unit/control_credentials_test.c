/* The way back after lost credentials: what is set aside, what is kept, and who is refused. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/control/bibctl/credentials.h"

#define KEY \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n" \
	"-----END PRIVATE KEY-----\n"

/* File scope: Check's fixtures take no arguments. */
static char dir[64], report[512];
static struct error e;

static const char *
at(const char *name)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
put(const char *name, const char *text, mode_t mode)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void
set_up(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/bibd-credentials-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(mkdir(at("secrets"), 0700), 0);
	put("secrets/credentials", "the old ones", 0600);
	put("secrets/identity.pem", KEY, 0600);
}

static void
empty(const char *name)
{
	char path[512];
	DIR *directory;
	struct dirent *entry;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((directory = opendir(path)) == NULL)
		return;
	while ((entry = readdir(directory)) != NULL)
		(void)unlinkat(dirfd(directory), entry->d_name, 0);
	(void)closedir(directory);
	(void)rmdir(path);
}

static void
tear_down(void)
{
	empty("secrets");
	empty(".");
	(void)rmdir(dir);
}

/* How many files of secrets have a name that begins so. */
static unsigned
count(const char *prefix)
{
	DIR *directory = opendir(at("secrets"));
	struct dirent *entry;
	unsigned n = 0;

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)) != NULL)
		n += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
	(void)closedir(directory);
	return n;
}

static int
reset(const char *data_dir, bool identity, char *text, size_t size, struct error *why)
{
	const struct credentials_request request = { .data_dir = data_dir,
		.identity = identity,
		.managed = true,
		.has_credentials = true };

	return credentials_reset(&request, text, size, why);
}

static void
expect_reset(bool identity)
{
	struct stat st;

	ck_assert_msg(reset(dir, identity, report, sizeof(report), &e) == 0, "%s", e.text);
	ck_assert_int_eq(lstat(at("secrets.reset"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(access(at("lock"), F_OK), -1);
}

START_TEST(credentials_are_set_aside)
{
	expect_reset(false);
	ck_assert_uint_eq(count("credentials.damaged-20"), 1);
	ck_assert_uint_eq(count("credentials"), 1);
	ck_assert_uint_eq(count("identity"), 1);
	ck_assert_int_eq(access(at("secrets/identity.pem"), F_OK), 0);
	ck_assert_ptr_nonnull(strstr(report, "set aside as"));
	ck_assert_ptr_nonnull(strstr(report, "/secrets/credentials.damaged-20"));
}
END_TEST

/* A node on SQLite: no credentials to speak of, and no database that must learn of new ones. */
START_TEST(identity_alone)
{
	const struct credentials_request request = { .data_dir = dir, .identity = true };

	ck_assert_int_eq(unlink(at("secrets/credentials")), 0);
	ck_assert_msg(credentials_reset(&request, report, sizeof(report), &e) == 0, "%s", e.text);
	ck_assert_uint_eq(count("identity.pem.damaged-20"), 1);
	ck_assert_uint_eq(count("identity"), 1);
	ck_assert_ptr_null(strstr(report, "there was no"));
	ck_assert_int_eq(access(at("secrets.reset"), F_OK), -1);
	/* Credentials of an earlier backend cannot be read without the identity. */
	put("secrets/identity.pem", KEY, 0600);
	put("secrets/credentials", "of an earlier backend", 0600);
	ck_assert_msg(credentials_reset(&request, report, sizeof(report), &e) == 0, "%s", e.text);
	ck_assert_uint_eq(count("credentials.damaged-20"), 1);
}
END_TEST

START_TEST(missing_credentials_are_no_error)
{
	ck_assert_int_eq(unlink(at("secrets/credentials")), 0);
	expect_reset(false);
	ck_assert_uint_eq(count("credentials"), 0);
	ck_assert_ptr_nonnull(strstr(report, "there was no"));
	/* And asking twice asks for the same. */
	expect_reset(false);
}
END_TEST

START_TEST(identity_goes_when_it_is_asked_for)
{
	expect_reset(true);
	ck_assert_uint_eq(count("identity.pem.damaged-20"), 1);
	ck_assert_uint_eq(count("identity"), 1);
}
END_TEST

static const struct {
	const char *text;
	mode_t mode;
} damaged[] = {
	{ "", 0600 },
	{ "-----BEGIN PRIVATE KEY-----\n", 0600 },
	{ KEY "x", 0600 },
	{ KEY, 0640 },
	{ "-----BEGIN PRIVATE KEX-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
	  "-----END PRIVATE KEY-----\n",
	    0600 },
};

START_TEST(damaged_identity_goes_too)
{
	ck_assert_int_eq(unlink(at("secrets/identity.pem")), 0);
	put("secrets/identity.pem", damaged[_i].text, damaged[_i].mode);
	expect_reset(false);
	ck_assert_uint_eq(count("identity.pem.damaged-20"), 1);
}
END_TEST

START_TEST(link_is_moved_as_a_link)
{
	ck_assert_int_eq(unlink(at("secrets/credentials")), 0);
	put("elsewhere", "somebody's", 0600);
	ck_assert_int_eq(symlink("../elsewhere", at("secrets/credentials")), 0);
	expect_reset(false);
	ck_assert_int_eq(access(at("elsewhere"), F_OK), 0);
	ck_assert_uint_eq(count("credentials.damaged-20"), 1);
}
END_TEST

START_TEST(running_daemon_is_left_alone)
{
	int fd = open(at("lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	ck_assert_int_eq(write(fd, "4711\n", 5), 5);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(reset(dir, true, report, sizeof(report), &e), -1);
	ck_assert_str_eq(e.code, "credentials.running");
	ck_assert_int_eq(e.status, STATUS_UNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(e.text, "pid 4711"));
	ck_assert_int_eq(access(at("secrets/credentials"), F_OK), 0);
	ck_assert_int_eq(access(at("secrets.reset"), F_OK), -1);
	ck_assert_int_eq(access(at("lock"), F_OK), 0);
	close(fd);
	/* What a bibd that was killed leaves is no bibd. */
	expect_reset(false);
}
END_TEST

START_TEST(node_without_secrets)
{
	empty("secrets");
	ck_assert_int_eq(reset(dir, false, report, sizeof(report), &e), -1);
	ck_assert_str_eq(e.code, "credentials.none");
	ck_assert_int_eq(access(at("secrets.reset"), F_OK), -1);
	ck_assert_int_eq(access(at("lock"), F_OK), -1);
	ck_assert_int_eq(reset("/no/such", false, report, sizeof(report), &e), -1);
	ck_assert_str_eq(e.code, "credentials.open");
}
END_TEST

START_TEST(others_may_not)
{
	if (getuid() != 0)
		return;
	ck_assert_int_eq(chmod(dir, 0777), 0);
	ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(reset(dir, false, report, sizeof(report), &e), -1);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_str_eq(e.code, "credentials.permission");
	ck_assert_int_eq(access(at("lock"), F_OK), -1);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("reset");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, credentials_are_set_aside);
	tcase_add_test(t, identity_alone);
	tcase_add_test(t, missing_credentials_are_no_error);
	tcase_add_test(t, identity_goes_when_it_is_asked_for);
	tcase_add_loop_test(t, damaged_identity_goes_too, 0, sizeof(damaged) / sizeof(damaged[0]));
	tcase_add_test(t, link_is_moved_as_a_link);
	tcase_add_test(t, running_daemon_is_left_alone);
	tcase_add_test(t, node_without_secrets);
	tcase_add_test(t, others_may_not);
	return unit_run("control credentials", t, NULL);
}
