/*
 * The terminal of `bibctl top`: drawn over from its first line, read key by key, and given back as it was on every way
 * out. Where standard output is no terminal, these functions only wait. Private to bibctl.
 */
#ifndef BIBD_BIBCTL_SCREEN_H
#define BIBD_BIBCTL_SCREEN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "common/error.h"

struct screen {
	bool used;   /* standard output is a terminal */
	bool is_raw; /* and standard input too: keys are read as they come */
	struct termios before;
	sigset_t mask_before;
	int signal_fd; /* -1: none */
	int ended_by;  /* the signal that ended it, or 0 */
	unsigned columns, rows;
};

/* What ended a wait. */
enum screen_event { SCREEN_TIME, SCREEN_REDRAW, SCREEN_QUIT };

/* Takes the terminal. Errors: screen.signals. */
int screen_open(struct screen *screen, struct error *e);

/* Gives it back. A signal that ended it is raised again: it is what the process ends by. */
void screen_close(struct screen *screen);

/* Draws lines over what is there: cut to the terminal's width, escapes for colour not counted, and to its height. */
void screen_draw(struct screen *screen, const char *text);

/* Waits until then (clock_now_ms), for a key that quits, for a signal, or until the size has changed. */
enum screen_event screen_wait(struct screen *screen, int64_t deadline);

/* How much of a line fits into so many columns: bytes, without its newline. For screen_draw, and its test. */
size_t screen_cut(const char *line, unsigned columns);

#endif
