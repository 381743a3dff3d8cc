/*
 * How every unit program ends: its test cases are run, and the exit status says whether all of them held.
 */
#ifndef BIBD_TESTS_UNIT_RUN_H
#define BIBD_TESTS_UNIT_RUN_H

#include <check.h>
#include <stdarg.h>
#include <stdlib.h>

/* Run the cases, the last of them followed by NULL, as a suite of this name, and free them. For main() to return. */
__attribute__((sentinel)) static inline int
unit_run(const char *name, ...)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	TCase *tests;
	va_list cases;
	int failed;

	va_start(cases, name);
	while ((tests = va_arg(cases, TCase *)) != NULL)
		suite_add_tcase(suite, tests);
	va_end(cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
