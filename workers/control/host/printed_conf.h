/*
 * The configuration as bibctl knows it: what `bibd --print-config` prints. Reading YAML is the supervisor's; this reads
 * what it writes, and nothing else.
 */
#ifndef BIBD_CONTROL_PRINTED_CONF_H
#define BIBD_CONTROL_PRINTED_CONF_H

#include "common/conf.h"

/* Reads what was printed; text is written to. Secrets come out as their mask, and access and settings are left
 * empty. The caller frees the result. NULL: printed_conf.key, printed_conf.value (78): bibd is of another build. */
struct conf *printed_conf_parse(char *text, struct error *e);

/* The program bibd: beside bibctl, where it was built to be, or in PATH. False: it is nowhere. */
bool printed_conf_find_bibd(char *path, size_t size);

/* Runs bibd on the file. warning: what it warned of, or "". NULL: what bibd says of the file (its own status), and
 * printed_conf.program (71) when there is no bibd, program.*. */
struct conf *printed_conf_load(const char *path, char *warning, size_t size, struct error *e);

#endif
