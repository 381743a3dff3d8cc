/*
 * The command top: asks for the status and the clients at each interval, and shows them beside what has changed since.
 * When the daemon does not answer, it says so and asks again.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "workers/control/bibctl/bibctl.h"
#include "workers/control/bibctl/screen.h"

#define TOP_ANSWER_MS 2000 /* for each of the two questions; meanwhile no key is read */
#define TOP_CLIENTS 10	   /* shown where no terminal says how many fit */
#define TOP_CLIENTS_MIN 3
#define TOP_OTHER_LINES 12 /* how many lines a block has above the clients */

/* What was asked at one time. */
struct top_sample {
	struct snapshot status;
	struct bibctl_client_list clients; /* empty where the daemon cannot list them now */
	int64_t at_ms;
};

struct top {
	struct bibctl *bibctl;
	struct screen screen;
	struct top_sample samples[2]; /* the last one is at `last` */
	size_t last;
	bool has_last, has_before;
	struct error failure; /* why there was no answer; its status is 0 when there was one */
};

static void
top_clear(struct top_sample *sample)
{
	snapshot_clear(&sample->status);
	bibctl_free_clients(&sample->clients);
}

/* Takes the next sample in place of the one before the last. */
static void
top_ask(struct top *top)
{
	struct top_sample *next = &top->samples[1 - top->last];
	struct commands_answer answer;

	top_clear(next);
	top->bibctl->render.now_us = clock_realtime_us();
	bibctl_ask_status(top->bibctl, &next->status, &top->failure, TOP_ANSWER_MS);
	next->at_ms = clock_now_ms();
	if (top->failure.status != STATUS_OK) {
		/* A rate needs two samples of the same run of the daemon, and both must have been taken. */
		top->has_last = top->has_before = false;
		return;
	}
	(void)bibctl_ask_clients(&answer, top->bibctl, &next->clients, TOP_ANSWER_MS);
	snapshot_clear(&answer.status);
	top->has_before = top->has_last;
	top->has_last = true;
	top->last = 1 - top->last;
}

/* ---- the busiest clients ---- */

struct top_client {
	struct client_row row;
	double rate;
};

static const struct client_row *
top_find(const struct bibctl_client_list *list, const struct client_row *row)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->rows[i].id == row->id && list->rows[i].connected_us == row->connected_us)
			return &list->rows[i];
	return NULL;
}

/* The most statements first; of equal ones, the client that has been in its state for longest. */
static int
top_compare(const void *a, const void *b)
{
	const struct top_client *x = a, *y = b;
	bool x_idle = strcmp(x->row.state, "idle") == 0, y_idle = strcmp(y->row.state, "idle") == 0;

	if (x->rate < y->rate || x->rate > y->rate)
		return x->rate > y->rate ? -1 : 1;
	if (x_idle != y_idle)
		return x_idle ? 1 : -1;
	return x->row.since_us < y->row.since_us ? -1 : x->row.since_us > y->row.since_us;
}

static void
top_fill_client(const struct top *top, const struct client_row *row, double seconds, struct top_client *client)
{
	const struct client_row *before = top->has_before ? top_find(&top->samples[1 - top->last].clients, row) : NULL;
	uint64_t done = before != NULL && before->statements <= row->statements ? row->statements - before->statements
	    : before == NULL							? row->statements
										: 0;

	client->row = *row;
	client->rate = top->has_before && seconds > 0 ? (double)done / seconds : 0;
}

/* The n clients that did most, in rows and rates. */
static void
top_choose(const struct top *top, struct client_row *rows, double *rates, size_t n)
{
	const struct top_sample *now = &top->samples[top->last], *before = &top->samples[1 - top->last];
	double seconds = (double)(now->at_ms - before->at_ms) / 1000;
	struct top_client *all = calloc(now->clients.n + 1, sizeof(*all));

	for (size_t i = 0; all != NULL && i < now->clients.n; i++)
		top_fill_client(top, &now->clients.rows[i], seconds, &all[i]);
	if (all != NULL)
		qsort(all, now->clients.n, sizeof(*all), top_compare);
	for (size_t i = 0; i < n; i++) {
		rows[i] = all == NULL ? now->clients.rows[i] : all[i].row;
		rates[i] = all == NULL ? 0 : all[i].rate;
	}
	free(all);
}

