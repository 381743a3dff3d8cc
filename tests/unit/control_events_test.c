/* Events: the replay, those who follow, and those who do not keep up. */
#include "tests/unit/control_scene.h"

/* ---- events ---- */

START_TEST(test_events_replay)
{
	struct scene_peer *a = scene_greet(0);

	for (uint64_t n = 1; n <= CONTROL_EVENTS + 44; n++) {
		scene_send_event(n);
		if (n % 32 == 0)
			scene_settle();
	}
	scene_settle();
	(void)channel_send_events_request(&a->channel, 9, &(struct message_events_request) { .follow = false }, -1);
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->events, CONTROL_EVENTS);
	ck_assert_uint_eq(a->first_event, 45);
	ck_assert_uint_eq(a->last_event, CONTROL_EVENTS + 44);
	ck_assert(a->in_order);
	ck_assert_uint_eq(a->status, STATUS_OK);
	ck_assert_uint_eq(a->last_id, 9);
	/* The connection is as good as before. */
	(void)channel_send_events_request(&a->channel, 10, &(struct message_events_request) { .follow = false }, -1);
	scene_run_until(&a->results, 2);
	ck_assert_uint_eq(a->events, 2 * CONTROL_EVENTS);
}
END_TEST

START_TEST(test_events_follow)
{
	struct scene_peer *a = scene_greet(0);

	scene_send_event(1);
	scene_settle();
	(void)channel_send_events_request(&a->channel, 9, &(struct message_events_request) { .follow = true }, -1);
	scene_run_until(&a->events, 1);
	scene_send_event(2);
	scene_send_event(3);
	scene_run_until(&a->events, 3);
	ck_assert(a->in_order);
	ck_assert_uint_eq(a->results, 0);
	/* Followers have no deadline. */
	scene_advance_clock(10 * CONTROL_IDLE_MS);
	scene_settle();
	scene_send_event(4);
	scene_run_until(&a->events, 4);
}
END_TEST

START_TEST(test_follower_that_does_not_read)
{
	struct scene_peer *slow = scene_greet(0), *good = scene_greet(1);

	(void)channel_send_events_request(&slow->channel, 1, &(struct message_events_request) { .follow = true }, -1);
	(void)channel_send_events_request(&good->channel, 1, &(struct message_events_request) { .follow = true }, -1);
	scene_settle();
	ck_assert_uint_eq(scene.control->nclients, 2);
	loop_watch_events(&slow->channel.watch, 0);
	for (uint64_t n = 1; n <= 4 * CONTROL_EVENTS; n++) {
		scene_send_event(n);
		if (n % 16 == 0)
			scene_settle();
	}
	scene_run_until(&good->events, 4 * CONTROL_EVENTS);
	ck_assert(good->in_order);
	ck_assert_uint_eq(scene.control->nclients, 1);
}
END_TEST

START_TEST(test_replay_to_one_who_does_not_read)
{
	struct scene_peer *slow = scene_greet(0);

	for (uint64_t n = 1; n <= CONTROL_EVENTS; n++) {
		scene_send_event(n);
		if (n % 32 == 0)
			scene_settle();
	}
	(void)channel_send_events_request(&slow->channel, 1, &(struct message_events_request) { .follow = false }, -1);
	loop_watch_events(&slow->channel.watch, 0);
	scene_settle();
	ck_assert_uint_eq(scene.control->nclients, 1);
	ck_assert_uint_le(TAILQ_FIRST(&scene.control->clients)->channel.queued, CONTROL_BACKLOG_MAX);
	scene_advance_clock(0);
	for (int64_t end = scene.now + CONTROL_SLOW_MS / 2; scene.now < end; scene.now += 500)
		scene_settle();
	ck_assert_uint_eq(scene.control->nclients, 1);
	for (int64_t end = scene.now + CONTROL_SLOW_MS; scene.now < end; scene.now += 500)
		scene_settle();
	ck_assert_uint_eq(scene.control->nclients, 0);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_events_replay);
	tcase_add_test(t, test_events_follow);
	tcase_add_test(t, test_follower_that_does_not_read);
	tcase_add_test(t, test_replay_to_one_who_does_not_read);
}

int
main(void)
{
	return scene_main("control events", add_tests);
}
