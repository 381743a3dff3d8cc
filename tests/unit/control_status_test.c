/* What the control worker asks of the supervisor for others: to whom the answers go, and who may ask what. */
#include "tests/unit/control_scene.h"

/* ---- relaying ---- */

START_TEST(test_status_of_two_who_chose_one_id)
{
	struct scene_peer *a = scene_greet(0), *b = scene_greet(1);

	(void)channel_send_status_request(&a->channel, 42, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	(void)channel_send_status_request(&b->channel, 42, NULL, -1);
	scene_run_until(&scene.nasked, 2);
	ck_assert_uint_ne(scene.asked[0], scene.asked[1]);
	scene_answer_status(scene.asked[1], "for-b");
	scene_answer_status(scene.asked[0], "for-a");
	scene_run_until(&a->results, 1);
	scene_run_until(&b->results, 1);
	ck_assert_str_eq(a->text, "for-a");
	ck_assert_str_eq(b->text, "for-b");
	ck_assert_uint_eq(a->last_id, 42);
	ck_assert_uint_eq(a->nodes + a->processes + a->statistics, 4);
	ck_assert_uint_eq(b->nodes + b->processes + b->statistics, 4);
	ck_assert_str_eq(a->code, "status.done");
}
END_TEST

START_TEST(test_answer_to_one_who_left)
{
	struct scene_peer *a = scene_greet(0), *b;

	(void)channel_send_status_request(&a->channel, 1, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	channel_close(&a->channel);
	scene_settle();
	scene_answer_status(scene.asked[0], "late");
	scene_answer_status(0, "nobody");
	b = scene_greet(1);
	scene_settle();
	ck_assert_uint_eq(b->results, 0);
}
END_TEST

START_TEST(test_supervisor_that_is_silent)
{
	struct scene_peer *a = scene_greet(0);

	(void)channel_send_status_request(&a->channel, 5, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	scene_advance_clock(CONTROL_STATUS_MS + 1);
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->status, STATUS_UNAVAILABLE);
	ck_assert_str_eq(a->code, "control.timeout");
	ck_assert_uint_eq(a->last_id, 5);
	scene_answer_status(scene.asked[0], "late");
	scene_settle();
	ck_assert_uint_eq(a->results, 1);
	ck_assert_uint_eq(a->nodes, 0);
}
END_TEST

START_TEST(test_one_request_at_a_time)
{
	struct scene_peer *a = scene_greet(0);

	(void)channel_send_status_request(&a->channel, 1, NULL, -1);
	(void)channel_send_status_request(&a->channel, 2, NULL, -1);
	scene_run_until(&a->results, 1);
	ck_assert_str_eq(a->code, "control.busy");
	ck_assert_uint_eq(a->last_id, 2);
	ck_assert_uint_eq(scene.nasked, 1);
	scene_answer_status(scene.asked[0], "x");
	scene_run_until(&a->results, 2);
	ck_assert_uint_eq(a->last_id, 1);
}
END_TEST

START_TEST(test_orders_of_those_who_may)
{
	struct scene_peer *a = scene_greet(0);

	/* The test's own uid, on a node that is not separated. */
	(void)channel_send_reload_request(&a->channel, 1, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	ck_assert_uint_eq(scene.asked_type, MESSAGE_RELOAD_REQUEST);
	(void)channel_send_result(&scene.supervisor, scene.asked[0], &(struct message_result) {
		.status = STATUS_CONFIG, .code = "conf.key", .text = "bibd.yaml:3:1: no" }, -1);
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->status, STATUS_CONFIG);
	ck_assert_str_eq(a->text, "bibd.yaml:3:1: no");
	(void)channel_send_stop_request(&a->channel, 2, NULL, -1);
	scene_run_until(&scene.nasked, 2);
	ck_assert_uint_eq(scene.asked_type, MESSAGE_STOP_REQUEST);
}
END_TEST

START_TEST(test_orders_of_those_who_may_not)
{
	struct scene_peer *a = scene_greet(0);

	scene_become_nobody();
	(void)channel_send_stop_request(&a->channel, 1, NULL, -1);
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->status, STATUS_PERMISSION);
	(void)channel_send_reload_request(&a->channel, 2, NULL, -1);
	scene_run_until(&a->results, 2);
	ck_assert_uint_eq(a->status, STATUS_PERMISSION);
	ck_assert_uint_eq(scene.nasked, 0);
	/* Reading goes on. */
	(void)channel_send_status_request(&a->channel, 3, NULL, -1);
	scene_run_until(&scene.nasked, 1);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_status_of_two_who_chose_one_id);
	tcase_add_test(t, test_answer_to_one_who_left);
	tcase_add_test(t, test_supervisor_that_is_silent);
	tcase_add_test(t, test_one_request_at_a_time);
	tcase_add_test(t, test_orders_of_those_who_may);
	tcase_add_test(t, test_orders_of_those_who_may_not);
}

int
main(void)
{
	return scene_main("control status", add_tests);
}
