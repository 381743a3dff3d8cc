/*
 * Rotations: what each step makes of the credentials, when one is due, and one that is killed between any two steps,
 * with a server that keeps what it was told across the deaths of the keeper.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/keeper_worker.h"
#include "tests/unit/run.h"

#define LOGINS (2 * ROLES)
#define KILLED 9
#define POINTS_MAX 200

/* ---- steps ---- */

START_TEST(test_steps)
{
	struct credentials c = { .count = 0 }, before;
	const struct credential *now, *was;

	ck_assert_int_eq(credentials_complete(&c, NULL), 1);
	ck_assert_int_eq(credentials_keep_external(&c, "postgres", "secret", NULL), 1);
	ck_assert(c.side == 'a' && c.step == ROTATION_NONE && c.rotated_us > 0);
	before = c;
	ck_assert_int_eq(rotation_prepare(&c, NULL), 0);
	ck_assert_int_eq((int)c.step, ROTATION_PENDING);
	ck_assert_uint_eq(c.count, before.count + CREDENTIALS_ROTATED);
	ck_assert_mem_eq(c.list, before.list, before.count * sizeof(c.list[0]));
	rotation_switch(&c, 77);
	ck_assert(c.side == 'b' && c.step == ROTATION_SWITCHED && c.rotated_us == 77);
	ck_assert_uint_eq(c.count, before.count);
	for (size_t i = 0; i < before.count; i++) {
		bool changed =
		    strstr(before.list[i].login, "_b") != NULL || strcmp(before.list[i].login, CREDENTIALS_SYSTEM) == 0;

		was = &before.list[i];
		now = credentials_find(&c, was->kind, was->login);
		ck_assert_ptr_nonnull(now);
		ck_assert_int_eq(strcmp(now->password, was->password) != 0, changed);
		ck_assert_int_eq(strcmp(now->verifier, was->verifier) != 0, changed);
	}
	rotation_finish(&c);
	ck_assert_int_eq((int)c.step, ROTATION_NONE);
	ck_assert_str_eq(credentials_find(&c, CREDENTIALS_MANAGED, "bibd_write_a")->password, "");
	ck_assert_str_ne(credentials_find(&c, CREDENTIALS_MANAGED, "bibd_write_b")->password, "");
	ck_assert_str_eq(credentials_find(&c, CREDENTIALS_EXTERNAL, "postgres")->password, "secret");
	/* And back. */
	ck_assert_int_eq(rotation_prepare(&c, NULL), 0);
	rotation_switch(&c, 78);
	ck_assert_int_eq(c.side, 'a');
}
END_TEST

/* ---- when ---- */

#define HOUR_MS 3600000LL
#define HOUR_US (HOUR_MS * 1000)

START_TEST(test_due)
{
	struct rotation_clock clock = { .begun_ms = 0 };
	const int64_t now = 1000 * HOUR_US;
	bool future;

	ck_assert(!rotation_is_due(&clock, now, HOUR_MS, now, 5000, &future) && !future);
	ck_assert(!rotation_is_due(&clock, now, HOUR_MS, now + HOUR_US - 1000, 5000, &future));
	ck_assert(rotation_is_due(&clock, now, HOUR_MS, now + HOUR_US, 5000, &future) && !future);
	/* Time that went by while nothing ran counts. */
	ck_assert(rotation_is_due(&clock, now, HOUR_MS, now + 500 * HOUR_US, 1, &future));
	ck_assert(!rotation_is_due(&clock, now, 0, now + 500 * HOUR_US, 1, &future));
}
END_TEST

