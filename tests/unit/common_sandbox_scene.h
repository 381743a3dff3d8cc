/*
 * What the suites of the sandbox share: each test does what it tries in a child.
 */
#ifndef BIBD_TESTS_COMMON_SANDBOX_SCENE_H
#define BIBD_TESTS_COMMON_SANDBOX_SCENE_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* In a child: says what did not hold, and ends it. */
#define CHILD_ASSERT(condition) \
	do { \
		if (!(condition)) { \
			(void)fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); \
			_exit(1); \
		} \
	} while (0)

/* A directory of the test's own, a file in each of two folders of it, and a path at which there is nothing. */
extern char directory[64], inside[96], outside[96], missing[96];

/* Has a child do it, which must end well. */
void assert_passes(void (*child)(void));
bool can_open(const char *path, int flags);

/* common_sandbox_landlock.c */
void add_landlock_tests(TCase *t);

#endif
