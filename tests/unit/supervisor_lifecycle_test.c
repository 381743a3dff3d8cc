/*
 * The table of the lifecycle, driven with a fake clock: starts, losses and stops in any state.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "supervisor/policy/lifecycle.h"
#include "tests/unit/run.h"

/* What the table asked for since the last look, a letter for each action. Check's tests share it with the actions. */
static char done[64];
static int64_t now;
static struct lifecycle lifecycle;

static int64_t
fake_now(void)
{
	return now;
}

static void
note(char letter)
{
	size_t n = strlen(done);

	if (n + 1 < sizeof(done)) {
		done[n] = letter;
		done[n + 1] = '\0';
	}
}

#define ACTION(name, letter) \
	static void name(void *context) \
	{ \
		(void)context; \
		note(letter); \
	}
ACTION(start_storage, 's')
ACTION(start_components, 'c')
ACTION(open_store, 'o')
ACTION(ping_store, 'p')
ACTION(serve, 'S')
ACTION(kill_storage, 'K')
ACTION(stop_storage, 'x')
ACTION(hurry_storage, 'h')
ACTION(stop_components, 'y')
ACTION(kill_components, 'L')
ACTION(end_wait, 'W')
ACTION(stop_server, 'd')
ACTION(hurry_server, 'H')
ACTION(kill_server, 'D')
ACTION(stop_workers, 'z')
ACTION(kill_workers, 'M')
ACTION(finish, '.')

static void (*const actions[LIFECYCLE_ACTIONS])(void *) = {
	[LIFECYCLE_START_STORAGE] = start_storage,
	[LIFECYCLE_START_COMPONENTS] = start_components,
	[LIFECYCLE_OPEN_STORE] = open_store,
	[LIFECYCLE_PING_STORE] = ping_store,
	[LIFECYCLE_SERVE] = serve,
	[LIFECYCLE_KILL_STORAGE] = kill_storage,
	[LIFECYCLE_STOP_STORAGE] = stop_storage,
	[LIFECYCLE_HURRY_STORAGE] = hurry_storage,
	[LIFECYCLE_STOP_COMPONENTS] = stop_components,
	[LIFECYCLE_KILL_COMPONENTS] = kill_components,
	[LIFECYCLE_END_WAIT] = end_wait,
	[LIFECYCLE_STOP_SERVER] = stop_server,
	[LIFECYCLE_HURRY_SERVER] = hurry_server,
	[LIFECYCLE_KILL_SERVER] = kill_server,
	[LIFECYCLE_STOP_WORKERS] = stop_workers,
	[LIFECYCLE_KILL_WORKERS] = kill_workers,
	[LIFECYCLE_FINISH] = finish,
};

static void
changed(void *context, enum lifecycle_state from)
{
	(void)context;
	(void)from;
}

static void
set_up(void)
{
	static const struct lifecycle_times times = { .startup = 60000,
		.shutdown = 30000,
		.server = 30000,
		.grace = 3000,
		.hurry = 1000 };

	now = 1000;
	clock_set_fake(fake_now);
	lifecycle_init(&lifecycle, &times, actions, changed, NULL);
	done[0] = '\0';
}

static void
take(enum lifecycle_event event, const char *expected_actions, enum lifecycle_state expected_state)
{
	done[0] = '\0';
	lifecycle_take(&lifecycle, event);
	ck_assert_str_eq(done, expected_actions);
	ck_assert_str_eq(lifecycle_state_name(lifecycle.state), lifecycle_state_name(expected_state));
}

static void
pass(int64_t ms, const char *expected_actions)
{
	now += ms;
	done[0] = '\0';
	lifecycle_check_deadline(&lifecycle);
	ck_assert_str_eq(done, expected_actions);
}

static void
bring_up(void)
{
	take(LIFECYCLE_START, "s", LIFECYCLE_INITIALISING);
	take(LIFECYCLE_WORKERS_STARTED, "c", LIFECYCLE_AWAITING_WORKER);
	take(LIFECYCLE_STORAGE_READY, "o", LIFECYCLE_OPENING);
	take(LIFECYCLE_STORE_OPENED, "p", LIFECYCLE_PINGING);
	take(LIFECYCLE_STORE_ANSWERED, "S", LIFECYCLE_OPERATIONAL);
}