/* However the clock jumps, there is an interval of the other clock between two. */
START_TEST(test_clock_jumps)
{
	struct rotation_clock clock = { .begun_ms = 0 };
	int64_t rotated = 1000 * HOUR_US, wall = rotated;
	unsigned rotations = 0, warnings = 0;
	bool future;

	/* Every minute for ten hours, the wall clock a day forward and then a day back, or more. */
	for (int64_t boot = 1; boot < 10 * HOUR_MS; boot += 60000) {
		wall += (boot / 60000) % 2 == 0 ? 24 * HOUR_US : -25 * HOUR_US;
		if (rotation_is_due(&clock, rotated, HOUR_MS, wall, boot, &future)) {
			ck_assert(clock.begun_ms == 0 || boot - clock.begun_ms >= HOUR_MS);
			clock.begun_ms = boot;
			rotated = wall;
			rotations++;
		}
		warnings += future;
	}
	ck_assert_uint_ge(rotations, 1);
	ck_assert_uint_le(rotations, 10);
}
END_TEST

START_TEST(test_future)
{
	struct rotation_clock clock = { .begun_ms = 0 };
	bool future;

	/* A time in the future counts as now, and is said once. */
	ck_assert(!rotation_is_due(&clock, 900 * HOUR_US, HOUR_MS, HOUR_US, 1000, &future) && future);
	ck_assert(!rotation_is_due(&clock, 900 * HOUR_US, HOUR_MS, HOUR_US, 1000 + HOUR_MS - 1, &future) && !future);
	ck_assert(rotation_is_due(&clock, 900 * HOUR_US, HOUR_MS, HOUR_US, 1000 + HOUR_MS, &future) && !future);
}
END_TEST

/* ---- killed ---- */

/* The server, in memory that outlives whoever changes it. File scope: the points of a keeper know nothing else. */
static struct model {
	int countdown; /* points until the death of this process; 0: never */
	int points;
	char system[SCRAM_VERIFIER_SIZE];
	struct {
		char name[CREDENTIALS_LOGIN_SIZE];
		char verifier[SCRAM_VERIFIER_SIZE];
		bool open;
	} logins[LOGINS];
} * model;

static void
model_point(void *context)
{
	(void)context;
	model->points++;
	if (model->countdown > 0 && --model->countdown == 0)
		_exit(KILLED);
}

static void
model_change(const char *login, const char *verifier, bool open)
{
	model_point(NULL);
	if (strcmp(login, CREDENTIALS_SYSTEM) == 0)
		(void)snprintf(model->system, sizeof(model->system), "%s", verifier);
	for (size_t i = 0; i < LOGINS; i++)
		if (strcmp(model->logins[i].name, login) == 0) {
			(void)snprintf(model->logins[i].verifier, sizeof(model->logins[i].verifier), "%s", verifier);
			model->logins[i].open = open;
		}
	model_point(NULL);
}

static bool
model_takes(const struct credential *credential)
{
	for (size_t i = 0; i < LOGINS; i++)
		if (strcmp(model->logins[i].name, credential->login) == 0)
			return model->logins[i].open && strcmp(model->logins[i].verifier, credential->verifier) == 0;
	return strcmp(model->system, credential->verifier) == 0;
}

static bool
in_use(const struct credentials *credentials, const struct credential *credential)
{
	return credential->kind == CREDENTIALS_MANAGED &&
	    credential->login[strlen(credential->login) - 1] == credentials->side;
}

/* Whoever starts can log in as bibd_system with one of the passwords it knows, and as each role. */
static void
assert_can_log_in(const struct credentials *credentials)
{
	unsigned systems = 0, roles = 0;

	for (size_t i = 0; i < credentials->count; i++) {
		const struct credential *credential = &credentials->list[i];

		if (strcmp(credential->login, CREDENTIALS_SYSTEM) == 0)
			systems += model_takes(credential);
		else if (in_use(credentials, credential))
			roles += model_takes(credential);
	}
	ck_assert_uint_eq(systems, 1);
	ck_assert_uint_eq(roles, ROLES);
}

