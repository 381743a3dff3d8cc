/*
 * Heads of the audit trail: a position of the chain and the hash there, signed by the node's identity. The last one is
 * remembered in audit.head, which only keeper can write. So keeper notices when rows and heads were removed from the
 * database, and it signs only a history that continues from that head.
 */
#include <bsd/string.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memfd.h"
#include "workers/keeper/keeper.h"

#define AUDIT_HASH_LENGTH 64
#define AUDIT_KEY_SIZE (2 * IDENTITY_KEY_ID_SIZE + 1)
#define AUDIT_SIGNATURE_TEXT_SIZE (2 * IDENTITY_SIGNATURE_SIZE + 1)
#define AUDIT_TEXT_SIZE 256
#define AUDIT_HEADS_MAX ((size_t)4 << 20)
#define AUDIT_FILE_SIZE (CONF_BACKENDS * (AUDIT_HASH_LENGTH + AUDIT_KEY_SIZE + 48))

struct keeper_head {
	int64_t position; /* 0: none */
	char hash[AUDIT_HASH_LENGTH + 1];
	char key[AUDIT_KEY_SIZE];
};

/* A line of audit.head: "POSITION HASH KEY BACKEND"; files of older versions have one line, without BACKEND. */
struct audit_lines {
	struct keeper_head heads[CONF_BACKENDS];
};