START_TEST(start_and_stop_in_order)
{
	bring_up();
	pass(1000000, "");
	take(LIFECYCLE_STOP, "y", LIFECYCLE_STOPPING_COMPONENTS);
	/* Their last words to storage are served. */
	take(LIFECYCLE_COMPONENTS_DIED, "x", LIFECYCLE_STOPPING_STORAGE);
	take(LIFECYCLE_STORAGE_DIED, "d", LIFECYCLE_STOPPING_SERVER);
	take(LIFECYCLE_SERVER_STOPPED, "z", LIFECYCLE_STOPPING_WORKERS);
	take(LIFECYCLE_WORKERS_DIED, ".", LIFECYCLE_ENDED);
	take(LIFECYCLE_STOP, "", LIFECYCLE_ENDED);
}
END_TEST

/* The startup deadline runs from the worker's start through all of phase 3, and asks once. */
START_TEST(start_has_one_deadline)
{
	take(LIFECYCLE_START, "s", LIFECYCLE_INITIALISING);
	take(LIFECYCLE_WORKERS_STARTED, "c", LIFECYCLE_AWAITING_WORKER);
	pass(30000, "");
	take(LIFECYCLE_STORAGE_READY, "o", LIFECYCLE_OPENING);
	pass(29999, "");
	pass(1, "W");
	pass(60000, "");
	take(LIFECYCLE_STORAGE_DIED, "", LIFECYCLE_DOWN);
}
END_TEST

/* What is pulled or recovered may take long, as long as it goes on. */
START_TEST(progress_extends_the_deadline)
{
	take(LIFECYCLE_START, "s", LIFECYCLE_INITIALISING);
	take(LIFECYCLE_WORKERS_STARTED, "c", LIFECYCLE_AWAITING_WORKER);
	take(LIFECYCLE_STORAGE_READY, "o", LIFECYCLE_OPENING);
	pass(59999, "");
	take(LIFECYCLE_PROGRESS, "", LIFECYCLE_OPENING);
	pass(59999, "");
	pass(1, "W");
}
END_TEST

/* A lost server is the restart policy's, without a deadline; then the store is opened again by the same worker. */
START_TEST(lost_server_goes_through_phase_3)
{
	bring_up();
	take(LIFECYCLE_SERVER_LOST, "", LIFECYCLE_OPENING);
	pass(1000000, "");
	take(LIFECYCLE_SERVER_RESTARTING, "o", LIFECYCLE_OPENING);
	pass(59999, "");
	take(LIFECYCLE_SERVER_LOST, "", LIFECYCLE_OPENING);
	pass(1000000, "");
	take(LIFECYCLE_SERVER_RESTARTING, "o", LIFECYCLE_OPENING);
	take(LIFECYCLE_STORE_OPENED, "p", LIFECYCLE_PINGING);
	take(LIFECYCLE_SERVER_LOST, "", LIFECYCLE_OPENING);
	take(LIFECYCLE_SERVER_RESTARTING, "o", LIFECYCLE_OPENING);
	take(LIFECYCLE_STORE_OPENED, "p", LIFECYCLE_PINGING);
	take(LIFECYCLE_STORE_ANSWERED, "S", LIFECYCLE_OPERATIONAL);
}
END_TEST

/* The server runs: before the storage worker is ready that is progress, after it the store is opened. */
START_TEST(server_that_started_has_the_store_opened)
{
	take(LIFECYCLE_START, "s", LIFECYCLE_INITIALISING);
	take(LIFECYCLE_WORKERS_STARTED, "c", LIFECYCLE_AWAITING_WORKER);
	pass(59999, "");
	take(LIFECYCLE_SERVER_STARTED, "", LIFECYCLE_AWAITING_WORKER);
	pass(59999, "");
	take(LIFECYCLE_STORAGE_READY, "o", LIFECYCLE_OPENING);
	take(LIFECYCLE_SERVER_STARTED, "o", LIFECYCLE_OPENING);
	pass(59999, "");
	take(LIFECYCLE_STORE_OPENED, "p", LIFECYCLE_PINGING);
	take(LIFECYCLE_SERVER_STARTED, "", LIFECYCLE_PINGING);
}
END_TEST

START_TEST(storage_comes_back_through_phase_3)
{
	bring_up();
	take(LIFECYCLE_STORAGE_DIED, "", LIFECYCLE_DOWN);
	pass(1000000, "");
	take(LIFECYCLE_STORAGE_STARTED, "", LIFECYCLE_AWAITING_WORKER);
	take(LIFECYCLE_STORAGE_READY, "o", LIFECYCLE_OPENING);
	take(LIFECYCLE_STORE_FAILED, "K", LIFECYCLE_OPENING);
	take(LIFECYCLE_STORAGE_DIED, "", LIFECYCLE_DOWN);
	take(LIFECYCLE_STORAGE_STARTED, "", LIFECYCLE_AWAITING_WORKER);
	take(LIFECYCLE_STORAGE_READY, "o", LIFECYCLE_OPENING);
	take(LIFECYCLE_STORE_OPENED, "p", LIFECYCLE_PINGING);
	take(LIFECYCLE_STORE_FAILED, "K", LIFECYCLE_PINGING);
}
END_TEST

