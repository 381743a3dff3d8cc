/*
 * The program bibctl: what each of its commands asks, and what it makes of the answer.
 */
#ifndef BIBD_BIBCTL_H
#define BIBD_BIBCTL_H

#include "workers/control/request/answer.h"
#include "workers/control/request/request.h"

/* Options that not every command takes: a set. */
enum bibctl_takes {
	BIBCTL_TAKES_FOLLOW = 1 << 0,
	BIBCTL_TAKES_LINES = 1 << 1,
	BIBCTL_TAKES_FILE = 1 << 2,
	BIBCTL_TAKES_IDENTITY = 1 << 3,
	BIBCTL_TAKES_VERBOSE = 1 << 6,
	BIBCTL_TAKES_JSON = 1 << 4,
	BIBCTL_TAKES_CERTIFICATE = 1 << 5, /* -o and --days */
	BIBCTL_TAKES_SESSION = 1 << 7,	   /* the id of one, as an argument */
	BIBCTL_TAKES_PAUSE = 1 << 8,	   /* --timeout and --for */
	BIBCTL_TAKES_NAME = 1 << 9,	   /* of a login, after the words of the command */
	BIBCTL_TAKES_INTERVAL = 1 << 10,   /* --interval, and -n for how often */
	BIBCTL_TAKES_SINCE = 1 << 11,
	BIBCTL_TAKES_AT = 1 << 12,
	BIBCTL_TAKES_STATEMENTS = 1 << 13, /* a file of them, as an argument */
	BIBCTL_TAKES_FULL = 1 << 14,
	BIBCTL_TAKES_RESTORE = 1 << 15, /* --into, --in-place, --files, --from, --key, --to */
	BIBCTL_TAKES_POINT = 1 << 16,	/* the name of a restore point, as an argument */
};

struct bibctl_command {
	const char *name;
	const char *word; /* that must follow the name, or NULL */
	const char *synopsis;
	const char *help;
	unsigned takes;
	int (*run)(struct bibctl *bibctl); /* returns the exit status */
};

/* Ends with a row whose name is NULL. A command without help is not in the usage. */
extern const struct bibctl_command bibctl_commands[];

/* usage.c: what `bibctl help` prints */
void bibctl_usage(FILE *file);

/* ---- options.c ---- */

enum bibctl_option {
	BIBCTL_OPTION_SOCKET,
	BIBCTL_OPTION_JSON,
	BIBCTL_OPTION_NO_COLOR,
	BIBCTL_OPTION_FOLLOW,
	BIBCTL_OPTION_SINCE,
	BIBCTL_OPTION_AT,
	BIBCTL_OPTION_ONLY,
	BIBCTL_OPTION_VERBOSE,
	BIBCTL_OPTION_TIMEOUT,
	BIBCTL_OPTION_FOR,
	BIBCTL_OPTION_INTERVAL,
	BIBCTL_OPTION_LINES,
	BIBCTL_OPTION_FILE,
	BIBCTL_OPTION_IDENTITY,
	BIBCTL_OPTION_FULL,
	BIBCTL_OPTION_INTO,
	BIBCTL_OPTION_IN_PLACE,
	BIBCTL_OPTION_FILES,
	BIBCTL_OPTION_FROM,
	BIBCTL_OPTION_KEY,
	BIBCTL_OPTION_TO,
	BIBCTL_OPTION_OUTPUT,
	BIBCTL_OPTION_DAYS,
	BIBCTL_OPTION_HELP,
	BIBCTL_OPTION_VERSION,
	BIBCTL_OPTION_COUNT
};

/* What stands after an option. */
enum bibctl_value { BIBCTL_VALUE_NONE, BIBCTL_VALUE_FILE, BIBCTL_VALUE_DIRECTORY, BIBCTL_VALUE_AGE, BIBCTL_VALUE_TEXT };

struct bibctl_option_row {
	const char *name;
	char letter; /* or '\0'; one letter is of two options, of which one has a value */
	enum bibctl_value value;
	unsigned takes;	   /* of the commands that have it; 0: every one */
	const char *wrong; /* what other commands say of it */
	const char *help;
};

extern const struct bibctl_option_row bibctl_options[BIBCTL_OPTION_COUNT];

/* Whether that command has that option. */
bool bibctl_has_option(const struct bibctl_command *command, enum bibctl_option option);

/* ---- commands that have a file of their own ---- */

/* credentials.c */
int bibctl_credentials_reset(struct bibctl *bibctl);

/* logins.c */
int bibctl_login_add(struct bibctl *bibctl);
int bibctl_login_remove(struct bibctl *bibctl);

/* backup.c */
int bibctl_backup(struct bibctl *bibctl);
int bibctl_backup_list(struct bibctl *bibctl);
int bibctl_backup_verify(struct bibctl *bibctl);
int bibctl_backup_key(struct bibctl *bibctl);
int bibctl_backup_prune(struct bibctl *bibctl);
int bibctl_drill(struct bibctl *bibctl);
int bibctl_restore_point(struct bibctl *bibctl);

/* restore.c */
int bibctl_restore(struct bibctl *bibctl);

/* certificates.c */
int bibctl_identity(struct bibctl *bibctl);
int bibctl_certificates(struct bibctl *bibctl);
int bibctl_certificate_operator(struct bibctl *bibctl);
int bibctl_certificate_client(struct bibctl *bibctl);
int bibctl_rotate_identity(struct bibctl *bibctl);

/* times.c */

/* A number and its unit, as bibd.yaml(5) has them: seconds, or -1. */
int64_t bibctl_read_age(const char *text);
/* "2026-11-30 12:03:10", "2026-11-30T12:03Z" with or without seconds, "12:03": local time but for the Z, and the last
 * time of the day that was. Microseconds since 1970; -1: it is none. */
int bibctl_read_time(const char *text, int64_t now_us, int64_t *us);

/* why.c */
int bibctl_why(struct bibctl *bibctl);

/* plan.c */
int bibctl_plan(struct bibctl *bibctl);
int bibctl_move_status(struct bibctl *bibctl);
int bibctl_move_finish(struct bibctl *bibctl);

/* compat.c */
int bibctl_compat(struct bibctl *bibctl);

/* top.c */
int bibctl_top(struct bibctl *bibctl);

/* completions.c: what a shell sources, made from the tables of commands and options */
int bibctl_completions_bash(struct bibctl *bibctl);
int bibctl_completions_zsh(struct bibctl *bibctl);
int bibctl_completions_fish(struct bibctl *bibctl);

/* clients.c */
struct bibctl_client_list {
	char *text;
	struct client_row *rows; /* which point into the text; the one that has been connected longest first */
	size_t n;
};
/* Asks for the clients; 0 with a list that bibctl_free_clients frees, or -1 and the answer holds why not. */
int bibctl_ask_clients(struct commands_answer *answer, struct bibctl *bibctl, struct bibctl_client_list *list,
    int64_t ms);
void bibctl_free_clients(struct bibctl_client_list *list);
int bibctl_clients(struct bibctl *bibctl);
int bibctl_kill(struct bibctl *bibctl);
int bibctl_pause(struct bibctl *bibctl);
int bibctl_resume(struct bibctl *bibctl);
int bibctl_restart_server(struct bibctl *bibctl);

#endif
