/* A new configuration is in force everywhere or nowhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/reload.h"
#include "tests/unit/run.h"
#include "tests/unit/supervisor_scene.h"

/* File scope: Check's fixtures and tests take no arguments. */
static struct reload reload;
static struct child *storage, *keeper, *control;
static const struct conf *old;
static unsigned commits;
static uint32_t answered_id;
static char answer[48];

static void
take_commit(void *context)
{
	ck_assert_ptr_eq(context, &reload);
	commits++;
}

static void
take_answer(void *context, uint32_t asked_id, enum status status, const char *code, const char *text)
{
	(void)context;
	ck_assert_str_ne(text, "");
	ck_assert((status == STATUS_OK) == (strcmp(code, "reload.done") == 0));
	ck_assert_str_eq(answer, "");
	answered_id = asked_id;
	(void)snprintf(answer, sizeof(answer), "%s", code);
}

static void
set_up(void)
{
	const struct reload_hooks hooks = { .committed = take_commit, .answer = take_answer, .context = &reload };

	scene_open("log:\n  level: error\n", NULL);
	scene.node.lifecycle.state = LIFECYCLE_OPERATIONAL;
	storage = scene_add_up(PROCESS_SQLITE);
	keeper = scene_add_up(PROCESS_KEEPER);
	control = scene_add_up(PROCESS_CONTROL);
	old = scene.node.conf;
	commits = 0;
	answer[0] = '\0';
	reload_init(&reload, &scene.node, &scene.children, &hooks);
}

/* A configuration that differs in what reloads, and everybody is asked. */
static void
begin(uint32_t asked_id)
{
	scene_write_conf("log:\n  level: error\nserver:\n  shutdown_timeout: 7s\n");
	reload_begin(&reload, asked_id);
	ck_assert_str_eq(scene_next(storage), "PREPARE");
	ck_assert_str_eq(scene_next(keeper), "PREPARE");
	ck_assert_str_eq(scene_next(control), "PREPARE");
	ck_assert_str_eq(answer, "");
}

static void
assert_all_are_sent(const char *name)
{
	for (size_t i = 0; i < scene.children.n; i++) {
		ck_assert_str_eq(scene_next(&scene.children.list[i]), name);
		ck_assert_str_eq(scene_next(&scene.children.list[i]), "");
	}
}

static void
assert_nothing_changed(const char *code, uint32_t asked_id)
{
	ck_assert_ptr_eq(scene.node.conf, old);
	ck_assert_int_eq(scene.node.lifecycle.times.shutdown, 30000);
	ck_assert_uint_eq(commits, 0);
	ck_assert_str_eq(answer, code);
	ck_assert_uint_eq(answered_id, asked_id);
	ck_assert(scene_has_event(code));
	/* Nothing is late any more, and the next one may begin. */
	scene_pass(RELOAD_TIMEOUT_MS);
	ck_assert_ptr_null(reload.conf);
}

START_TEST(in_force_when_all_have_prepared)
{
	begin(5);
	reload_take_prepared(&reload, keeper, reload.id, true, "");
	reload_take_prepared(&reload, storage, reload.id, true, "");
	/* Twice is once. */
	reload_take_prepared(&reload, storage, reload.id, true, "");
	ck_assert_ptr_eq(scene.node.conf, old);
	reload_take_prepared(&reload, control, reload.id, true, "");
	assert_all_are_sent("COMMIT");
	ck_assert_int_eq(scene.node.conf->server.shutdown_timeout, 7000);
	ck_assert_int_eq(scene.node.lifecycle.times.shutdown, 7000);
	ck_assert_uint_eq(commits, 1);
	ck_assert_str_eq(answer, "reload.done");
	ck_assert_uint_eq(answered_id, 5);
	ck_assert(scene_has_event("reload.done"));
}
END_TEST

START_TEST(nowhere_when_one_refuses)
{
	begin(5);
	reload_take_prepared(&reload, storage, reload.id, true, "");
	reload_take_prepared(&reload, keeper, reload.id, false, "it does not do");
	assert_all_are_sent("DISCARD");
	/* What comes after that is of before. */
	reload_take_prepared(&reload, control, reload.id, true, "");
	assert_nothing_changed("reload.refused", 5);
}
END_TEST

