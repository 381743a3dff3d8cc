/*
 * What is in an SQLite file, as `bibd-sqlite --survey` says it, with the daemon up or down.
 */
#ifndef BIBD_SUPERVISOR_PLAN_SURVEY_H
#define BIBD_SUPERVISOR_PLAN_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/conf.h"

struct plan_table {
	const char *name; /* with its schema */
	uint64_t rows;
	bool counted; /* false: there are too many to be counted while somebody waits */
};

struct plan_survey {
	char *text;		   /* holds the names */
	struct plan_table *tables; /* the largest first */
	size_t n;
	uint64_t rows;	     /* of all that were counted */
	bool counted;	     /* all were */
	const char *missing; /* an extension in use that the configuration does not name; NULL */
};

/* -1: the file cannot be read. plan_survey_clear frees what there is, in either case. */
int plan_survey(struct plan_survey *survey, const struct conf *conf, const char *path);
void plan_survey_clear(struct plan_survey *survey);

#endif
