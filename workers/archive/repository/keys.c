/*
 * The object "repository": who may read and write it. Its lines are in bibd-repository(5).
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/keys.h"

#define KEYS_OBJECT "repository"
#define KEYS_MAGIC "bibd repository 1\n"
#define KEYS_MAC_LABEL "bibd repository"

static int
keys_damaged(const struct depot *depot, struct error *e)
{
	return error_set(e, STATUS_DATA, "repository.damaged", "%s/" KEYS_OBJECT " is damaged", depot->where);
}

/* ---- the data key, wrapped ---- */

static size_t
keys_associated(const struct repository *r, const char *whom, char *buf, size_t size)
{
	return (size_t)snprintf(buf, size, KEYS_MAGIC "%s\n%s\n%s\n", r->id, r->node, whom);
}

int
keys_wrap(struct repository *r, struct repository_wrap *wrap, const char *whom, const uint8_t *key, struct error *e)
{
	char associated[256];
	struct seal_box box = { .key = key, .nonce = wrap->nonce, .associated = associated };

	box.associated_size = keys_associated(r, whom, associated, sizeof(associated));
	if (seal_random(wrap->nonce, sizeof(wrap->nonce), e) == -1 ||
	    seal_close(&box, r->key, sizeof(r->key), wrap->sealed, e) == -1)
		return -1;
	wrap->given = true;
	return 0;
}

int
keys_unwrap(struct repository *r, const struct repository_wrap *wrap, const char *whom, const uint8_t *key,
    struct error *e)
{
	char associated[256];
	struct seal_box box = { .key = key, .nonce = wrap->nonce, .associated = associated };

	box.associated_size = keys_associated(r, whom, associated, sizeof(associated));
	return wrap->given ? seal_open(&box, wrap->sealed, sizeof(wrap->sealed), r->key, e) : 0;
}

/* ---- its text ---- */

static int
keys_mac(const struct repository *r, const char *text, size_t size, uint8_t mac[SEAL_HASH_SIZE], struct error *e)
{
	uint8_t key[SEAL_KEY_SIZE];
	struct seal_hasher *hasher = NULL;
	int result = -1;

	if (seal_derive(r->key, NULL, KEYS_MAC_LABEL, key, e) == 0 && (hasher = seal_hasher_make(key, e)) != NULL)
		result = seal_hash(hasher, text, size, mac, e);
	seal_hasher_free(hasher);
	explicit_bzero(key, sizeof(key));
	return result;
}

static void
keys_print_wrap(FILE *out, const char *whom, const struct repository_wrap *wrap)
{
	char nonce[SEAL_HEX_SIZE(SEAL_NONCE_SIZE)], sealed[SEAL_HEX_SIZE(SEAL_KEY_SIZE + SEAL_TAG_SIZE)];

	if (!wrap->given)
		return;
	seal_to_hex(wrap->nonce, sizeof(wrap->nonce), nonce);
	seal_to_hex(wrap->sealed, sizeof(wrap->sealed), sealed);
	(void)fprintf(out, "key %s %s %s\n", whom, nonce, sealed);
}

/* With what the key command gave for the key that it is sealed with. */
static void
keys_print_outer(FILE *out, const struct repository *r)
{
	char outer[SEAL_HEX_SIZE(REPOSITORY_OUTER_MAX)];

	if (!r->for_command.given)
		return;
	keys_print_wrap(out, "command", &r->for_command);
	seal_to_hex(r->outer, r->outer_size, outer);
	(void)fprintf(out, "outer %s\n", outer);
}