START_TEST(nowhere_when_one_dies)
{
	begin(5);
	reload_take_prepared(&reload, storage, reload.id, true, "");
	reload_note_change(&reload, keeper);
	assert_all_are_sent("DISCARD");
	assert_nothing_changed("reload.worker", 5);
}
END_TEST

START_TEST(nowhere_when_one_is_late)
{
	begin(0);
	reload_take_prepared(&reload, storage, reload.id, true, "");
	scene_pass(RELOAD_TIMEOUT_MS - 1);
	ck_assert_str_eq(answer, "");
	scene_pass(1);
	assert_all_are_sent("DISCARD");
	assert_nothing_changed("reload.late", 0);
}
END_TEST

START_TEST(nowhere_when_the_node_stops)
{
	begin(5);
	reload_abandon(&reload);
	assert_all_are_sent("DISCARD");
	assert_nothing_changed("reload.stopping", 5);
}
END_TEST

START_TEST(one_at_a_time)
{
	begin(5);
	reload_begin(&reload, 6);
	ck_assert_str_eq(answer, "reload.busy");
	ck_assert_uint_eq(answered_id, 6);
	answer[0] = '\0';
	reload_forget_asker(&reload);
	for (size_t i = 0; i < scene.children.n; i++)
		reload_take_prepared(&reload, &scene.children.list[i], reload.id, true, "");
	ck_assert_str_eq(answer, "reload.done");
	ck_assert_uint_eq(answered_id, 0);
}
END_TEST

START_TEST(answer_to_an_earlier_one_does_not_count)
{
	uint32_t id;

	begin(5);
	id = reload.id;
	reload_abandon(&reload);
	assert_all_are_sent("DISCARD");
	answer[0] = '\0';
	begin(6);
	for (size_t i = 0; i < scene.children.n; i++)
		reload_take_prepared(&reload, &scene.children.list[i], id, true, "");
	ck_assert_str_eq(answer, "");
	ck_assert_ptr_eq(scene.node.conf, old);
}
END_TEST

START_TEST(what_cannot_be_read_or_does_not_reload_is_refused)
{
	scene_write_conf("log:\n  level: loud\n");
	reload_begin(&reload, 5);
	ck_assert_str_eq(answer, "conf.value");
	answer[0] = '\0';
	scene_write_conf("log:\n  level: error\nlisten:\n  port: 6543\n");
	reload_begin(&reload, 6);
	assert_nothing_changed("reload.restart", 6);
	assert_all_are_sent("");
}
END_TEST

START_TEST(who_does_not_run_is_not_asked)
{
	keeper->pid = 0;
	scene_write_conf("log:\n  level: error\nserver:\n  shutdown_timeout: 7s\n");
	reload_begin(&reload, 5);
	ck_assert_str_eq(scene_next(keeper), "");
	reload_take_prepared(&reload, storage, reload.id, true, "");
	reload_take_prepared(&reload, control, reload.id, true, "");
	ck_assert_str_eq(answer, "reload.done");
	/* Started meanwhile it would have had the old one: that is told by the watchers, and ends the reload. */
	ck_assert_uint_eq(commits, 1);
}
END_TEST

int
main(void)
{
	TCase *all = tcase_create("all or none");

	tcase_add_checked_fixture(all, set_up, scene_close);
	tcase_add_test(all, in_force_when_all_have_prepared);
	tcase_add_test(all, nowhere_when_one_refuses);
	tcase_add_test(all, nowhere_when_one_dies);
	tcase_add_test(all, nowhere_when_one_is_late);
	tcase_add_test(all, nowhere_when_the_node_stops);
	tcase_add_test(all, one_at_a_time);
	tcase_add_test(all, answer_to_an_earlier_one_does_not_count);
	tcase_add_test(all, what_cannot_be_read_or_does_not_reload_is_refused);
	tcase_add_test(all, who_does_not_run_is_not_asked);
	return unit_run("supervisor reload", all, NULL);
}
