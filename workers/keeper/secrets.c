/*
 * Opens the identity and the credentials, or makes them where that is allowed, and encrypts them anew for another
 * identity.
 */
#include "workers/keeper/secrets.h"

#include <stdlib.h>

#include "common/log.h"

/* A new identity would leave credentials behind that nobody can read any more. */
static int
secrets_may_make_identity(const struct secrets_request *request, const struct files *files, struct error *e)
{
	int orphaned = files_exists(files, FILES_CREDENTIALS, e);

	if (orphaned == -1)
		return -1;
	if (orphaned == 1)
		return error_set(e, STATUS_DATA, "secrets.missing",
		    "%s/" FILES_IDENTITY " is missing, without which " FILES_CREDENTIALS
		    " cannot be read: restore it from a backup, or " FILES_WAY_BACK_IDENTITY,
		    files->path);
	if (!request->may_create && request->managed)
		return error_set(e, STATUS_DATA, "secrets.missing",
		    "%s/" FILES_IDENTITY " and " FILES_CREDENTIALS
		    " are missing, but the node has a database: restore both from a backup, or " FILES_WAY_BACK,
		    files->path);
	return 0;
}

static int
secrets_open_identity(const struct secrets_request *request, const struct files *files, struct identity *identity,
    struct error *e)
{
	int found = identity_read(identity, files, request->outer, e);

	if (found != 0)
		return found == 1 ? 0 : -1;
	if (secrets_may_make_identity(request, files, e) == -1 ||
	    identity_create(identity, files, request->outer, e) == -1)
		return -1;
	log_notice("made the node's identity, %s/" FILES_IDENTITY, files->path);
	return 0;
}

static int
secrets_complete(const struct secrets_request *request, const struct files *files, const struct identity *identity,
    struct credentials *credentials, struct error *e)
{
	bool is_new = credentials_find(credentials, CREDENTIALS_MANAGED, CREDENTIALS_SYSTEM) == NULL;
	int made;

	if (is_new && !request->may_create)
		return error_set(e, STATUS_DATA, "secrets.missing",
		    "%s/" FILES_CREDENTIALS
		    " %s, but the node has a database: restore it from a backup, or " FILES_WAY_BACK,
		    files->path, credentials->count == 0 ? "is missing" : "has no logins of a managed server in it");
	if ((made = credentials_complete(credentials, e)) == -1 ||
	    (made == 1 && credentials_write(credentials, files, identity, request->node_id, e) == -1))
		return -1;
	if (is_new)
		log_notice("made new credentials, %s/" FILES_CREDENTIALS, files->path);
	return is_new ? 1 : 0;
}

static int
secrets_keep_external(const struct secrets_request *request, const struct files *files, const struct identity *identity,
    struct credentials *credentials, struct error *e)
{
	int changed;

	if (request->password == NULL)
		return 0;
	if ((changed = credentials_keep_external(credentials, request->login, request->password, e)) == -1)
		return -1;
	return changed == 1 ? credentials_write(credentials, files, identity, request->node_id, e) : 0;
}

/* Replaces both files, encrypted under this identity. */
static int
secrets_replace(const struct secrets_request *request, const struct files *files, const struct identity *identity,
    const struct credentials *credentials, struct error *e)
{
	struct files_new list[] = { { .name = FILES_CREDENTIALS }, { .name = FILES_IDENTITY } };
	uint8_t *data[2] = { NULL, NULL };
	int result = -1;

	if (credentials_print(credentials, identity, request->node_id, &data[0], &list[0].size, e) == 0 &&
	    identity_print(identity, &data[1], &list[1].size, e) == 0) {
		list[0].data = data[0];
		list[1].data = data[1];
		/* Without credentials no file of them is written: an empty one would be another thing. */
		result =
		    credentials->count == 0 ? files_replace(files, &list[1], 1, e) : files_replace(files, list, 2, e);
	}
	free(data[0]);
	files_free(data[1], list[1].size);
	return result;
}

/* Encrypts the secrets of a node that has just been given a key outside. */
static int
secrets_encrypt(const struct secrets_request *request, const struct files *files, const struct identity *identity,
    struct credentials *credentials, struct error *e)
{
	if (!identity->outer.given || (!identity->was_plain && (credentials->with_outer || credentials->count == 0)))
		return 0;
	if (secrets_replace(request, files, identity, credentials, e) == -1)
		return -1;
	credentials->with_outer = true;
	log_notice("the secrets in %s are encrypted under the key of secrets.key_file from now on", files->path);
	return 0;
}

int
secrets_rotate_identity(const struct secrets_request *request, const struct credentials *credentials, struct error *e)
{
	struct identity identity;
	struct files files;
	int result;

	if (files_open(&files, request->directory, e) == -1)
		return -1;
	if ((result = identity_make(&identity, request->outer, e)) == 0) {
		result = secrets_replace(request, &files, &identity, credentials, e);
		identity_close(&identity);
	}
	files_close(&files);
	return result;
}

int
secrets_open(const struct secrets_request *request, struct credentials *credentials, struct error *e)
{
	struct identity identity = { .key = NULL };
	struct files files;
	int result;

	credentials_wipe(credentials);
	if (files_open(&files, request->directory, e) == -1)
		return -1;
	result = secrets_open_identity(request, &files, &identity, e);
	if (result == 0 && credentials_read(credentials, &files, &identity, request->node_id, e) == -1)
		result = -1;
	if (result == 0)
		result = secrets_encrypt(request, &files, &identity, credentials, e);
	if (result == 0 && request->managed)
		result = secrets_complete(request, &files, &identity, credentials, e);
	else if (result == 0)
		result = secrets_keep_external(request, &files, &identity, credentials, e);
	if (result == -1)
		credentials_wipe(credentials);
	identity_close(&identity);
	files_close(&files);
	return result;
}
