/*
 * Pieces of what bibctl says to people, shared by the files text*.c.
 */
#ifndef BIBD_BIBCTL_TEXT_H
#define BIBD_BIBCTL_TEXT_H

#include "workers/control/show/render.h"

#define TEXT_TIME_MAX 32

enum text_color { TEXT_PLAIN, TEXT_BOLD, TEXT_GOOD, TEXT_PENDING, TEXT_BAD, TEXT_COLORS };

/* Writes a text, safely, in a colour where that is wanted. */
void text_put(const struct render *render, enum text_color color, const char *text);

/* Begins a line. */
void text_label(const struct render *render, const char *label);

/* Local time, to the second; "never" for none. The buffer holds at least TEXT_TIME_MAX bytes. */
const char *text_time(int64_t us, char *buf, size_t size);

void text_identity(const struct render *render, const char *fingerprint, const char *public_pem);
void text_certificates(const struct render *render, const struct snapshot *status);
/* rates: statements a second of each, or NULL. */
void text_client_table(const struct render *render, const struct client_row *rows, const double *rates, size_t n);
void text_clients(const struct render *render, const struct client_row *rows, size_t n);
void text_sandbox(const struct render *render, const struct message_status_process *p);
void text_story(const struct render *render, const struct story *story);
/* The first lines of a status: whether clients are served, and what is wrong, the worst of it in the first line too or
 * all of them below. */
void text_verdict(const struct render *render, const struct snapshot *status, bool in_first_line);
void text_status(const struct render *render, const struct snapshot *status);
/* What is known of backups; and of those of a node, or that it has none. */
void text_backup(const struct render *render, const struct message_status_backup *backup);
void text_status_backup(const struct render *render, const struct snapshot *status);

#endif