/* The first server: as it is made for new credentials. */
static void
model_make(const struct credentials *credentials)
{
	size_t n = 0;

	for (size_t i = 0; i < credentials->count; i++) {
		const struct credential *credential = &credentials->list[i];

		if (strcmp(credential->login, CREDENTIALS_SYSTEM) == 0)
			(void)snprintf(model->system, sizeof(model->system), "%s", credential->verifier);
		else {
			(void)snprintf(model->logins[n].name, sizeof(model->logins[n].name), "%s", credential->login);
			if (in_use(credentials, credential))
				(void)snprintf(model->logins[n].verifier, sizeof(model->logins[n].verifier), "%s",
				    credential->verifier);
			model->logins[n++].open = in_use(credentials, credential);
		}
	}
	ck_assert_uint_eq(n, LOGINS);
}

/* What a store does with ROTATE_LOGINS: the lines of a pending login are its name, password and verifier. */
static void
store_rotate(struct setting *s, uint32_t id)
{
	const struct message_logins_rotated done = { .nothing = 0 };
	char *text, *save = NULL, name[CREDENTIALS_LOGIN_SIZE];
	struct frame frame;
	size_t size;

	ck_assert_ptr_nonnull(text = memfd_read(s->frame.fd, 65536, &size, NULL));
	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "pending %63s", name) == 1) {
			(void)strtok_r(NULL, "\n", &save);
			model_change(name, strtok_r(NULL, "\n", &save), true);
		}
	free(text);
	send_frame(s, s->peer, &frame, message_encode_logins_rotated(&frame, id, &done, -1, NULL));
}

static void
store_retire(struct setting *s, const struct keeper *keeper, uint32_t id)
{
	const struct message_logins_retired done = { .who = "" };
	struct frame frame;

	for (size_t i = 0; i < LOGINS; i++)
		if (model->logins[i].name[strlen(model->logins[i].name) - 1] != keeper->credentials.side)
			model_change(model->logins[i].name, "", false);
	send_frame(s, s->peer, &frame, message_encode_logins_retired(&frame, id, &done, -1, NULL));
}

/* Plays the store until nothing is asked of it any more. */
static void
store_play(struct setting *s)
{
	for (;;) {
		frame_close(&s->frame);
		setting_run(s);
		if (frame_receive(s->peer, &s->frame, NULL) != 1)
			return;
		if (s->frame.header.type == MESSAGE_ROTATE_LOGINS)
			store_rotate(s, s->frame.header.id);
		else if (s->frame.header.type == MESSAGE_RETIRE_LOGINS)
			store_retire(s, s->worker.state, s->frame.header.id);
	}
}

static struct setting *
begin(void)
{
	struct setting *s = setting_make("true");
	struct keeper *keeper = s->worker.state;

	ck_assert_int_eq(conf_set(s->worker.conf, conf_key_find("database.backend"), "postgres", NULL), 0);
	send_open(s, 1, model->logins[0].name[0] == '\0');
	ck_assert_int_eq((int)keeper->state, KEEPER_OPEN);
	return s;
}

/* A keeper's life, in a process of its own that ends after so many points (0: when all is done). Returns whether it was
 * killed. */
static bool
live(int countdown, bool ask)
{
	const struct message_rotate_request request = { .what = "credentials" };
	struct keeper *keeper;
	struct setting *s;
	struct frame frame;
	int status;
	pid_t pid;

	model->countdown = countdown;
	model->points = 0;
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		s = begin();
		keeper = s->worker.state;
		assert_can_log_in(&keeper->credentials);
		keeper->rotation.at_point = model_point;
		send_peer(s, PROCESS_POSTGRES);
		if (ask)
			send_frame(s, s->supervisor, &frame,
			    message_encode_rotate_request(&frame, 5, &request, -1, NULL));
		store_play(s);
		ck_assert_int_eq((int)keeper->credentials.step, ROTATION_NONE);
		assert_can_log_in(&keeper->credentials);
		for (size_t i = 0; i < LOGINS; i++)
			ck_assert_int_eq(model->logins[i].open,
			    model->logins[i].name[strlen(model->logins[i].name) - 1] == keeper->credentials.side);
		setting_free(s);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == KILLED), "status %d",
	    status);
	return WEXITSTATUS(status) == KILLED;
}

