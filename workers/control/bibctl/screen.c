/*
 * Takes a terminal, draws on it and gives it back.
 */
#include "workers/control/bibctl/screen.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"

/* ECMA-48: cursor home; erase to the end of the line, of the screen; rendition as it was. */
#define SCREEN_HOME "\033[H"
#define SCREEN_ERASE_LINE "\033[K"
#define SCREEN_ERASE_REST "\033[J"
#define SCREEN_PLAIN "\033[0m"

#define SCREEN_ROWS_MIN 2

static const int screen_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };

static void
screen_measure(struct screen *screen)
{
	struct winsize size;

	screen->columns = screen->rows = 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
		return;
	screen->columns = size.ws_col;
	screen->rows = size.ws_row;
}

/* Keys come one by one and are not shown; signals of the keyboard stay. */
static void
screen_enter(struct screen *screen)
{
	struct termios raw;

	if (isatty(STDIN_FILENO) != 1 || tcgetattr(STDIN_FILENO, &screen->before) == -1)
		return;
	raw = screen->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	screen->is_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

static void
screen_leave(struct screen *screen)
{
	if (screen->is_raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &screen->before);
	screen->is_raw = false;
	(void)fputs(SCREEN_PLAIN, stdout);
	(void)fflush(stdout);
}

int
screen_open(struct screen *screen, struct error *e)
{
	sigset_t set;

	*screen = (struct screen) { .used = isatty(STDOUT_FILENO) == 1, .signal_fd = -1 };
	if (!screen->used)
		return 0;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(screen_signals) / sizeof(screen_signals[0]); i++)
		(void)sigaddset(&set, screen_signals[i]);
	(void)sigprocmask(SIG_BLOCK, &set, &screen->mask_before);
	if ((screen->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1) {
		(void)sigprocmask(SIG_SETMASK, &screen->mask_before, NULL);
		return error_set_errno(e, STATUS_OS, "screen.signals", "cannot wait for signals");
	}
	screen_measure(screen);
	screen_enter(screen);
	return 0;
}

void
screen_close(struct screen *screen)
{
	if (!screen->used)
		return;
	screen_leave(screen);
	close(screen->signal_fd);
	(void)sigprocmask(SIG_SETMASK, &screen->mask_before, NULL);
	/* ^C is how a user ends it, so that is a success. */
	if (screen->ended_by != 0 && screen->ended_by != SIGINT)
		(void)raise(screen->ended_by);
}

/* ---- drawing ---- */

size_t
screen_cut(const char *line, unsigned columns)
{
	size_t n = 0, used = 0;

	while (line[n] != '\0' && line[n] != '\n') {
		if (line[n] == '\033') {
			n += strcspn(line + n, "m\n");
			n += line[n] == 'm';
			continue;
		}
		if (used == columns)
			break;
		used++;
		do
			n++;
		while (((unsigned char)line[n] & 0xc0) == 0x80);
	}
	return n;
}

void
screen_draw(struct screen *screen, const char *text)
{
	const unsigned columns = screen->columns == 0 ? 80 : screen->columns;
	unsigned rows = screen->rows < SCREEN_ROWS_MIN ? 24 : screen->rows;

	(void)fputs(SCREEN_HOME, stdout);
	/* The last line stays empty: a newline there would move all of it up. */
	for (; *text != '\0' && rows > 1; rows--) {
		(void)fwrite(text, 1, screen_cut(text, columns), stdout);
		(void)fputs(SCREEN_PLAIN SCREEN_ERASE_LINE "\n", stdout);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	(void)fputs(SCREEN_ERASE_REST, stdout);
	(void)fflush(stdout);
}

/* ---- waiting ---- */

/* Gives the terminal back while the process is stopped (^Z). */
static void
screen_stop(struct screen *screen)
{
	screen_leave(screen);
	(void)raise(SIGSTOP);
	screen_measure(screen);
	screen_enter(screen);
}

static enum screen_event
screen_take_signal(struct screen *screen)
{
	struct signalfd_siginfo info;

	if (read(screen->signal_fd, &info, sizeof(info)) != sizeof(info))
		return SCREEN_TIME;
	if (info.ssi_signo == SIGTSTP) {
		screen_stop(screen);
		return SCREEN_REDRAW;
	}
	if (info.ssi_signo == SIGWINCH) {
		screen_measure(screen);
		return SCREEN_REDRAW;
	}
	screen->ended_by = (int)info.ssi_signo;
	return SCREEN_QUIT;
}

static enum screen_event
screen_take_key(struct screen *screen, short events)
{
	char keys[16];
	ssize_t n = (events & POLLIN) != 0 ? read(STDIN_FILENO, keys, sizeof(keys)) : 0;

	/* The end of standard input: if it was a terminal, SIGHUP follows. */
	if (n <= 0)
		screen->is_raw = n < 0 && screen->is_raw;
	for (ssize_t i = 0; i < n; i++)
		if (keys[i] == 'q' || keys[i] == 'Q')
			return SCREEN_QUIT;
	return SCREEN_TIME;
}

enum screen_event
screen_wait(struct screen *screen, int64_t deadline)
{
	int64_t left;

	while ((left = deadline - clock_now_ms()) > 0) {
		struct pollfd fds[] = { { .fd = screen->signal_fd, .events = POLLIN },
			{ .fd = screen->is_raw ? STDIN_FILENO : -1, .events = POLLIN } };
		enum screen_event event = SCREEN_TIME;

		if (poll(fds, 2, (int)left) <= 0)
			continue;
		if (fds[0].revents != 0)
			event = screen_take_signal(screen);
		if (event == SCREEN_TIME && fds[1].revents != 0)
			event = screen_take_key(screen, fds[1].revents);
		if (event != SCREEN_TIME)
			return event;
	}
	return SCREEN_TIME;
}
