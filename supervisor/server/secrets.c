/*
 * Takes the password out of the configuration, has keeper open the secrets, and connects keeper with the storage
 * worker.
 */
#include "supervisor/server/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/advice.h"
#include "common/log.h"
#include "common/memfd.h"
#include "supervisor/children/children.h"
#include "supervisor/host/operator_file.h"
#include "supervisor/node/node.h"
#include "supervisor/server/certificates.h"
#include "supervisor/server/server.h"

/* The mark is in <data_dir>, where only the user that runs bibd can write. */
#define SECRETS_RESET "secrets.reset"

void
secrets_wipe_password(struct conf *conf)
{
	explicit_bzero(conf->database.postgres.advanced.password, strlen(conf->database.postgres.advanced.password));
}

int
secrets_take_password(struct conf *conf, struct error *e)
{
	const char *password = conf->database.postgres.advanced.password;
	bool wanted = conf->database.backend == CONF_BACKEND_POSTGRES && !conf->database.postgres.managed;
	int fd = -1;

	if (wanted && password[0] != '\0' &&
	    (fd = memfd_create_sealed("bibd-password", password, strlen(password), e)) == -1)
		fd = SECRETS_FAILED;
	secrets_wipe_password(conf);
	return fd;
}

void
secrets_check_file(const char *conf_path)
{
	struct stat st;

	if (stat(conf_path, &st) == 0 && (st.st_mode & S_IROTH) != 0)
		log_warning("%s holds a password and can be read by everyone (mode %04o); close it with: chmod o-r %s",
		    conf_path, (unsigned)st.st_mode & 07777, conf_path);
}

bool
secrets_reset_is_asked(const struct server *server)
{
	return faccessat(server->node->directories.data_fd, SECRETS_RESET, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void
secrets_forget_reset(const struct server *server)
{
	(void)unlinkat(server->node->directories.data_fd, SECRETS_RESET, 0);
}

/* Opened for every start of keeper: the supervisor does not keep the key. */
static int
secrets_send_key(struct server *server, struct child *keeper)
{
	const char *path = server->node->conf->secrets.key_file;
	struct operator_file file;
	struct error e;
	int fd;

	if (path[0] == '\0')
		return 0;
	if ((fd = operator_file_open(path, true, &file)) != -1) {
		(void)channel_send_take_key(&keeper->channel, 0, NULL, fd);
		return 0;
	}
	if (file.fault == OPERATOR_FILE_UNREADABLE)
		(void)error_set(&e, STATUS_DATA, "secrets.key",
		    "cannot open secrets.key_file (%s): %s; put it back; if it is lost for good, let secrets.key_file "
		    "name a new one (or \"\") and, as root, run: bibctl credentials reset --identity; the database is "
		    "untouched",
		    path, strerror(errno));
	else
		(void)error_set(&e, STATUS_PERMISSION, "secrets.key",
		    "secrets.key_file (%s) must be a plain file that nobody but its owner can read, and has mode "
		    "%04o; close it with: chmod 0600 %s",
		    path, file.mode, path);
	advice_name_configuration(e.text, sizeof(e.text), server->node->conf_path);
	log_failure(&e);
	node_stop(server->node, e.status, "the node's secrets cannot be opened");
	return -1;
}

void
secrets_open_stored(struct server *server)
{
	struct child *keeper = children_find(server->children, PROCESS_KEEPER);
	/* pgdata is there only where a server is managed. */
	const bool present = server->pgdata.present;
	const struct message_open_secrets open = { .may_create = !present || server->pgdata.restored ||
		    secrets_reset_is_asked(server),
		.new_database =
		    node_has_server(server->node) && !present && !server->node->was_ready && !server->node->moving };
	int fd = server->password_fd;

	if (fd != -1) {
		server->password_fd = -1;
		(void)channel_send_keep_password(&keeper->channel, 0, NULL, fd);
	}
	if (secrets_send_key(server, keeper) == -1)
		return;
	(void)channel_send_open_secrets(&keeper->channel, channel_next_id(&keeper->channel), &open, -1);
}

void
secrets_take_opened(struct server *server, bool created, const char *verifier)
{
	if (created && server->pgdata.present)
		log_notice("new credentials were made");
	if (conf_has_tls(server->node->conf))
		certificates_prepare(server, created, verifier);
	else
		server_take_secrets(server, created, verifier);
}

void
secrets_connect(struct server *server)
{
	children_connect(server->children, PROCESS_KEEPER, PROCESS_POSTGRES);
}
