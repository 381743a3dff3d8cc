/* Threads for calls that block. A thread touches nothing but its job; the loop's thread is told of the end by an
 * eventfd. */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <bsd/string.h>

#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/session.h"

#define HELPER_THREADS_MAX 4

struct cancel_job {
	STAILQ_ENTRY(cancel_job) entry;
	struct backend *backend; /* for the loop's thread only */
	PGcancel *cancel;	 /* NULL: a look-up */
	char *host;
	char address[64];
	bool found;
};

struct helper {
	struct pg_pool *pool;
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	STAILQ_HEAD(, cancel_job) jobs, done;
	unsigned nthreads, nidle;
	int wake_fd;
	struct loop_watch watch;
};

static void
job_resolve(struct cancel_job *job)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG }, *list = NULL;

	if (getaddrinfo(job->host, NULL, &hints, &list) != 0)
		return;
	job->found = list != NULL &&
	    getnameinfo(list->ai_addr, list->ai_addrlen, job->address, sizeof(job->address), NULL, 0, NI_NUMERICHOST) ==
		0;
	freeaddrinfo(list);
}

static void
job_do(struct cancel_job *job)
{
	char reason[256];

	if (job->cancel != NULL)
		(void)PQcancel(job->cancel, reason, sizeof(reason));
	else
		job_resolve(job);
}

static void *
helper_thread(void *arg)
{
	struct helper *helper = arg;
	struct cancel_job *job;

	pthread_mutex_lock(&helper->lock);
	for (;;) {
		helper->nidle++;
		while ((job = STAILQ_FIRST(&helper->jobs)) == NULL)
			pthread_cond_wait(&helper->wanted, &helper->lock);
		helper->nidle--;
		STAILQ_REMOVE_HEAD(&helper->jobs, entry);
		pthread_mutex_unlock(&helper->lock);
		job_do(job);
		pthread_mutex_lock(&helper->lock);
		STAILQ_INSERT_TAIL(&helper->done, job, entry);
		(void)eventfd_write(helper->wake_fd, 1);
	}
	return NULL;
}

static void
helper_finish(struct cancel_job *job)
{
	if (job->cancel != NULL) {
		cancel_done(job->backend, job->cancel);
	} else {
		job->backend->jobs--;
		backend_resolved(job->backend, job->found ? job->address : NULL);
	}
	free(job->host);
	free(job);
}

static void
helper_woken(struct loop_watch *watch, uint32_t events)
{
	struct helper *helper = watch->arg;
	struct pg_pool *pool = helper->pool;
	struct cancel_job *job;
	eventfd_t count;

	(void)events;
	(void)eventfd_read(helper->wake_fd, &count);
	for (;;) {
		pthread_mutex_lock(&helper->lock);
		if ((job = STAILQ_FIRST(&helper->done)) != NULL)
			STAILQ_REMOVE_HEAD(&helper->done, entry);
		pthread_mutex_unlock(&helper->lock);
		if (job == NULL)
			break;
		helper_finish(job);
	}
	pg_pool_settle(pool);
}

struct helper *
helper_new(struct pg_pool *pool, struct error *e)
{
	struct helper *helper = calloc(1, sizeof(*helper));

	if (helper == NULL || pthread_mutex_init(&helper->lock, NULL) != 0 ||
	    pthread_cond_init(&helper->wanted, NULL) != 0 ||
	    (helper->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1) {
		free(helper);
		(void)error_set_errno(e, STATUS_OS, "pool.start", "cannot start");
		return NULL;
	}
	helper->pool = pool;
	STAILQ_INIT(&helper->jobs);
	STAILQ_INIT(&helper->done);
	if (loop_watch_add(pool->loop, &helper->watch, helper->wake_fd, EPOLLIN, helper_woken, helper, e) == -1)
		return NULL;
	return helper;
}

static void
helper_add(struct helper *helper, struct cancel_job *job)
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool start;

	pthread_mutex_lock(&helper->lock);
	STAILQ_INSERT_TAIL(&helper->jobs, job, entry);
	start = helper->nidle == 0 && helper->nthreads < HELPER_THREADS_MAX;
	helper->nthreads += start ? 1 : 0;
	pthread_cond_signal(&helper->wanted);
	pthread_mutex_unlock(&helper->lock);
	if (!start || pthread_attr_init(&attributes) != 0)
		return;
	(void)pthread_attr_setstacksize(&attributes, (size_t)256 * 1024);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, helper_thread, helper) != 0) {
		log_warning("cannot start a thread that sends cancels");
		helper->nthreads--;
	}
	(void)pthread_attr_destroy(&attributes);
}

void
helper_cancel(struct helper *helper, struct backend *backend, PGcancel *cancel)
{
	struct cancel_job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		cancel_done(backend, cancel);
		return;
	}
	job->backend = backend;
	job->cancel = cancel;
	helper_add(helper, job);
}

int
helper_resolve(struct helper *helper, struct backend *backend, const char *host)
{
	struct cancel_job *job = calloc(1, sizeof(*job));

	if (job == NULL || (job->host = strdup(host)) == NULL) {
		free(job);
		return -1;
	}
	job->backend = backend;
	backend->jobs++;
	helper_add(helper, job);
	return 0;
}
