/*
 * What a configuration must hold beyond the range of each key: keys that bear on each other, and what this build can
 * do.
 */
#ifndef BIBD_SUPERVISOR_CONF_CHECK_H
#define BIBD_SUPERVISOR_CONF_CHECK_H

#include "supervisor/conf/source.h"

/* Returns -1 for the first thing that cannot be (conf.check, conf.mode, conf.runtime, conf.backend; status 78). Four of
 * the sentences are fixed, word for word, and stand without a place. */
int conf_check(const struct conf *conf, const struct conf_source *source, struct error *e);

#endif
