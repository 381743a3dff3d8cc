/*
 * Compares two configurations key by key, and says what each difference, and the new configuration as a whole, does.
 */
#include "supervisor/plan/plan.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "supervisor/conf/print.h"
#include "supervisor/host/pgdata.h"

/* How fast rows are copied, and how much larger PostgreSQL's files are: cautious figures of copies of 0.2 to 2 GB. */
#define PLAN_BYTES_A_SECOND (8 << 20)
#define PLAN_ROWS_A_SECOND 40000
#define PLAN_GROWTH 3
#define PLAN_NEW_SERVER_BYTES (256ULL << 20) /* an empty database and its log */
#define PLAN_START_SECONDS 15

static const char *const plan_effects[] = { "nothing", "reloads", "restarts", "restarts the server", "moves data",
	"refused" };
_Static_assert(sizeof(plan_effects) / sizeof(plan_effects[0]) == PLAN_EFFECTS, "one name for each effect");

/* Keys that the managed server is started with. */
static const char *const plan_server_keys[] = {
	"database.postgres.container_runtime", "database.postgres.socket_path", "database.postgres.image",
	"database.postgres.settings", "database.postgres.extensions", "database.postgres.shared_preload_libraries",
	"database.postgres.port", "database.postgres.max_connections", "database.postgres.memory_mb",
	"database.postgres.shm_mb", "database.postgres.cpu_cores", "database.postgres.network.use_bridge_network",
	"database.postgres.network.bridge_network_name", "database.postgres.network.use_unix_socket",
	"database.postgres.network.bind_address", "database.postgres.tls.enabled",
	"backup.spool", /* max_slot_wal_keep_size */
};

const char *
plan_effect_name(enum plan_effect effect)
{
	return plan_effects[effect];
}

int
plan_status(const struct plan *plan)
{
	return plan->effect == PLAN_NOTHING ? 0 : plan->effect == PLAN_REFUSED ? 2 : 1;
}

void
plan_clear(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		free(plan->changes[i].before);
		free(plan->changes[i].after);
	}
	free(plan->changes);
	plan_survey_clear(&plan->move.survey);
	plan->changes = NULL;
	plan->n = 0;
}

void
plan_refuse(struct plan *plan, const char *why)
{
	plan->effect = PLAN_REFUSED;
	(void)snprintf(plan->why, sizeof(plan->why), "%s", why);
}

/* ---- each key ---- */

static bool
plan_is_managed(const struct conf *conf)
{
	return conf != NULL && home_wanted(conf) == HOME_POSTGRES;
}

static enum plan_effect
plan_key_effect(const struct conf_key *key, const struct conf *before, const struct conf *after)
{
	if (key->reloads)
		return PLAN_RELOADS;
	for (size_t i = 0; i < sizeof(plan_server_keys) / sizeof(plan_server_keys[0]); i++)
		if (strcmp(plan_server_keys[i], key->path) == 0 && plan_is_managed(before) && plan_is_managed(after))
			return PLAN_RESTARTS_SERVER;
	return PLAN_RESTARTS;
}

static char *
plan_value(const struct conf *conf, const struct conf_key *key)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	conf_print_value(conf, key, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	while (size > 0 && isspace((unsigned char)text[size - 1]))
		text[--size] = '\0';
	memmove(text, text + strspn(text, " \n"), size - strspn(text, " \n") + 1);
	return text;
}

static int
plan_compare_key(struct plan *plan, const struct conf *before, const struct conf *after, const struct conf_key *key)
{
	struct plan_change change = { .key = key, .before = plan_value(before, key), .after = plan_value(after, key) };
	struct plan_change *grown;
	bool failed = change.before == NULL || change.after == NULL;

	if (!failed && strcmp(change.before, change.after) != 0) {
		change.effect = plan_key_effect(key, before, after);
		grown = reallocarray(plan->changes, plan->n + 1, sizeof(*grown));
		failed = grown == NULL;
		if (!failed) {
			plan->changes = grown;
			grown[plan->n++] = change;
			plan->effect = change.effect > plan->effect ? change.effect : plan->effect;
			return 0;
		}
	}
	free(change.before);
	free(change.after);
	return failed ? -1 : 0;
}

/* ---- the configuration as a whole ---- */

/* The change of that key, or NULL. */
static struct plan_change *
plan_find(struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n; i++)
		if (strcmp(plan->changes[i].key->path, path) == 0)
			return &plan->changes[i];
	return NULL;
}

/* Puts the blame for what the whole configuration does on the keys that ask for it. */
void
plan_blame(struct plan *plan, const char *path, enum plan_effect effect)
{
	struct plan_change *change = plan_find(plan, path);

	if (change != NULL)
		change->effect = effect;
	plan->effect = effect > plan->effect ? effect : plan->effect;
}

/* A database that is there keeps its write-ahead log where it is. */
static void
plan_check_server(struct plan *plan, const struct conf *after)
{
	static const char wal[] = "database.postgres.wal_dir";

	if (plan_data_version(after) != 0 && !plan_check_version(plan, after) && plan_find(plan, wal) != NULL) {
		(void)snprintf(plan->why, sizeof(plan->why),
		    "%s is for a database that is made; the start says how to move the log of one that is there", wal);
		plan_blame(plan, wal, PLAN_REFUSED);
	}
}

