/* Accepts new clients, and pauses when there are no more descriptors or memory. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "workers/postgres/pool/pool.h"
#include "workers/postgres/pool/session.h"

/* Clients taken in one turn, so that those who are here already get theirs. */
#define ACCEPT_BATCH 64
#define ACCEPT_AGAIN_MS 100

static void
accept_again(struct loop_timer *timer)
{
	struct pg_pool *pool = timer->arg;

	loop_watch_events(&pool->listen_watch, EPOLLIN);
}

static void
pg_pool_accept(struct loop_watch *watch, uint32_t events)
{
	struct pg_pool *pool = watch->arg;

	(void)events;
	for (unsigned i = 0; i < ACCEPT_BATCH; i++) {
		int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd != -1) {
			pg_session_accept(pool, fd, NULL);
			continue;
		}
		if (errno == EAGAIN)
			break;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			log_warning("clients have to wait: no more descriptors or memory");
			loop_watch_events(watch, 0);
			loop_timer_set(pool->loop, &pool->accept_again, ACCEPT_AGAIN_MS, accept_again, pool);
			break;
		}
	}
	pg_pool_settle(pool);
}

int
pg_pool_listen(struct pg_pool *pool, int fd, struct error *e)
{
	return loop_watch_add(pool->loop, &pool->listen_watch, fd, EPOLLIN, pg_pool_accept, pool, e);
}
