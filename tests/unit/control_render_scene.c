/* What the tests of bibctl's layouts share: a render that writes into memory, and a status to fill. */
#include "tests/unit/control_render_scene.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

char *out_text, *err_text;
struct render render;
struct snapshot status;

static size_t out_size, err_size;

void
render_scene_set_up(void)
{
	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
	tzset();
	render = (struct render) { .out = open_memstream(&out_text, &out_size),
		.err = open_memstream(&err_text, &err_size),
		.now_us = NOW_US };
	ck_assert(render.out != NULL && render.err != NULL);
}

void
render_scene_tear_down(void)
{
	snapshot_clear(&status);
	(void)fclose(render.out);
	(void)fclose(render.err);
	free(out_text);
	free(err_text);
}

const char *
written(void)
{
	ck_assert_int_eq(fflush(render.out), 0);
	return out_text;
}
