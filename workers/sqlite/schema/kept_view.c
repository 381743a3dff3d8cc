/*
 * Reads and writes what the file keeps of a view beside its text.
 */
#include "workers/sqlite/schema/kept_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/kept.h"

#define CHECK_OPTION "check_option="

char
kept_view_check(const char *options)
{
	const char *found = strstr(options, CHECK_OPTION);

	if (found == NULL || (found != options && found[-1] != ','))
		return '\0';
	found += strlen(CHECK_OPTION);
	return *found == 'l' || *found == 'L' ? 'l' : 'c';
}

/* Whether the text, which stands at a KEPT_PART, has n more of them: each part is taken to its list. */
static bool
take_parts(const char **at, char **parts, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const char *begin = *at + 1, *end;

		if (**at != KEPT_PART)
			return false;
		end = strchr(begin, KEPT_PART);
		*at = end == NULL ? begin + strlen(begin) : end;
		if ((parts[i] = strndup(begin, (size_t)(*at - begin))) == NULL)
			return false;
	}
	return true;
}

static int
read_base(const char *at, unsigned n, struct kept_view *view)
{
	view->columns = calloc(n + 1, sizeof(*view->columns));
	view->defaults = calloc(n + 1, sizeof(*view->defaults));
	if (view->columns == NULL || view->defaults == NULL)
		return -1;
	view->n = n;
	if (!take_parts(&at, &view->schema, 1) || !take_parts(&at, &view->name, 1) ||
	    !take_parts(&at, view->columns, n))
		return -1;
	if (*at != '\0' && !take_parts(&at, view->defaults, n))
		return -1;
	for (unsigned i = 0; i < n; i++) {
		if (view->defaults[i] != NULL && view->defaults[i][0] == '\0') {
			free(view->defaults[i]);
			view->defaults[i] = NULL;
		}
	}
	view->updatable = true;
	return 0;
}

int
kept_view_read(const char *text, unsigned n, struct kept_view *view)
{
	const char *part = strchr(text, KEPT_PART);

	*view = (struct kept_view) { .options = part == NULL ? strdup(text) : strndup(text, (size_t)(part - text)) };
	if (view->options == NULL)
		return -1;
	view->check = kept_view_check(view->options);
	return part == NULL ? 0 : read_base(part, n, view);
}

void
kept_view_free(struct kept_view *view)
{
	for (unsigned i = 0; i < view->n; i++) {
		free(view->columns[i]);
		free(view->defaults[i]);
	}
	free(view->columns);
	free(view->defaults);
	free(view->options);
	free(view->schema);
	free(view->name);
	*view = (struct kept_view) { .options = NULL };
}

static bool
has_defaults(const struct kept_view *view)
{
	for (unsigned i = 0; i < view->n; i++)
		if (view->defaults[i] != NULL)
			return true;
	return false;
}

char *
kept_view_print(const struct kept_view *view)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	fputs(view->options, out);
	if (view->updatable) {
		fprintf(out, "%c%s%c%s", KEPT_PART, view->schema, KEPT_PART, view->name);
		for (unsigned i = 0; i < view->n; i++)
			fprintf(out, "%c%s", KEPT_PART, view->columns[i]);
		for (unsigned i = 0; i < view->n && has_defaults(view); i++)
			fprintf(out, "%c%s", KEPT_PART, view->defaults[i] == NULL ? "" : view->defaults[i]);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