static void
make_model(void)
{
	struct setting *s;

	model = mmap(NULL, sizeof(*model), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(model != MAP_FAILED);
	s = begin();
	model_make(&((struct keeper *)s->worker.state)->credentials);
	setting_free(s);
}

START_TEST(test_whole)
{
	make_model();
	ck_assert(!live(0, true));
	ck_assert(!live(0, true));
	ck_assert_int_gt(model->points, 20);
	ck_assert(!live(0, false));
	ck_assert_int_eq(model->points, 0);
}
END_TEST

/* Killed at each point in turn: the next one finds its way. */
START_TEST(test_killed)
{
	int point = 1;

	make_model();
	while (live(point, true)) {
		ck_assert(!live(0, false));
		ck_assert_int_lt(++point, POINTS_MAX);
	}
	ck_assert_int_gt(point, 20);
}
END_TEST

/* And so does one after the next, when that is killed as well. */
START_TEST(test_killed_twice)
{
	make_model();
	for (int first = 1; first < POINTS_MAX && live(first, true); first += 3) {
		for (int second = 1; second < POINTS_MAX && live(second, false); second += 4)
			continue;
		ck_assert(!live(0, false));
	}
}
END_TEST

/* A store that refuses is asked again in some seconds, with the same passwords. */
START_TEST(test_refused)
{
	const struct message_rotate_request request = { .what = "credentials" };
	const struct message_failed failed = { .status = STATUS_UNAVAILABLE, .code = "store.rotate", .text = "no" };
	struct keeper *keeper;
	struct setting *s;
	struct frame frame;
	uint32_t id;

	make_model();
	s = begin();
	keeper = s->worker.state;
	send_peer(s, PROCESS_POSTGRES);
	send_frame(s, s->supervisor, &frame, message_encode_rotate_request(&frame, 5, &request, -1, NULL));
	ck_assert_int_ne(id = keeper->rotation.asked_id, 0);
	(void)await(s, s->peer, MESSAGE_ROTATE_LOGINS, id);
	send_frame(s, s->peer, &frame, message_encode_failed(&frame, id, &failed, -1, NULL));
	ck_assert(keeper->rotation.asked_id == 0 && keeper->credentials.step == ROTATION_PENDING);
	for (int i = 0; i < 80 && keeper->rotation.asked_id == 0; i++)
		ck_assert_int_eq(loop_run_once(&s->worker.loop, 100, NULL), 0);
	ck_assert_int_ne(keeper->rotation.asked_id, 0);
	store_play(s);
	ck_assert_int_eq((int)keeper->credentials.step, ROTATION_NONE);
	assert_can_log_in(&keeper->credentials);
	setting_free(s);
}
END_TEST

START_TEST(test_external)
{
	const struct message_rotate_request request = { .what = "credentials" };
	struct setting *s = setting_make("false");
	struct frame_reader r;
	struct frame frame;
	const char *code;
	uint32_t status;

	ck_assert_int_eq(conf_set(s->worker.conf, conf_key_find("database.backend"), "postgres", NULL), 0);
	send_password(s, "secret", 6);
	send_open(s, 1, false);
	(void)await_opened(s, 1, false);
	send_peer(s, PROCESS_POSTGRES);
	send_frame(s, s->supervisor, &frame, message_encode_rotate_request(&frame, 5, &request, -1, NULL));
	r = await(s, s->supervisor, MESSAGE_RESULT, 5);
	frame_get_u32(&r, &status);
	frame_get_text(&r, &code);
	ck_assert_uint_eq(status, STATUS_USAGE);
	ck_assert_str_eq(code, "credentials.external");
	assert_silent(s, s->peer);
	setting_free(s);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_steps);
	tcase_add_test(t, test_due);
	tcase_add_test(t, test_clock_jumps);
	tcase_add_test(t, test_future);
	tcase_add_test(t, test_whole);
	tcase_add_test(t, test_refused);
	tcase_add_test(t, test_external);
	tcase_add_test(t, test_killed);
	tcase_add_test(t, test_killed_twice);
	return unit_run("keeper_rotation", t, NULL);
}
