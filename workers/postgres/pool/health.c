/* Tells the supervisor, which asks at each interval of health, whether clients are served. */
#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "workers/postgres/pool/session.h"

bool
pg_pool_serves(struct pg_pool *pool, char *text, size_t size)
{
	int64_t now = clock_now_ms(), timeout = conf_health(pool->worker->conf)->timeout;
	/* Whoever waits for the repository is let go after backup.wait_timeout. */
	bool stuck = pool->nwaiting > 0 && pool->repository.waiting == 0 && pool->answered == pool->answered_then &&
	    !pool->paused && !pool->stopping && pg_store_is_available(pool->store);

	if (!stuck)
		pool->answered_ms = now;
	else if (!pool->stuck && TAILQ_FIRST(&pool->waiting)->since > pool->answered_ms)
		pool->answered_ms = TAILQ_FIRST(&pool->waiting)->since; /* until it came there was nobody to answer */
	pool->stuck = stuck;
	pool->answered_then = pool->answered;
	if (now - pool->answered_ms < timeout)
		return true;
	(void)snprintf(text, size,
	    "no client has been answered for %" PRId64 " ms: %u wait, and all %u server connections "
	    "are at work or kept (bibctl clients)",
	    now - pool->answered_ms, pool->nwaiting, pool->nservers_max);
	return false;
}
