/*
 * What a change of the image means for a database that is there: the same major version, a later one, to which the rows
 * are moved, or one that is refused.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/host/pgdata.h"
#include "supervisor/move/move.h"
#include "supervisor/plan/plan.h"

#define VERSION_BYTES_A_SECOND (8 << 20)
#define VERSION_SECONDS 30 /* of both servers, and of small databases */

/* The major version that an image's tag begins with; 0: it says none. */
static unsigned
version_of_image(const char *image)
{
	const char *slash = strrchr(image, '/'), *tag = strchr(slash == NULL ? image : slash, ':');

	return tag == NULL || !isdigit((unsigned char)tag[1]) ? 0 : (unsigned)strtoul(tag + 1, NULL, 10);
}

unsigned
plan_data_version(const struct conf *conf)
{
	char path[PATH_MAX], text[16] = "";
	FILE *file;

	if (conf_postgres_path(conf, PGDATA_NAME "/PG_VERSION", path, sizeof(path)) == -1 ||
	    (file = fopen(path, "re")) == NULL)
		return 0;
	if (fgets(text, sizeof(text), file) == NULL)
		text[0] = '\0';
	(void)fclose(file);
	return (unsigned)strtoul(text, NULL, 10);
}

static void
version_describe(struct plan_move *move, const struct conf *after, unsigned is, unsigned wanted)
{
	char directory[PATH_MAX];
	int fd;

	move->from_version = is;
	move->to_version = wanted;
	home_wanted_path(after, move->from);
	home_wanted_path(after, move->to);
	move->kept_ms = after->database.keep_source;
	if (conf_postgres_path(after, "", directory, sizeof(directory)) == 0 &&
	    (fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) != -1) {
		(void)pgdata_version_room(fd, &move->bytes, &move->need, &move->room);
		close(fd);
	}
	move->seconds = VERSION_SECONDS + (int64_t)(move->bytes / VERSION_BYTES_A_SECOND);
}

/* Why it would be refused; false: it would not. */
static bool
version_is_refused(struct plan *plan, const struct conf *after, unsigned is, unsigned wanted)
{
	const char *image = after->database.postgres.image;

	if (wanted < is)
		(void)snprintf(plan->why, sizeof(plan->why),
		    "the database is one of PostgreSQL %u, and %.200s is of the older %u, to which rows are not moved",
		    is, image, wanted);
	else if (after->database.move == CONF_MOVE_REFUSE)
		(void)snprintf(plan->why, sizeof(plan->why),
		    "the database is one of PostgreSQL %u, %.200s is of %u, and database.move is refuse: with auto a "
		    "start moves the rows",
		    is, image, wanted);
	else if (move_is_kept(after))
		(void)snprintf(plan->why, sizeof(plan->why),
		    "the source of the last move is kept: bibctl move finish ends that one");
	else if (plan->move.need > plan->move.room)
		(void)snprintf(plan->why, sizeof(plan->why), "there is not enough room for the copy beside %.900s",
		    plan->move.from);
	else
		return false;
	return true;
}

bool
plan_check_version(struct plan *plan, const struct conf *after)
{
	unsigned is = plan_data_version(after), wanted = version_of_image(after->database.postgres.image);

	if (is == 0 || wanted == 0 || wanted == is)
		return false;
	if (wanted > is && after->database.move != CONF_MOVE_REFUSE) {
		plan->has_move = true;
		version_describe(&plan->move, after, is, wanted);
	}
	plan_blame(plan, "database.postgres.image",
	    version_is_refused(plan, after, is, wanted) ? PLAN_REFUSED : PLAN_MOVES);
	return true;
}
