/* The settings that are known, and what a value of each may be. Shared by settings*.c only. */
#ifndef BIBD_SQLITE_SETTINGS_TABLE_H
#define BIBD_SQLITE_SETTINGS_TABLE_H

#include "workers/sqlite/settings/settings.h"

enum setting_kind { SETTING_BOOLEAN, SETTING_INTEGER, SETTING_REAL, SETTING_STRING, SETTING_CHOICE };
enum setting_unit { SETTING_PLAIN, SETTING_MS, SETTING_SECONDS, SETTING_KB, SETTING_BLOCKS };
enum setting_change {
	SETTING_USER,
	SETTING_INTERNAL,  /* never */
	SETTING_RESTART,   /* PostgreSQL would want a restart */
	SETTING_SUPERUSER, /* nobody is one here */
};
enum setting_flags {
	SETTING_REPORTED = 1 << 0,    /* ParameterStatus */
	SETTING_TRANSACTION = 1 << 1, /* RESET ALL leaves it alone */
	SETTING_ONLY = 1 << 2,	      /* nothing but the default is honoured: else 0A000 */
};

struct setting {
	const char *name;
	const char *initial;
	enum setting_kind kind;
	enum setting_unit unit;
	enum setting_change change;
	unsigned flags;
	double min, max;
	const char *const *choices; /* NULL-terminated, as PostgreSQL lists them */
	/* Further check of a string: the value to keep, malloc'ed, or NULL with the report filled. */
	char *(*check)(const struct setting *setting, const char *value, struct report *r);
	const char *description;
};

extern const struct setting setting_table[];
extern const unsigned setting_count;

/* Names are not case-sensitive. */
const struct setting *setting_find(const char *name);
/* A value as it will be shown, malloc'ed; NULL with the report filled. */
char *setting_canonical(const struct setting *setting, const char *value, struct report *r);
/* An integer with its unit, in the setting's own; of a canonical value it never fails. */
int setting_parse_integer(const struct setting *setting, const char *value, int64_t *out, struct report *r);
bool setting_parse_boolean(const char *value, bool *out);
/* 22023, as PostgreSQL words it. Returns NULL. */
char *setting_invalid(const struct setting *setting, const char *value, struct report *r);

/* ---- check.c ---- */
char *setting_check_encoding(const struct setting *setting, const char *value, struct report *r);
/* What such a value leaves unsaid as it is now; malloc'ed. NULL: reported. */
char *setting_complete_datestyle(const char *value, const char *current, struct report *r);
char *setting_check_datestyle(const struct setting *setting, const char *value, struct report *r);
char *setting_check_intervalstyle(const struct setting *setting, const char *value, struct report *r);
char *setting_check_timezone(const struct setting *setting, const char *value, struct report *r);
char *setting_check_application(const struct setting *setting, const char *value, struct report *r);
char *setting_check_search_path(const struct setting *setting, const char *value, struct report *r);
char *setting_check_text_search(const struct setting *setting, const char *value, struct report *r);
/* The bits of enum settings_check that a list of words names. False: it is none. */
bool setting_read_checks(const char *value, unsigned *checks);
char *setting_check_plpgsql(const struct setting *setting, const char *value, struct report *r);
char *setting_check_strict_params(const struct setting *setting, const char *value, struct report *r);
char *setting_check_role(const struct setting *setting, const char *value, struct report *r);

#endif