/* Events up to the state in which the stop comes. */
static const struct {
	enum lifecycle_event events[6];
	size_t count;
} stops[] = {
	{ { LIFECYCLE_START }, 0 },
	{ { LIFECYCLE_START }, 1 },
	{ { LIFECYCLE_START, LIFECYCLE_WORKERS_STARTED }, 2 },
	{ { LIFECYCLE_START, LIFECYCLE_WORKERS_STARTED, LIFECYCLE_STORAGE_READY }, 3 },
	{ { LIFECYCLE_START, LIFECYCLE_WORKERS_STARTED, LIFECYCLE_STORAGE_READY, LIFECYCLE_STORE_OPENED }, 4 },
	{ { LIFECYCLE_START, LIFECYCLE_WORKERS_STARTED, LIFECYCLE_STORAGE_DIED }, 3 },
};

START_TEST(stop_comes_at_any_moment)
{
	for (size_t i = 0; i < stops[_i].count; i++)
		lifecycle_take(&lifecycle, stops[_i].events[i]);
	take(LIFECYCLE_STOP, "y", LIFECYCLE_STOPPING_COMPONENTS);
	take(LIFECYCLE_STORAGE_READY, "", LIFECYCLE_STOPPING_COMPONENTS);
	take(LIFECYCLE_STORAGE_DIED, "", LIFECYCLE_STOPPING_COMPONENTS);
	take(LIFECYCLE_COMPONENTS_DIED, "x", LIFECYCLE_STOPPING_STORAGE);
	/* What was under way when the stop came is no longer wanted. */
	take(LIFECYCLE_STORAGE_READY, "", LIFECYCLE_STOPPING_STORAGE);
	take(LIFECYCLE_STORE_OPENED, "", LIFECYCLE_STOPPING_STORAGE);
	take(LIFECYCLE_STORE_FAILED, "", LIFECYCLE_STOPPING_STORAGE);
	take(LIFECYCLE_STORAGE_STARTED, "", LIFECYCLE_STOPPING_STORAGE);
	take(LIFECYCLE_STORAGE_DIED, "d", LIFECYCLE_STOPPING_SERVER);
	take(LIFECYCLE_SERVER_STOPPED, "z", LIFECYCLE_STOPPING_WORKERS);
}
END_TEST

START_TEST(stop_has_deadlines)
{
	bring_up();
	take(LIFECYCLE_STOP, "y", LIFECYCLE_STOPPING_COMPONENTS);
	pass(2999, "");
	pass(1, "L");
	take(LIFECYCLE_COMPONENTS_DIED, "x", LIFECYCLE_STOPPING_STORAGE);
	pass(32999, "");
	pass(1, "K");
	take(LIFECYCLE_STORAGE_DIED, "d", LIFECYCLE_STOPPING_SERVER);
	pass(35999, "");
	pass(1, "D");
	take(LIFECYCLE_SERVER_STOPPED, "z", LIFECYCLE_STOPPING_WORKERS);
	pass(3000, "M");
	take(LIFECYCLE_WORKERS_DIED, ".", LIFECYCLE_ENDED);
}
END_TEST

START_TEST(second_stop_hurries)
{
	bring_up();
	take(LIFECYCLE_STOP, "y", LIFECYCLE_STOPPING_COMPONENTS);
	take(LIFECYCLE_STOP, "L", LIFECYCLE_STOPPING_COMPONENTS);
	take(LIFECYCLE_COMPONENTS_DIED, "x", LIFECYCLE_STOPPING_STORAGE);
	pass(10, "");
	take(LIFECYCLE_STOP, "h", LIFECYCLE_STOPPING_STORAGE);
	pass(3999, "");
	pass(1, "K");
}
END_TEST

int
main(void)
{
	TCase *table = tcase_create("table");

	tcase_add_checked_fixture(table, set_up, NULL);
	tcase_add_test(table, start_and_stop_in_order);
	tcase_add_test(table, start_has_one_deadline);
	tcase_add_test(table, progress_extends_the_deadline);
	tcase_add_test(table, lost_server_goes_through_phase_3);
	tcase_add_test(table, server_that_started_has_the_store_opened);
	tcase_add_test(table, storage_comes_back_through_phase_3);
	tcase_add_loop_test(table, stop_comes_at_any_moment, 0, sizeof(stops) / sizeof(stops[0]));
	tcase_add_test(table, stop_has_deadlines);
	tcase_add_test(table, second_stop_hurries);
	return unit_run("supervisor lifecycle", table, NULL);
}
