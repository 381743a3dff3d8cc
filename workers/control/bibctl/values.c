/*
 * What stands behind an option, judged: a number, an age, a time, the id of a session.
 */
#include "workers/control/bibctl/arguments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
bibctl_set_wrong(struct bibctl_arguments *arguments, const char *wrong, const char *what)
{
	if (arguments->wrong != NULL)
		return;
	arguments->wrong = wrong;
	arguments->what = what;
}

static void
bibctl_read_lines(struct bibctl *bibctl, struct bibctl_arguments *arguments)
{
	unsigned long lines;
	char *end;

	bibctl->lines = BIBCTL_LINES;
	bibctl->count = 0;
	if (arguments->lines == NULL)
		return;
	lines = strtoul(arguments->lines, &end, 10);
	if (strspn(arguments->lines, "0123456789") == 0 || *end != '\0' || lines == 0 || lines > BIBCTL_LINES_MAX)
		bibctl_set_wrong(arguments, "-n wants a number, from 1 to 1000000", arguments->lines);
	else
		bibctl->lines = bibctl->count = (uint32_t)lines;
}

static void
bibctl_read_days(struct bibctl *bibctl, struct bibctl_arguments *arguments, bool for_login)
{
	unsigned long days;
	char *end;

	bibctl->days = for_login ? BIBCTL_CLIENT_DAYS : BIBCTL_DAYS;
	if (arguments->days == NULL)
		return;
	days = strtoul(arguments->days, &end, 10);
	if (strspn(arguments->days, "0123456789") == 0 || *end != '\0' || days == 0 ||
	    days > (for_login ? BIBCTL_CLIENT_DAYS_MAX : BIBCTL_DAYS_MAX))
		bibctl_set_wrong(arguments,
		    for_login ? "--days wants a number of days, from 1 to 3650"
			      : "--days wants a number of days, from 1 to 7",
		    arguments->days);
	else
		bibctl->days = (uint32_t)days;
}

static void
bibctl_read_since(struct bibctl *bibctl, struct bibctl_arguments *arguments)
{
	int64_t seconds;

	if (arguments->since == NULL)
		return;
	if ((seconds = bibctl_read_age(arguments->since)) == -1)
		bibctl_set_wrong(arguments, "--since wants an age, such as 30s, 10m, 2h or 7d", arguments->since);
	else
		bibctl->since_us = bibctl->render.now_us - seconds * 1000000;
}

static void
bibctl_read_at(struct bibctl *bibctl, struct bibctl_arguments *arguments)
{
	if (arguments->at == NULL)
		return;
	if (bibctl_read_time(arguments->at, bibctl->render.now_us, &bibctl->at_us) == -1)
		bibctl_set_wrong(arguments, "--at wants a time, such as 12:03 or '2026-11-30 12:03:10'", arguments->at);
	if (arguments->since != NULL)
		bibctl_set_wrong(arguments, "--since and --at are two ways to say the same", arguments->at);
}

static void
bibctl_read_pause(struct bibctl *bibctl, struct bibctl_arguments *arguments)
{
	int64_t drain = arguments->timeout == NULL ? BIBCTL_DRAIN_S : bibctl_read_age(arguments->timeout);
	int64_t hold = arguments->hold == NULL ? BIBCTL_HOLD_S : bibctl_read_age(arguments->hold);

	if (drain < 0 || drain > BIBCTL_DRAIN_MAX_S)
		bibctl_set_wrong(arguments, "--timeout wants a time of at most 100s", arguments->timeout);
	else
		bibctl->drain_ms = (uint32_t)drain * 1000;
	if (hold < 1 || hold > BIBCTL_HOLD_MAX_S)
		bibctl_set_wrong(arguments, "--for wants a time of at most 1h, such as 30s or 10m", arguments->hold);
	else
		bibctl->hold_ms = (uint32_t)hold * 1000;
}

static void
bibctl_read_restore(struct bibctl *bibctl, struct bibctl_arguments *arguments, const struct bibctl_command *command)
{
	if ((command->takes & BIBCTL_TAKES_RESTORE) != 0 &&
	    ((arguments->into != NULL) == arguments->in_place || (arguments->files && arguments->in_place)))
		bibctl_set_wrong(arguments, "say where to, with --into DIR or --in-place", command->name);
	bibctl->into = arguments->into;
	bibctl->in_place = arguments->in_place;
	bibctl->files = arguments->files;
	bibctl->from = arguments->from;
	bibctl->key = arguments->key;
	bibctl->to = arguments->to;
	bibctl->full = arguments->full;
}

static void
bibctl_read_interval(struct bibctl *bibctl, struct bibctl_arguments *arguments)
{
	int64_t interval = arguments->interval == NULL ? BIBCTL_INTERVAL_S : bibctl_read_age(arguments->interval);

	if (interval < 1 || interval > BIBCTL_INTERVAL_MAX_S)
		bibctl_set_wrong(arguments, "--interval wants a time of at most 1h, such as 2s", arguments->interval);
	else
		bibctl->interval_ms = (uint32_t)interval * 1000;
}

static void
bibctl_read_session(struct bibctl *bibctl, struct bibctl_arguments *arguments, const struct bibctl_command *command)
{
	unsigned long id;
	char *end;

	if ((command->takes & BIBCTL_TAKES_SESSION) == 0)
		return;
	if (arguments->word == NULL) {
		bibctl_set_wrong(arguments, "the id of a session is missing; `bibctl clients` lists them",
		    command->name);
		return;
	}
	errno = 0;
	id = strtoul(arguments->word, &end, 10);
	if (strspn(arguments->word, "0123456789") == 0 || *end != '\0' || errno != 0 || id == 0 || id > UINT32_MAX)
		bibctl_set_wrong(arguments, "the id of a session is a number; `bibctl clients` lists them",
		    arguments->word);
	else
		bibctl->session = (uint32_t)id;
}

void
bibctl_read_values(struct bibctl *bibctl, struct bibctl_arguments *arguments, const struct bibctl_command *command)
{
	if (arguments->wrong == NULL && command != NULL) {
		bibctl_read_session(bibctl, arguments, command);
		bibctl_read_restore(bibctl, arguments, command);
	}
	bibctl_read_lines(bibctl, arguments);
	bibctl_read_days(bibctl, arguments, command != NULL && (command->takes & BIBCTL_TAKES_NAME) != 0);
	bibctl_read_since(bibctl, arguments);
	bibctl_read_at(bibctl, arguments);
	bibctl_read_pause(bibctl, arguments);
	bibctl_read_interval(bibctl, arguments);
}
