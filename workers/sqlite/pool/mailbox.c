/*
 * Queues events of threads for the loop's thread, and wakes it.
 */
#include "workers/sqlite/pool/mailbox.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "common/log.h"

#define MAILBOX_EVENTS_MAX 64

int
mailbox_open(struct mailbox *mailbox)
{
	STAILQ_INIT(&mailbox->events);
	mailbox->nevents = 0;
	if (pthread_mutex_init(&mailbox->lock, NULL) != 0)
		return -1;
	mailbox->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return mailbox->wake_fd == -1 ? -1 : 0;
}

void
mailbox_wake(struct mailbox *mailbox)
{
	(void)eventfd_write(mailbox->wake_fd, 1);
}

void
mailbox_woken(struct mailbox *mailbox)
{
	eventfd_t count;

	(void)eventfd_read(mailbox->wake_fd, &count);
}

void
mailbox_put(struct mailbox *mailbox, const char *code, const char *fmt, ...)
{
	struct mailbox_event *event = calloc(1, sizeof(*event));
	va_list ap;
	bool kept;

	if (event == NULL)
		return;
	event->code = code;
	va_start(ap, fmt);
	if (vsnprintf(event->text, sizeof(event->text), fmt, ap) < 0)
		event->text[0] = '\0';
	va_end(ap);
	log_notice("%s", event->text);
	pthread_mutex_lock(&mailbox->lock);
	kept = mailbox->nevents < MAILBOX_EVENTS_MAX;
	if (kept) {
		STAILQ_INSERT_TAIL(&mailbox->events, event, entry);
		mailbox->nevents++;
	}
	pthread_mutex_unlock(&mailbox->lock);
	if (!kept)
		free(event);
	mailbox_wake(mailbox);
}

struct mailbox_event *
mailbox_take(struct mailbox *mailbox)
{
	struct mailbox_event *event;

	pthread_mutex_lock(&mailbox->lock);
	if ((event = STAILQ_FIRST(&mailbox->events)) != NULL) {
		STAILQ_REMOVE_HEAD(&mailbox->events, entry);
		mailbox->nevents--;
	}
	pthread_mutex_unlock(&mailbox->lock);
	return event;
}

bool
mailbox_has_events(struct mailbox *mailbox)
{
	bool has;

	pthread_mutex_lock(&mailbox->lock);
	has = !STAILQ_EMPTY(&mailbox->events);
	pthread_mutex_unlock(&mailbox->lock);
	return has;
}