static size_t
top_clients_shown(const struct top *top)
{
	size_t n = top->samples[top->last].clients.n, room = TOP_CLIENTS;

	if (top->screen.used && top->screen.rows > TOP_OTHER_LINES + TOP_CLIENTS_MIN)
		room = top->screen.rows - TOP_OTHER_LINES;
	else if (top->screen.used)
		room = TOP_CLIENTS_MIN;
	return n < room ? n : room;
}

/* ---- a block ---- */

static void
top_write_sample(const struct top *top, const struct render *render)
{
	const struct top_sample *now = &top->samples[top->last], *before = &top->samples[1 - top->last];
	size_t n = top_clients_shown(top);
	struct client_row *rows = calloc(n + 1, sizeof(*rows));
	double *rates = calloc(n + 1, sizeof(*rates));
	struct render_top block = { .now = &now->status,
		.before = top->has_before ? &before->status : NULL,
		.elapsed_us = (now->at_ms - before->at_ms) * 1000,
		.clients = rows,
		.rates = rates };

	if (rows != NULL && rates != NULL) {
		top_choose(top, rows, rates, n);
		block.nclients = n;
		block.nothers = now->clients.n - n;
	}
	render_top(render, &block);
	free(rows);
	free(rates);
}

static void
top_write(const struct top *top, const struct render *render)
{
	struct message_result result = { .status = STATUS_OK, .code = top->failure.code, .text = top->failure.text };

	if (top->failure.status == STATUS_OK) {
		top_write_sample(top, render);
		return;
	}
	(void)fputs("no answer, asking again: ", render->out);
	render_text.result(render, &result);
}

static void
top_show(struct top *top)
{
	struct render render = top->bibctl->render;
	char *text = NULL;
	size_t size = 0;

	if (!top->screen.used) {
		top_write(top, &render);
		(void)fputc('\n', render.out);
		(void)fflush(render.out);
		return;
	}
	render.columns = top->screen.columns;
	if ((render.out = open_memstream(&text, &size)) == NULL)
		return;
	top_write(top, &render);
	if (fclose(render.out) == 0)
		screen_draw(&top->screen, text);
	free(text);
}

/* Waits for the next block; false: it is the end. */
static bool
top_wait(struct top *top, int64_t deadline)
{
	enum screen_event event;

	while ((event = screen_wait(&top->screen, deadline)) == SCREEN_REDRAW)
		top_show(top);
	return event != SCREEN_QUIT;
}

/* Where blocks are printed one after the other, the first one waits for a second sample, so that it has rates, too. */
static void
top_run(struct top *top)
{
	const uint32_t count = top->bibctl->count;
	int64_t next = clock_now_ms();
	uint32_t shown = 0;

	for (;;) {
		if (top->screen.used || shown > 0 || top->has_before || top->failure.status != STATUS_OK) {
			top_show(top);
			if (++shown == count)
				return;
		}
		next += top->bibctl->interval_ms;
		if (next < clock_now_ms())
			next = clock_now_ms() + top->bibctl->interval_ms;
		if (!top_wait(top, next))
			return;
		top_ask(top);
	}
}

static void
top_watch(struct top *top, struct error *e)
{
	top_ask(top);
	/* A daemon that never answered is not waited for: the socket may be the wrong one. */
	*e = top->failure;
	if (e->status != STATUS_OK || screen_open(&top->screen, e) == -1)
		return;
	top_run(top);
	screen_close(&top->screen);
	*e = top->failure;
}

int
bibctl_top(struct bibctl *bibctl)
{
	struct top *top = calloc(1, sizeof(*top));
	struct error e = { .status = STATUS_OK };

	if (top == NULL)
		(void)error_set_errno(&e, STATUS_OS, "control.memory", "cannot watch");
	else {
		top->bibctl = bibctl;
		top_watch(top, &e);
		top_clear(&top->samples[0]);
		top_clear(&top->samples[1]);
		free(top);
	}
	if (e.status != STATUS_OK)
		bibctl->output->result(&bibctl->render,
		    &(struct message_result) { .status = (uint32_t)e.status, .code = e.code, .text = e.text });
	return (unsigned)e.status > 255 ? STATUS_BUG : (int)e.status;
}