static void
audit_put_hex(const uint8_t *bytes, size_t size, char *text)
{
	for (size_t i = 0; i < size; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static bool
audit_get_hex(const char *text, uint8_t *bytes, size_t size)
{
	if (strlen(text) != 2 * size || strspn(text, "0123456789abcdef") != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		const char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };

		bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

static bool
audit_is_hash(const char *text)
{
	return strlen(text) == AUDIT_HASH_LENGTH && strspn(text, "0123456789abcdef") == AUDIT_HASH_LENGTH;
}

/* Writes the text that is signed. It has the node's id, so that a head of another node with the same identity does not
 * count here. */
static size_t
audit_text(const struct keeper *keeper, int64_t position, const char *hash, const char *at, char text[AUDIT_TEXT_SIZE])
{
	int n = snprintf(text, AUDIT_TEXT_SIZE, "bibd audit head\n%s\n%" PRId64 "\n%s\n%s\n", keeper->worker->node_id,
	    position, hash, at);

	return n < 0 || n >= AUDIT_TEXT_SIZE ? 0 : (size_t)n;
}

/* ---- what is remembered ---- */

/* Reads a line; returns false when it is malformed. */
static bool
audit_read_line(const char *line, struct audit_lines *lines)
{
	struct keeper_head head = { .position = 0 };
	char backend[16] = "";
	int n = sscanf(line, "%" SCNd64 " %64s %32s %15s", &head.position, head.hash, head.key, backend);
	bool known = n == 3;

	if (n < 3 || head.position <= 0 || !audit_is_hash(head.hash))
		return false;
	for (size_t i = 0; i < CONF_BACKENDS; i++)
		if (n == 3 || strcmp(backend, conf_backend_names[i]) == 0) {
			lines->heads[i] = head;
			known = true;
		}
	return known;
}

static int
audit_read_lines(const struct files *files, struct audit_lines *lines, struct error *e)
{
	uint8_t *data = NULL;
	size_t size = 0;
	char text[AUDIT_FILE_SIZE] = "", *save = NULL;
	int found = files_read(files, FILES_AUDIT_HEAD, &data, &size, e);
	bool whole = size > 0 && size < sizeof(text);

	*lines = (struct audit_lines) { .heads = { { .position = 0 } } };
	if (found != 1)
		return found;
	if (whole)
		memcpy(text, data, size);
	files_free(data, size);
	for (char *line = strtok_r(text, "\n", &save); line != NULL && whole; line = strtok_r(NULL, "\n", &save))
		whole = audit_read_line(line, lines);
	if (!whole)
		return error_set(e, STATUS_DATA, "secrets.damaged",
		    "%s/" FILES_AUDIT_HEAD " is damaged: move it away, and look with: bibctl audit verify",
		    files->path);
	return 0;
}

static int
audit_read_head(const struct keeper *keeper, const struct files *files, struct keeper_head *head, struct error *e)
{
	struct audit_lines lines;
	int result = audit_read_lines(files, &lines, e);

	*head = lines.heads[keeper->worker->conf->database.backend];
	return result;
}

static void
audit_print_lines(const struct audit_lines *lines, char text[AUDIT_FILE_SIZE])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < CONF_BACKENDS; i++)
		if (lines->heads[i].position > 0)
			used += (size_t)snprintf(text + used, AUDIT_FILE_SIZE - used, "%" PRId64 " %s %s %s\n",
			    lines->heads[i].position, lines->heads[i].hash, lines->heads[i].key, conf_backend_names[i]);
}

static int
audit_write_head(const struct keeper *keeper, const struct files *files, const struct keeper_head *head,
    struct error *e)
{
	struct audit_lines lines;
	char text[AUDIT_FILE_SIZE];

	if (audit_read_lines(files, &lines, e) == -1)
		return -1;
	lines.heads[keeper->worker->conf->database.backend] = *head;
	audit_print_lines(&lines, text);
	return files_write(files, FILES_AUDIT_HEAD, (const uint8_t *)text, strlen(text), e);
}

/* ---- a new database ---- */

/* Forgets the head of this backend and keeps that of another; the file as it was is kept under another name. */
static int
audit_set_aside(const struct keeper *keeper, const struct files *files, struct keeper_head *head, char *when,
    size_t size, struct error *e)
{
	const time_t now = (time_t)(clock_realtime_us() / 1000000);
	struct audit_lines lines;
	char text[AUDIT_FILE_SIZE];
	struct tm tm;
	int result = audit_read_lines(files, &lines, e);

	*head = lines.heads[keeper->worker->conf->database.backend];
	if (result == -1 || head->position == 0)
		return result;
	if (gmtime_r(&now, &tm) == NULL || strftime(when, size, "%Y%m%dT%H%M%SZ", &tm) == 0)
		return error_set(e, STATUS_OS, "audit.head", "cannot tell what time it is");
	if ((result = files_set_aside(files, FILES_AUDIT_HEAD, when, e)) != 1)
		return result;
	lines.heads[keeper->worker->conf->database.backend].position = 0;
	audit_print_lines(&lines, text);
	if (text[0] != '\0' && files_write(files, FILES_AUDIT_HEAD, (const uint8_t *)text, strlen(text), e) == -1)
		return -1;
	return 1;
}

void
keeper_begin_audit(struct keeper *keeper)
{
	struct keeper_head head = { .position = 0 };
	struct files files;
	struct error e;
	char when[24] = "";
	int result;

	if ((result = files_open(&files, keeper->directory, &e)) == 0) {
		result = audit_set_aside(keeper, &files, &head, when, sizeof(when), &e);
		files_close(&files);
	}
	if (result == -1)
		log_warning("the end of the former audit trail stays in force: %s", e.text);
	else if (result == 1)
		worker_event(keeper->worker, "audit.begun_anew",
		    "the database is new, and so is its audit trail: the former one "
		    "ended at position %" PRId64 ", hash %s, which %s/" FILES_AUDIT_HEAD "-%s keeps",
		    head.position, head.hash, keeper->directory, when);
}

/* ---- signing ---- */

struct audit_signature {
	char key[AUDIT_KEY_SIZE];
	char text[AUDIT_SIGNATURE_TEXT_SIZE];
};

static int
audit_check_order(const struct keeper *keeper, const struct files *files, const struct message_audit_sign *message,
    struct error *e)
{
	struct keeper_head last;

	if (audit_read_head(keeper, files, &last, e) == -1)
		return -1;
	if (message->position > last.position ||
	    (message->position == last.position && strcmp(message->hash, last.hash) == 0))
		return 0;
	return error_set(e, STATUS_DATA, "audit.rolled_back",
	    "the audit trail ends at position %" PRId64 ", and %" PRId64
	    " was signed already: rows are missing or were "
	    "written anew (bibctl audit verify); if you took the database away yourself, move %s/" FILES_AUDIT_HEAD
	    " away too",
	    message->position, last.position, files->path);
}

static int
audit_sign(const struct keeper *keeper, const struct files *files, const struct identity *identity,
    const struct message_audit_sign *message, struct audit_signature *signature, struct error *e)
{
	struct keeper_head head = { .position = message->position };
	uint8_t bytes[IDENTITY_SIGNATURE_SIZE];
	char text[AUDIT_TEXT_SIZE];
	size_t size = audit_text(keeper, message->position, message->hash, message->at, text);

	if (size == 0 || message->position <= 0 || !audit_is_hash(message->hash))
		return error_set(e, STATUS_BUG, "audit.head",
		    "the storage worker asked to sign what is not the head of an audit trail");
	audit_put_hex(identity->key_id, IDENTITY_KEY_ID_SIZE, signature->key);
	(void)strlcpy(head.hash, message->hash, sizeof(head.hash));
	(void)strlcpy(head.key, signature->key, sizeof(head.key));
	if (audit_check_order(keeper, files, message, e) == -1 || identity_sign(identity, text, size, bytes, e) == -1 ||
	    audit_write_head(keeper, files, &head, e) == -1)
		return -1;
	audit_put_hex(bytes, sizeof(bytes), signature->text);
	return 0;
}

/* The identity is read anew each time, so that the key is in memory only while it is used. */
static int
audit_open(const struct keeper *keeper, struct files *files, struct identity *identity, struct error *e)
{
	if (keeper_open_identity(keeper, identity, e) == -1)
		return -1;
	if (files_open(files, keeper->directory, e) == 0)
		return 0;
	identity_close(identity);
	return -1;
}

static void
audit_close(struct files *files, struct identity *identity)
{
	identity_close(identity);
	files_close(files);
}

void
keeper_take_audit_sign(void *context, struct frame *frame, const struct message_audit_sign *message)
{
	struct worker *worker = context;
	struct audit_signature signature = { .key = "" };
	struct error e = { .text = "" };
	struct message_audit_signed answer = { .position = message->position,
		.hash = message->hash,
		.at = message->at,
		.key = signature.key,
		.signature = signature.text,
		.why = e.text };
	struct identity identity = { .key = NULL };
	struct files files;

	if (audit_open(worker->state, &files, &identity, &e) == 0) {
		(void)audit_sign(worker->state, &files, &identity, message, &signature, &e);
		audit_close(&files, &identity);
	}
	(void)channel_send_audit_signed(&worker->channel, frame->header.id, &answer, -1);
}

/* ---- checking ---- */

/* Checks the head in one line: 0 when it is good, or made with the key of an earlier identity; else its position. The
 * last head proves the same rows as all heads before it. So it must be signed by the present identity, or be the head
 * that keeper remembers, or stand before that one: then the remembered hash proves its row as well (after a crash the
 * table lacks the last heads). */
static int64_t
audit_check_line(const struct keeper *keeper, const struct identity *identity, const struct keeper_head *remembered,
    char *line, bool last)
{
	char *fields[5] = { NULL }, text[AUDIT_TEXT_SIZE], own_key[AUDIT_KEY_SIZE], *save = NULL;
	uint8_t signature[IDENTITY_SIGNATURE_SIZE];
	int64_t position;
	size_t n = 0, size;

	for (char *word = strtok_r(line, "\t", &save); word != NULL && n < 5; word = strtok_r(NULL, "\t", &save))
		fields[n++] = word;
	if (n != 5)
		return -1;
	position = strtoll(fields[0], NULL, 10);
	audit_put_hex(identity->key_id, IDENTITY_KEY_ID_SIZE, own_key);
	if (strcmp(fields[3], own_key) != 0) {
		bool known = position < remembered->position ||
		    (position == remembered->position && strcmp(fields[1], remembered->hash) == 0 &&
			strcmp(fields[3], remembered->key) == 0);

		return last && !known ? position : 0;
	}
	size = audit_text(keeper, position, fields[1], fields[2], text);
	if (size == 0 || !audit_get_hex(fields[4], signature, sizeof(signature)) ||
	    !identity_verify(identity, text, size, signature))
		return position != 0 ? position : -1;
	return 0;
}

static void
audit_check_lines(const struct keeper *keeper, const struct identity *identity, const struct keeper_head *remembered,
    char *lines, struct message_audit_checked *answer)
{
	char *save = NULL;

	for (char *line = strtok_r(lines, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		if ((answer->bad = audit_check_line(keeper, identity, remembered, line, *save == '\0')) != 0) {
			answer->why = "its signature is not the node's";
			return;
		}
}

void
keeper_take_audit_check(void *context, struct frame *frame, const struct message_audit_check *message)
{
	struct worker *worker = context;
	struct keeper_head last = { .position = 0 };
	struct message_audit_checked answer = { .why = "", .hash = "" };
	struct identity identity = { .key = NULL };
	struct files files;
	struct error e;
	char *lines;
	size_t size;

	(void)message;
	if ((lines = memfd_read(frame->fd, AUDIT_HEADS_MAX, &size, &e)) == NULL ||
	    audit_open(worker->state, &files, &identity, &e) == -1) {
		answer.bad = -1;
		answer.why = e.text;
	} else {
		if (audit_read_head(worker->state, &files, &last, &e) == -1) {
			answer.bad = -1;
			answer.why = e.text;
		} else
			audit_check_lines(worker->state, &identity, &last, lines, &answer);
		answer.position = last.position;
		answer.hash = last.hash;
		audit_close(&files, &identity);
	}
	free(lines);
	(void)channel_send_audit_checked(&worker->channel, frame->header.id, &answer, -1);
}
