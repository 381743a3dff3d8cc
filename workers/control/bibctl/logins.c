/*
 * bibctl login: the file of the verifiers by which remote applications without a certificate are let in. It belongs to
 * the operator, only root can read it, and bibd reads it at its start and at each reload. A password is asked for on
 * the terminal, or read from standard input; what is kept of it is its verifier.
 */
#include <bsd/readpassphrase.h>
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workers/control/bibctl/bibctl.h"
#include "workers/control/request/answer.h"
#include "workers/control/host/printed_conf.h"
#include "workers/scram/scram.h"

#define LOGINS_SIZE_MAX (1U << 20) /* what bibd reads */
#define LOGINS_NAME_MAX 63
#define LOGINS_PASSWORD_MIN 8
#define LOGINS_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

/* ---- the file ---- */

/* Its text, or "" where there is none yet; the caller wipes it. */
static char *
logins_read_file(const char *path, struct error *e)
{
	char *text = calloc(1, LOGINS_SIZE_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t size = 0;
	ssize_t n = 1;

	if (fd == -1 && errno == ENOENT)
		return text;
	while (fd != -1 && text != NULL && size < LOGINS_SIZE_MAX &&
	    (n = read(fd, text + size, LOGINS_SIZE_MAX - size)) > 0)
		size += (size_t)n;
	if (fd == -1 || text == NULL || n < 0)
		(void)error_set_errno(e, fd == -1 ? STATUS_PERMISSION : STATUS_IO, "login.file", "cannot read %s",
		    path);
	else if (size == LOGINS_SIZE_MAX)
		(void)error_set(e, STATUS_DATA, "login.file", "%s is too large to be a file of logins", path);
	else {
		close(fd);
		return text;
	}
	if (fd != -1)
		close(fd);
	if (text != NULL)
		freezero(text, LOGINS_SIZE_MAX);
	return NULL;
}

/* Whether this line is that login's. */
static bool
logins_is_of(const char *line, const char *name)
{
	size_t length = strlen(name);

	return strncmp(line, name, length) == 0 && line[length] == ':';
}

/* All lines but those of the name, and the new one if there is one. */
static int
logins_put(FILE *out, const char *text, const char *name, const char *verifier)
{
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");

		if (!logins_is_of(text, name))
			(void)fprintf(out, "%.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
	if (verifier != NULL)
		(void)fprintf(out, "%s:%s\n", name, verifier);
	return fflush(out) == 0 && ferror(out) == 0 && fsync(fileno(out)) == 0 ? 0 : -1;
}

static void
logins_sync_directory(const char *path)
{
	char copy[PATH_MAX];
	int fd;

	(void)strlcpy(copy, path, sizeof(copy));
	if ((fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return;
	(void)fsync(fd);
	close(fd);
}

/* Written under another name and renamed: a reader finds the old file or the new one, whole. */
static int
logins_write_file(const char *path, const char *text, const char *name, const char *verifier, struct error *e)
{
	char new_path[PATH_MAX];
	FILE *out = NULL;
	int fd, written = -1;

	if (snprintf(new_path, sizeof(new_path), "%s.%ld", path, (long)getpid()) >= (int)sizeof(new_path))
		return error_set(e, STATUS_CONFIG, "login.file", "listen.tcp.logins is too long");
	fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 || (out = fdopen(fd, "w")) == NULL) {
		(void)error_set_errno(e, errno == EACCES ? STATUS_PERMISSION : STATUS_CANT_CREATE, "login.file",
		    "cannot create %s", new_path);
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (logins_put(out, text, name, verifier) == 0 && rename(new_path, path) == 0)
		written = 0;
	else
		(void)error_set_errno(e, STATUS_IO, "login.file", "cannot write %s", path);
	(void)fclose(out);
	if (written == -1)
		(void)unlink(new_path);
	else
		logins_sync_directory(path);
	return written;
}

/* ---- the password ---- */

static int
logins_check_password(const char *password, struct error *e)
{
	if (strlen(password) < LOGINS_PASSWORD_MIN)
		return error_set(e, STATUS_USAGE, "login.password", "a password has at least %d characters",
		    LOGINS_PASSWORD_MIN);
	/* Some clients normalise other characters (SASLprep, RFC 4013), and some do not. */
	for (const char *c = password; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			return error_set(e, STATUS_USAGE, "login.password",
			    "a password has letters, digits and signs of ASCII alone, so that every client sends the "
			    "same");
	return 0;
}

static int
logins_ask_terminal(char *password, size_t size, struct error *e)
{
	char again[SCRAM_PASSWORD_MAX];
	int result = 0;

	if (readpassphrase("Password: ", password, size, RPP_ECHO_OFF | RPP_REQUIRE_TTY) == NULL ||
	    readpassphrase("The same again: ", again, sizeof(again), RPP_ECHO_OFF | RPP_REQUIRE_TTY) == NULL)
		result = error_set_errno(e, STATUS_IO, "login.password", "cannot read a password from the terminal");
	else if (strcmp(password, again) != 0)
		result = error_set(e, STATUS_USAGE, "login.password", "the two passwords differ");
	explicit_bzero(again, sizeof(again));
	return result;
}

static int
logins_read_password(char *password, size_t size, struct error *e)
{
	ssize_t n = 0;
	size_t used = 0;

	if (isatty(STDIN_FILENO) == 1) {
		if (logins_ask_terminal(password, size, e) == -1)
			return -1;
		return logins_check_password(password, e);
	}
	/* One line, without a buffer of stdio's that would keep it. */
	while (used < size - 1 && (n = read(STDIN_FILENO, password + used, size - 1 - used)) > 0)
		used += (size_t)n;
	password[used] = '\0';
	if (n < 0)
		return error_set_errno(e, STATUS_IO, "login.password", "cannot read a password from standard input");
	password[strcspn(password, "\r\n")] = '\0';
	return logins_check_password(password, e);
}

static int
logins_make_verifier(char verifier[SCRAM_VERIFIER_SIZE], struct error *e)
{
	char password[SCRAM_PASSWORD_MAX];
	int result = logins_read_password(password, sizeof(password), e);

	if (result == 0)
		result = scram_verifier_new(password, SCRAM_ITERATIONS_PERSON, verifier, e);
	explicit_bzero(password, sizeof(password));
	return result;
}

/* ---- the commands ---- */

static int
logins_check_name(const char *name, struct error *e)
{
	if (name[0] != '\0' && name[0] != '.' && name[0] != '-' && strlen(name) <= LOGINS_NAME_MAX &&
	    strspn(name, LOGINS_CHARACTERS) == strlen(name))
		return 0;
	return error_set(e, STATUS_USAGE, "login.name",
	    "a login's name is 1 to %d letters, digits, '_', '.' and '-', the first a letter, a digit or '_'",
	    LOGINS_NAME_MAX);
}

/* The path of the file, as the configuration names it. */
static int
logins_find_file(const struct bibctl *bibctl, char path[PATH_MAX], struct error *e)
{
	char warning[ERROR_TEXT_MAX];
	struct conf *conf = printed_conf_load(bibctl->conf_path, warning, sizeof(warning), e);

	if (conf == NULL)
		return -1;
	(void)strlcpy(path, conf->listen.tcp.logins, PATH_MAX);
	conf_free(conf);
	if (path[0] != '\0')
		return 0;
	return error_set(e, STATUS_CONFIG, "login.none",
	    "%s names no file of logins: set listen.tcp.logins, to /etc/bibd/logins for example", bibctl->conf_path);
}

static int
logins_add(const struct bibctl *bibctl, char *done, size_t size, struct error *e)
{
	char path[PATH_MAX], verifier[SCRAM_VERIFIER_SIZE], *text;
	int result = -1;

	if (logins_check_name(bibctl->name, e) == -1 || logins_find_file(bibctl, path, e) == -1 ||
	    (text = logins_read_file(path, e)) == NULL)
		return -1;
	if (logins_make_verifier(verifier, e) == 0)
		result = logins_write_file(path, text, bibctl->name, verifier, e);
	explicit_bzero(verifier, sizeof(verifier));
	freezero(text, LOGINS_SIZE_MAX);
	(void)snprintf(done, size,
	    "the login %s has its password in %.200s; access in bibd.yaml says its roles ({login: %s, roles: [...]}); "
	    "bibctl reload puts both in force",
	    bibctl->name, path, bibctl->name);
	return result;
}

static int
logins_remove(const struct bibctl *bibctl, char *done, size_t size, struct error *e)
{
	char path[PATH_MAX], *text, *line;
	int result;

	if (logins_find_file(bibctl, path, e) == -1 || (text = logins_read_file(path, e)) == NULL)
		return -1;
	for (line = text; *line != '\0' && !logins_is_of(line, bibctl->name);)
		line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n');
	if (*line == '\0')
		result =
		    error_set(e, STATUS_USAGE, "login.none", "there is no login %.64s in %.200s", bibctl->name, path);
	else
		result = logins_write_file(path, text, bibctl->name, NULL, e);
	freezero(text, LOGINS_SIZE_MAX);
	(void)snprintf(done, size, "the login %.64s has no password any more; bibctl reload puts that in force",
	    bibctl->name);
	return result;
}

static int
logins_run(struct bibctl *bibctl, int (*run)(const struct bibctl *, char *, size_t, struct error *))
{
	struct commands_answer answer = { .bibctl = bibctl, .fd = -1, .result = { .code = "login.done" } };
	char done[ERROR_TEXT_MAX];

	if (run(bibctl, done, sizeof(done), &answer.result) == 0)
		answer.result = (struct error) { .code = "login.done", .status = STATUS_OK };
	return commands_finish(&answer, done);
}

int
bibctl_login_add(struct bibctl *bibctl)
{
	return logins_run(bibctl, logins_add);
}

int
bibctl_login_remove(struct bibctl *bibctl)
{
	return logins_run(bibctl, logins_remove);
}