static uint64_t
plan_file_size(const char *path, const char *suffix)
{
	char name[PATH_MAX];
	struct stat st;
	int n = snprintf(name, sizeof(name), "%s%s", path, suffix);

	return n < 0 || (size_t)n >= sizeof(name) || stat(name, &st) == -1 ? 0 : (uint64_t)st.st_size;
}

/* The room where the path is, or will be. */
static uint64_t
plan_room(const char *path)
{
	char name[PATH_MAX];
	struct statvfs fs;
	char *slash;

	(void)snprintf(name, sizeof(name), "%s", path);
	while (statvfs(name, &fs) == -1) {
		if (errno != ENOENT || (slash = strrchr(name, '/')) == NULL || slash == name)
			return 0;
		*slash = '\0';
	}
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

/* What a move that was cut short has left, which the next one removes. */
static bool
plan_is_half_copy(const struct conf *conf)
{
	char path[PATH_MAX];

	return conf_postgres_path(conf, PGDATA_NAME "/" PGDATA_MOVING, path, sizeof(path)) == 0 &&
	    access(path, F_OK) == 0;
}

/* Counts what is in the source, if it can be read. The time is guessed by bytes and by rows: the longer one is told. */
static void
plan_look_at_source(struct plan_move *move, const struct conf *after)
{
	int64_t by_bytes = (int64_t)(move->bytes / PLAN_BYTES_A_SECOND), by_rows;

	if (plan_survey(&move->survey, after, move->from) == -1)
		plan_survey_clear(&move->survey);
	by_rows = (int64_t)(move->survey.rows / PLAN_ROWS_A_SECOND);
	move->seconds = PLAN_START_SECONDS + (by_rows > by_bytes ? by_rows : by_bytes);
	move->kept_ms = after->database.keep_source;
}

static void
plan_describe_move(struct plan *plan, const struct conf *after)
{
	struct plan_move *move = &plan->move;

	plan->has_move = true;
	home_source(after, move->from);
	home_wanted_path(after, move->to);
	move->bytes = plan_file_size(move->from, "") + plan_file_size(move->from, "-wal");
	move->need = PLAN_GROWTH * move->bytes + PLAN_NEW_SERVER_BYTES;
	move->room = plan_room(move->to);
	plan_look_at_source(move, after);
	plan_blame(plan, "database.backend", PLAN_MOVES);
	if (plan_data_version(after) != 0 && !plan_is_half_copy(after))
		(void)snprintf(plan->why, sizeof(plan->why),
		    "there is a database already at %.900s, of an earlier time: move it away", move->to);
	else if (move->need > move->room)
		(void)snprintf(plan->why, sizeof(plan->why), "there is not enough room for the copy in %.900s",
		    move->to);
	else if (move->survey.missing != NULL)
		(void)snprintf(plan->why, sizeof(plan->why),
		    "the extension %.200s is in use, and PostgreSQL would be made without it: add it to "
		    "database.postgres.extensions",
		    move->survey.missing);
	else
		return;
	plan_blame(plan, "database.backend", PLAN_REFUSED);
}

/* The keys by which home_judge() may be refused. */
static const char *const plan_home_keys[] = { "database.backend", "database.move", "database.postgres.managed",
	"database.name", "database.sqlite.path", "database.postgres.data_dir", "node.data_dir" };

static void
plan_check_home(struct plan *plan, const struct conf *after, const struct home *home)
{
	struct error e;

	if (home_judge(after, home, &e) == 0) {
		if (home_moves(after, home))
			plan_describe_move(plan, after);
		return;
	}
	(void)snprintf(plan->why, sizeof(plan->why), "%s", e.text);
	for (size_t i = 0; i < sizeof(plan_home_keys) / sizeof(plan_home_keys[0]); i++)
		plan_blame(plan, plan_home_keys[i], PLAN_REFUSED);
}

int
plan_make(struct plan *plan, const struct conf *before, const struct conf *after, const struct home *home,
    struct error *e)
{
	*plan = (struct plan) { .effect = before == NULL ? PLAN_RESTARTS : PLAN_NOTHING };
	/* The copy of the configuration in force has no secrets, so a changed secret is not seen. */
	for (size_t i = 0; before != NULL && i < conf_nkeys; i++)
		if (!conf_keys[i].secret && plan_compare_key(plan, before, after, &conf_keys[i]) == -1) {
			plan_clear(plan);
			return error_set(e, STATUS_OS, "plan.memory", "cannot compare two configurations: no memory");
		}
	if (before == NULL)
		(void)snprintf(plan->why, sizeof(plan->why), "no node has run on %s yet: one begins there",
		    after->node.data_dir);
	else if (plan_find(plan, "node.data_dir") != NULL)
		(void)snprintf(plan->why, sizeof(plan->why),
		    "the node's rows stay in %s: it begins empty in %s, unless they were copied there",
		    before->node.data_dir, after->node.data_dir);
	if (plan_is_managed(after) && (home->kind == HOME_POSTGRES || home->kind == HOME_UNKNOWN))
		plan_check_server(plan, after);
	/* The node's home says where the rows of the present data_dir are; of another data_dir nothing is known. */
	if (plan_find(plan, "node.data_dir") == NULL)
		plan_check_home(plan, after, home);
	return 0;
}
