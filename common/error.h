/*
 * The one error idiom: a function that can fail returns 0 or -1 and fills a struct error.
 */
#ifndef BIBD_ERROR_H
#define BIBD_ERROR_H

#include <stddef.h>

/* Exit statuses of bibd and its workers; the first ones are those of sysexits(3). */
enum status {
	STATUS_OK = 0,
	STATUS_USAGE = 64,
	STATUS_DATA = 65,	 /* data that is not ours, or damaged */
	STATUS_UNAVAILABLE = 69, /* storage is unavailable */
	STATUS_BUG = 70,
	STATUS_OS = 71,
	STATUS_CANT_CREATE = 73,
	STATUS_IO = 74,
	STATUS_PERMISSION = 77,
	STATUS_CONFIG = 78,
};

#define ERROR_TEXT_MAX 512

struct error {
	const char *code;	   /* stable, for machines ("conf.key"); a string literal, never freed */
	enum status status;	   /* what the daemon exits with if this ends it */
	int errnum;		   /* errno of the call that failed, or 0 */
	char text[ERROR_TEXT_MAX]; /* one sentence: what, where, what to do; no newline */
};

/* Fills e (which may be NULL) and returns -1, so that `return error_set(...)` reads as it acts. A text that is too
 * long is cut. */
int error_set(struct error *e, enum status status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* As error_set, with errno kept in errnum and ": " and its description put after the text. */
int error_set_errno(struct error *e, enum status status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts a prefix before the text that e has already: "opening the store: ...". Returns -1. */
int error_prefix(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
