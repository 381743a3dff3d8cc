/*
 * One line per event on standard error. Under the journal (JOURNAL_STREAM names our standard error) a line begins with
 * its priority, <N> as sd-daemon(3) has it; elsewhere with the time. No function here is given a secret, ever.
 */
#ifndef BIBD_LOG_H
#define BIBD_LOG_H

#include "common/error.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVELS };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON, LOG_FORMATS };

/* Names of the levels and formats as the configuration spells them, indexed by the enums. */
extern const char *const log_level_names[LOG_LEVELS];
extern const char *const log_format_names[LOG_FORMATS];

/* Sets the process name that every line bears ("bibd", "bibd-sqlite"). The string is kept, not copied. Until then, and
 * until log_configure, lines of level info and above go out as text. */
void log_init(const char *process);

/* Takes the level and format of the configuration. */
void log_configure(enum log_level level, enum log_format format);

/* Writes one line with a single write(2); control characters are replaced. Keeps errno. Safe in any thread. */
void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Writes the line that a failed start ends with, "✗ " and the error's text with nothing before it (but the journal's
 * priority), so that it can be read by people and matched word for word; in JSON it is an object like every other line,
 * whose text begins with the cross. */
void log_failure(const struct error *e);

/* log_failure and exit with the error's status. Only main functions and the workers' start order call this. */
_Noreturn void fatal(const struct error *e);

#endif
