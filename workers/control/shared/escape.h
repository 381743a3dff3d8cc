/*
 * Text from elsewhere made fit for a terminal and for JSON. A daemon's text may hold what a client of it chose, so
 * nothing that moves a cursor, changes a colour or turns the direction of writing goes out as it came.
 */
#ifndef BIBD_BIBCTL_ESCAPE_H
#define BIBD_BIBCTL_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* Writes text for people into buf: control characters and bytes that are not UTF-8 come out as \xNN, invisible and
 * direction-changing characters as \uNNNN. What does not fit is cut between characters. Returns the number of columns
 * that the result takes, every character counted as one. size is at least 1. */
size_t escape_text(const char *text, char *buf, size_t size);

/* The same, straight into a file, uncut. */
void escape_put_text(FILE *file, const char *text);

/* Writes a JSON string (RFC 8259) with its quotes. Bytes that are not UTF-8 become U+FFFD; what escape_text would not
 * let through is written as \uNNNN. */
void escape_put_json(FILE *file, const char *text);

/* Writes the value of a label of a metric, without its quotes: backslash, quote and newline are escaped as Prometheus
 * wants it, bytes that are not UTF-8 become U+FFFD, and what else escape_text would not let through becomes a space. */
void escape_put_label(FILE *file, const char *text);

#endif
