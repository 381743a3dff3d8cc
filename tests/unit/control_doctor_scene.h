/*
 * A node's directory, a configuration for it, and a doctor that looks at both.
 */
#ifndef BIBD_TESTS_CONTROL_DOCTOR_SCENE_H
#define BIBD_TESTS_CONTROL_DOCTOR_SCENE_H

#include <check.h>

#include "workers/control/doctor/doctor.h"

struct doctor_scene {
	char dir[64]; /* data in it is data_dir, and run listen.path */
	char *text;   /* all that was said */
	size_t size;
	struct bibctl bibctl;
	struct doctor doctor;
};

/* File scope: Check's fixtures and tests take no arguments. */
extern struct doctor_scene scene;

/* Check's fixtures. */
void scene_set_up(void);
void scene_tear_down(void);

/* A path in the directory, valid until the next call; a directory, and a file there. */
const char *scene_at(const char *name);
void scene_make(const char *name, mode_t mode);
void scene_put(const char *name, const char *text, mode_t mode);

void scene_set_key(const char *path, const char *value);
void scene_become_postgres(void);

/* Runs a check, which must begin to speak with this verdict, and say this. */
void scene_expect(void (*run)(struct doctor *), const char *verdict, const char *part);

/* Runs a suite of one case, with the fixtures; returns what main returns. */
int scene_main(const char *name, void (*add_tests)(TCase *));

#endif
