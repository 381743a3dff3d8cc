/*
 * Keeps the line and column of each key, and puts them before an error's text.
 */
#include "supervisor/conf/source.h"

#include <stdlib.h>

int
conf_source_init(struct conf_source *source, const char *file, struct error *e)
{
	source->file = file;
	if ((source->keys = calloc(conf_nkeys, sizeof(*source->keys))) == NULL)
		return error_set_errno(e, STATUS_OS, "conf.memory", "cannot read %s", file);
	return 0;
}

void
conf_source_free(struct conf_source *source)
{
	free(source->keys);
	source->keys = NULL;
}

struct conf_place
conf_source_place(const struct conf_source *source, const struct conf_key *key)
{
	return source->keys[key - conf_keys];
}

int
conf_source_locate(const struct conf_source *source, struct conf_place place, struct error *e)
{
	if (place.line == 0)
		return error_prefix(e, "%s: ", source->file);
	return error_prefix(e, "%s:%zu:%zu: ", source->file, place.line, place.column);
}
