/*
 * The service manager's readiness protocol: sd_notify(3), datagrams to the socket that NOTIFY_SOCKET names, a leading
 * '@' meaning the abstract name space.
 */
#ifndef BIBD_SUPERVISOR_NOTIFY_H
#define BIBD_SUPERVISOR_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

struct notify {
	int fd;		     /* connected, or -1: there is nobody to tell */
	int64_t watchdog_ms; /* how often notify_watchdog is to be called; 0: not asked for */
};

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them out of the environment. Without a socket it does
 * nothing and is no error. Errors: notify.socket (the name cannot be used); notify->fd is -1 then too. */
int notify_open(struct notify *notify, struct error *e);
void notify_close(struct notify *notify);

/* Each sends at once and drops what the manager does not take. */
void notify_ready(const struct notify *notify);
void notify_stopping(const struct notify *notify);
void notify_watchdog(const struct notify *notify);
void notify_status(const struct notify *notify, const char *text);
void notify_extend_timeout(const struct notify *notify, int64_t ms);

#endif
