/* The signals that bibd takes, by signalfd(2) in the loop. They are blocked from the first line of main on. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/log.h"
#include "supervisor/supervisor.h"

static void
signals_set(sigset_t *set)
{
	static const int taken[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD };

	(void)sigemptyset(set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		(void)sigaddset(set, taken[i]);
}

void
signals_block(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, normal = { .sa_handler = SIG_DFL };
	sigset_t set;

	signals_set(&set);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	/* The program that started us may have ignored SIGCHLD, and then no child could be reaped. */
	(void)sigaction(SIGCHLD, &normal, NULL);
	(void)sigaction(SIGHUP, &normal, NULL);
	(void)sigaction(SIGINT, &normal, NULL);
}

bool
signals_stop_comes(int64_t ms)
{
	const struct timespec wait = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	sigset_t stop;

	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	return sigtimedwait(&stop, NULL, &wait) > 0;
}

static void
signals_log_state(struct supervisor *s)
{
	node_log_state(&s->node);
	children_log_state(&s->children);
}

static void
signals_take(struct supervisor *s, const struct signalfd_siginfo *info)
{
	switch (info->ssi_signo) {
	case SIGTERM:
	case SIGINT:
		node_stop(&s->node, STATUS_OK, info->ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT");
		break;
	case SIGHUP:
		reload_begin(&s->reload, 0);
		break;
	case SIGUSR1:
		signals_log_state(s);
		break;
	case SIGCHLD:
		children_reap(&s->children);
		break;
	default:
		break;
	}
}

static void
signals_ready(struct loop_watch *watch, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		signals_take(watch->arg, &info);
}

int
signals_open(struct supervisor *supervisor, struct error *e)
{
	sigset_t set;
	int fd;

	signals_set(&set);
	if ((fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return error_set_errno(e, STATUS_OS, "signals.open", "cannot take signals");
	if (loop_watch_add(&supervisor->node.loop, &supervisor->signals, fd, EPOLLIN, signals_ready, supervisor, e) ==
	    -1) {
		close(fd);
		return -1;
	}
	return 0;
}

void
signals_close(struct supervisor *supervisor)
{
	int fd = supervisor->signals.fd;

	if (supervisor->signals.loop == NULL || fd == -1)
		return;
	loop_watch_delete(&supervisor->signals);
	close(fd);
}
