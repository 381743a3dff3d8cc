/*
 * A render whose output is a string, a status to fill, and a fixed time. One such scene a test: Check runs each in a
 * process of its own, and its fixtures take no arguments, so that the state is external.
 */
#ifndef BIBD_TESTS_CONTROL_RENDER_SCENE_H
#define BIBD_TESTS_CONTROL_RENDER_SCENE_H

#include "workers/control/show/render.h"

#define NOW_US INT64_C(1795434600000000) /* 2026-11-23 11:50:00 UTC */

/* What was written so far; up to date after written() and, for errors, after fflush(render.err). */
extern char *out_text, *err_text;
extern struct render render;
extern struct snapshot status;

/* The fixture of each test: empty output, no colour, UTC. */
void render_scene_set_up(void);
void render_scene_tear_down(void);
/* All that went to the output so far; valid until more is written. */
const char *written(void);

#endif
