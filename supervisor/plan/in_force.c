/*
 * The copy of the configuration in force, and `bibd --plan`, which compares a file with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "supervisor/conf/parse.h"
#include "supervisor/conf/print.h"
#include "supervisor/plan/plan.h"

#define PLAN_IN_FORCE_NEW PLAN_IN_FORCE ".new"

int
plan_keep(int data_fd, const struct conf *conf, struct error *e)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int fd, result = -1;

	if (out != NULL) {
		result = conf_print(conf, out);
		if (fclose(out) != 0)
			result = -1;
	}
	/* Not for everybody: it names files, users and networks. */
	if (result == 0 && (fd = file_create(data_fd, PLAN_IN_FORCE_NEW, 0600)) != -1)
		result = file_install(fd, data_fd, PLAN_IN_FORCE_NEW, PLAN_IN_FORCE, text, size);
	else
		result = -1;
	free(text);
	return result == 0
	    ? 0
	    : error_set_errno(e, STATUS_IO, "plan.io", "cannot write %s/" PLAN_IN_FORCE, conf->node.data_dir);
}

/* *conf is NULL where there is no copy. */
static int
plan_read(const char *data_dir, struct conf **conf, struct error *e)
{
	char path[PATH_MAX];

	*conf = NULL;
	(void)snprintf(path, sizeof(path), "%s/" PLAN_IN_FORCE, data_dir);
	if (access(path, F_OK) == -1 && errno == ENOENT)
		return 0;
	*conf = conf_load_kept(path, e);
	return *conf == NULL ? -1 : 0;
}

static int
plan_read_home(const struct conf *after, struct home *home, struct error *e)
{
	int fd = open(after->node.data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

	*home = (struct home) { .kind = HOME_NEW };
	if (fd == -1)
		return errno == ENOENT
		    ? 0
		    : error_set_errno(e, STATUS_PERMISSION, "plan.io", "cannot open %s", after->node.data_dir);
	result = home_find(fd, after, home, e);
	close(fd);
	return result;
}

int
plan_run(const char *conf_path, bool json)
{
	struct plan plan = { .effect = PLAN_NOTHING };
	struct conf *before = NULL, *after;
	struct error e;
	struct home home;
	int result, printed;

	if ((after = conf_load(conf_path, &e)) == NULL) {
		plan_refuse(&plan, e.text);
		result = 0;
	} else if (plan_read_home(after, &home, &e) == -1) {
		result = e.status == STATUS_DATA ? 0 : -1;
		plan_refuse(&plan, e.text);
	} else
		result = plan_read(after->node.data_dir, &before, &e) == -1 ||
			plan_make(&plan, before, after, &home, &e) == -1
		    ? -1
		    : 0;
	if (result == -1)
		log_failure(&e);
	printed = result == -1 ? -1 : json ? plan_print_json(&plan, stdout) : plan_print(&plan, stdout);
	if (result == 0)
		result = printed == -1 ? STATUS_IO : plan_status(&plan);
	else
		result = e.status;
	plan_clear(&plan);
	conf_free(before);
	conf_free(after);
	return result;
}