int
keys_write(struct repository *r, bool replace, struct error *e)
{
	char *text = NULL, hex[SEAL_HEX_SIZE(SEAL_KEY_SIZE)];
	uint8_t mac[SEAL_HASH_SIZE];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int result = -1;

	if (out == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot write the repository's keys");
	(void)fprintf(out, KEYS_MAGIC "id %s\nnode %s\n", r->id, r->node);
	for (unsigned i = 0; i < r->nsigners; i++) {
		seal_to_hex(r->signers[i], SEAL_KEY_SIZE, hex);
		(void)fprintf(out, "signer %s\n", hex);
	}
	keys_print_wrap(out, "node", &r->for_node);
	keys_print_wrap(out, "recovery", &r->for_recovery);
	keys_print_outer(out, r);
	if (fflush(out) == 0 && keys_mac(r, text, size, mac, e) == 0) {
		seal_to_hex(mac, sizeof(mac), hex);
		(void)fprintf(out, "mac %s\n", hex);
		if (fclose(out) == 0)
			result = r->depot->calls->publish(r->depot, KEYS_OBJECT, text, size, replace, e);
		else
			(void)error_set_errno(e, STATUS_OS, "repository.memory", "cannot write the repository's keys");
	} else
		(void)fclose(out);
	free(text);
	return result;
}

static int
keys_parse_wrap(struct repository_wrap *wrap, const char *text)
{
	const char *space = strchr(text, ' ');

	if (space == NULL || seal_from_hex(text, (size_t)(space - text), wrap->nonce, sizeof(wrap->nonce)) == -1 ||
	    seal_from_hex(space + 1, strlen(space + 1), wrap->sealed, sizeof(wrap->sealed)) == -1)
		return -1;
	wrap->given = true;
	return 0;
}

static int
keys_parse_outer(struct repository *r, const char *text)
{
	r->outer_size = strlen(text) / 2;
	return r->outer_size == 0 || r->outer_size > REPOSITORY_OUTER_MAX
	    ? -1
	    : seal_from_hex(text, strlen(text), r->outer, r->outer_size);
}

static int
keys_parse_line(struct repository *r, const char *line)
{
	if (strncmp(line, "id ", 3) == 0 && strlen(line + 3) == REPOSITORY_ID_SIZE - 1)
		memcpy(r->id, line + 3, REPOSITORY_ID_SIZE);
	else if (strncmp(line, "node ", 5) == 0 && strlen(line + 5) < REPOSITORY_NODE_SIZE)
		(void)snprintf(r->node, sizeof(r->node), "%s", line + 5);
	else if (strncmp(line, "signer ", 7) == 0 && r->nsigners < REPOSITORY_SIGNERS_MAX)
		return seal_from_hex(line + 7, strlen(line + 7), r->signers[r->nsigners++], SEAL_KEY_SIZE);
	else if (strncmp(line, "key node ", 9) == 0)
		return keys_parse_wrap(&r->for_node, line + 9);
	else if (strncmp(line, "key recovery ", 13) == 0)
		return keys_parse_wrap(&r->for_recovery, line + 13);
	else if (strncmp(line, "key command ", 12) == 0)
		return keys_parse_wrap(&r->for_command, line + 12);
	else if (strncmp(line, "outer ", 6) == 0)
		return keys_parse_outer(r, line + 6);
	else
		return -1;
	return 0;
}

int
keys_read(struct repository *r, struct keys_text *text, struct error *e)
{
	char *line, *next, *copy, *mac;
	size_t size = 0;
	int result = -1;

	if (r->depot->calls->read(r->depot, KEYS_OBJECT, 0, text->text, KEYS_SIZE_MAX, &size, e) == -1)
		return -1;
	text->text[size] = '\0';
	mac = strstr(text->text, "\nmac ");
	if (strlen(text->text) != size || strncmp(text->text, KEYS_MAGIC, strlen(KEYS_MAGIC)) != 0 || mac == NULL ||
	    strlen(mac) != 5 + 2 * SEAL_HASH_SIZE + 1 || mac[strlen(mac) - 1] != '\n' ||
	    seal_from_hex(mac + 5, (size_t)2 * SEAL_HASH_SIZE, text->mac, sizeof(text->mac)) == -1)
		return keys_damaged(r->depot, e);
	text->signed_size = (size_t)(mac + 1 - text->text);
	if ((copy = strndup(text->text + strlen(KEYS_MAGIC), text->signed_size - strlen(KEYS_MAGIC))) == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot read the repository's keys");
	for (line = copy, result = 0; result == 0 && *line != '\0'; line = next) {
		next = strchr(line, '\n');
		*next++ = '\0';
		result = keys_parse_line(r, line);
	}
	free(copy);
	return result == -1 || r->id[0] == '\0' || r->node[0] == '\0' || r->nsigners == 0 ||
		r->for_command.given != (r->outer_size > 0)
	    ? keys_damaged(r->depot, e)
	    : 0;
}

int
keys_check_mac(const struct repository *r, const struct keys_text *text, struct error *e)
{
	uint8_t mac[SEAL_HASH_SIZE];

	if (keys_mac(r, text->text, text->signed_size, mac, e) == -1)
		return -1;
	return CRYPTO_memcmp(mac, text->mac, sizeof(mac)) == 0 ? 0 : keys_damaged(r->depot, e);
}

/* ---- opening ---- */

static int
keys_add_signer(struct repository *r, struct error *e)
{
	uint8_t public[SEAL_KEY_SIZE];

	if (seal_public(r->seed, public, e) == -1)
		return -1;
	for (unsigned i = 0; i < r->nsigners; i++)
		if (memcmp(r->signers[i], public, SEAL_KEY_SIZE) == 0)
			return 0;
	if (r->nsigners == REPOSITORY_SIGNERS_MAX)
		return error_set(e, STATUS_DATA, "repository.foreign",
		    "%s has had %d identities: begin a new repository", r->depot->where, REPOSITORY_SIGNERS_MAX);
	memcpy(r->signers[r->nsigners++], public, SEAL_KEY_SIZE);
	return 0;
}

static int
keys_make(struct repository *r, const struct repository_identity *identity, struct error *e)
{
	uint8_t id[(REPOSITORY_ID_SIZE - 1) / 2];

	if (seal_random(id, sizeof(id), e) == -1 || seal_random(r->key, sizeof(r->key), e) == -1)
		return -1;
	seal_to_hex(id, sizeof(id), r->id);
	(void)snprintf(r->node, sizeof(r->node), "%s", identity->node_id);
	return keys_add_signer(r, e) == -1 || keys_wrap(r, &r->for_node, "node", identity->wrap, e) == -1
	    ? -1
	    : keys_write(r, false, e);
}

int
keys_open(struct repository *r, struct depot *depot, const struct repository_wrap *wrap, const char *whom,
    const uint8_t *key, struct error *e)
{
	struct keys_text *text = malloc(sizeof(*text));
	int result = -1;

	*r = (struct repository) { .depot = depot };
	if (text == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot read the repository's keys");
	if (keys_read(r, text, e) == 0 && (result = keys_unwrap(r, wrap, whom, key, e)) == 1)
		result = keys_check_mac(r, text, e) == -1 ? -1 : 1;
	free(text);
	return result;
}

static int
keys_refuse_node(const struct repository *r, const char *node_id, struct error *e)
{
	if (node_id != NULL && strcmp(r->node, node_id) != 0)
		return error_set(e, STATUS_DATA, "repository.foreign",
		    "%s is the repository of node %s and this is node %s: let backup.repository name another place",
		    r->depot->where, r->node, node_id);
	return error_set(e, STATUS_DATA, "repository.foreign",
	    "%s was written under another identity: it can be read with its recovery key alone; let "
	    "backup.repository name another place for new backups",
	    r->depot->where);
}

int
repository_open(struct repository *r, struct depot *depot, const struct repository_identity *identity, bool *made,
    struct error *e)
{
	int result = keys_open(r, depot, &r->for_node, "node", identity->wrap, e);

	*made = false;
	memcpy(r->seed, identity->seed, sizeof(r->seed));
	r->has_seed = true;
	if (result == -1 && strcmp(e->code, "repository.missing") == 0) {
		*made = true;
		result = keys_make(r, identity, e) == -1 ? -1 : 1;
	} else if (result == 0 || (result == 1 && strcmp(r->node, identity->node_id) != 0))
		result = keys_refuse_node(r, identity->node_id, e);
	if (result == -1)
		repository_close(r);
	return result == 1 ? 0 : -1;
}

int
repository_open_for_reading(struct repository *r, struct depot *depot, const uint8_t wrap[SEAL_KEY_SIZE],
    struct error *e)
{
	int result = keys_open(r, depot, &r->for_node, "node", wrap, e);

	if (result == 0)
		result = keys_refuse_node(r, NULL, e);
	if (result == -1)
		repository_close(r);
	return result == 1 ? 0 : -1;
}

int
repository_adopt(struct repository *r, const struct repository_identity *identity, struct error *e)
{
	struct repository before = *r;

	memcpy(r->seed, identity->seed, sizeof(r->seed));
	if (keys_add_signer(r, e) == 0 && keys_wrap(r, &r->for_node, "node", identity->wrap, e) == 0 &&
	    keys_write(r, true, e) == 0) {
		explicit_bzero(&before, sizeof(before));
		return 0;
	}
	*r = before;
	explicit_bzero(&before, sizeof(before));
	return -1;
}

void
repository_close(struct repository *r)
{
	explicit_bzero(r, sizeof(*r));
}
