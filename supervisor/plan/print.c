/*
 * A plan for people, and for programs.
 */
#include <inttypes.h>

#include "common/character.h"
#include "supervisor/plan/plan.h"

/* What an operator does, by the heaviest effect. */
static const char *const plan_advice[] = {
	[PLAN_NOTHING] = "nothing to do: this is the configuration in force",
	[PLAN_RELOADS] = "bibctl reload takes it; no client notices",
	[PLAN_RESTARTS] = "bibd must be restarted; its clients are cut off, and wait until it is back",
	[PLAN_RESTARTS_SERVER] =
	    "bibd must be restarted, and makes the server's container anew; its clients wait for it",
	[PLAN_MOVES] = "bibd must be restarted, and moves the rows before it serves; its clients wait until it is done",
	[PLAN_REFUSED] = "bibd would refuse it",
};
_Static_assert(sizeof(plan_advice) / sizeof(plan_advice[0]) == PLAN_EFFECTS, "one sentence for each effect");

#define PLAN_MIB(bytes) ((bytes) >> 20)
#define PLAN_TABLES_SHOWN 20
#define PLAN_TABLES_PUT 200 /* in JSON: what bibctl takes of bibd is bounded */

static void
plan_print_table(const struct plan_table *table, FILE *out)
{
	if (table->counted)
		(void)fprintf(out, "    %s: %" PRIu64 " rows\n", table->name, table->rows);
	else
		(void)fprintf(out, "    %s: not counted in the time\n", table->name);
}

/* The largest first; the rest is a number. */
static void
plan_print_tables(const struct plan_survey *survey, FILE *out)
{
	size_t shown = survey->n < PLAN_TABLES_SHOWN ? survey->n : PLAN_TABLES_SHOWN;

	for (size_t i = 0; i < shown; i++)
		plan_print_table(&survey->tables[i], out);
	if (survey->n > shown)
		(void)fprintf(out, "    and %zu smaller ones\n", survey->n - shown);
}

static void
plan_print_kept(const struct plan_move *move, FILE *out)
{
	(void)fprintf(out, "  keeps the source, read-only, as %s.moved-to-postgres-", move->from);
	if (move->to_version != 0)
		(void)fprintf(out, "%u-", move->to_version);
	(void)fputs("TIME\n", out);
	if (move->kept_ms == 0)
		(void)fputs("    until: bibctl move finish\n", out);
	else
		(void)fprintf(out,
		    "    until: bibctl move finish, or %" PRId64
		    " h are over and there is a backup of PostgreSQL (database.keep_source)\n",
		    move->kept_ms / 3600000);
}

static void
plan_print_way_back(const struct plan_move *move, FILE *out)
{
	if (move->to_version != 0)
		(void)fputs("  the way back: until the copy is whole and compared, the old image, and nothing was "
			    "changed;\n    afterwards as \"From one PostgreSQL to the next\" in bibd(8) says\n",
		    out);
	else
		(void)fputs("  the way back: until the copy is whole and compared, database.backend: sqlite, and "
			    "nothing was changed;\n    afterwards as \"From SQLite to PostgreSQL\" in bibd(8) says\n",
		    out);
}

static void
plan_print_source(const struct plan_move *move, FILE *out)
{
	const struct plan_survey *survey = &move->survey;

	if (move->to_version != 0)
		(void)fprintf(out, "move: PostgreSQL %u, %s\n  to PostgreSQL %u, in its place\n", move->from_version,
		    move->from, move->to_version);
	else
		(void)fprintf(out, "move: %s\n  to %s\n", move->from, move->to);
	if (move->to_version != 0)
		(void)fputs("  copies all that it has: rows, roles, rights, settings, large objects, extensions\n",
		    out);
	else if (survey->text != NULL)
		(void)fprintf(out, "  copies %s%" PRIu64 " rows of %zu tables\n", survey->counted ? "" : "more than ",
		    survey->rows, survey->n);
	else
		(void)fputs("  what is in it cannot be counted now\n", out);
}

static void
plan_print_move(const struct plan_move *move, FILE *out)
{
	plan_print_source(move, out);
	(void)fprintf(out, "  copies %" PRIu64 " MiB in about %" PRId64 " s, in which clients wait\n",
	    PLAN_MIB(move->bytes), move->seconds);
	plan_print_tables(&move->survey, out);
	(void)fprintf(out, "  takes up to %" PRIu64 " MiB of disk, of which %" PRIu64 " MiB are there\n",
	    PLAN_MIB(move->need), PLAN_MIB(move->room));
	plan_print_kept(move, out);
	plan_print_way_back(move, out);
	(void)fputs("  a definition that PostgreSQL does not take ends the move, named, with nothing changed\n", out);
}

int
plan_print(const struct plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->n; i++)
		(void)fprintf(out, "%s: %s, %s -> %s\n", plan->changes[i].key->path,
		    plan_effect_name(plan->changes[i].effect), plan->changes[i].before, plan->changes[i].after);
	if (plan->has_move)
		plan_print_move(&plan->move, out);
	if (plan->why[0] != '\0')
		(void)fprintf(out, "%s\n", plan->why);
	(void)fprintf(out, "in all: %s: %s\n", plan_effect_name(plan->effect), plan_advice[plan->effect]);
	return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}

static void
plan_put_member(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "\"%s\":", name);
	character_put_json(out, text);
}

static void
plan_put_tables(FILE *out, const struct plan_survey *survey)
{
	(void)fprintf(out, ",\"table_count\":%zu,\"tables\":[", survey->n);
	for (size_t i = 0; i < survey->n && i < PLAN_TABLES_PUT; i++) {
		(void)fputs(i == 0 ? "{" : ",{", out);
		plan_put_member(out, "name", survey->tables[i].name);
		if (survey->tables[i].counted)
			(void)fprintf(out, ",\"rows\":%" PRIu64 "}", survey->tables[i].rows);
		else
			(void)fputs(",\"rows\":null}", out);
	}
	(void)fputc(']', out);
}

static void
plan_put_move(FILE *out, const struct plan_move *move)
{
	(void)fputc('{', out);
	plan_put_member(out, "from", move->from);
	(void)fputc(',', out);
	plan_put_member(out, "to", move->to);
	if (move->to_version != 0)
		(void)fprintf(out, ",\"from_version\":%u,\"to_version\":%u", move->from_version, move->to_version);
	(void)fprintf(out,
	    ",\"bytes\":%" PRIu64 ",\"need_bytes\":%" PRIu64 ",\"room_bytes\":%" PRIu64 ",\"seconds\":%" PRId64
	    ",\"kept_seconds\":%" PRId64,
	    move->bytes, move->need, move->room, move->seconds, move->kept_ms / 1000);
	if (move->survey.text != NULL && move->survey.counted)
		(void)fprintf(out, ",\"rows\":%" PRIu64, move->survey.rows);
	else
		(void)fputs(",\"rows\":null", out);
	plan_put_tables(out, &move->survey);
	(void)fputc('}', out);
}

int
plan_print_json(const struct plan *plan, FILE *out)
{
	(void)fprintf(out, "{\"effect\":\"%s\",", plan_effect_name(plan->effect));
	plan_put_member(out, "why", plan->why);
	(void)fputs(",\"changes\":[", out);
	for (size_t i = 0; i < plan->n; i++) {
		(void)fputs(i == 0 ? "{" : ",{", out);
		plan_put_member(out, "key", plan->changes[i].key->path);
		(void)fprintf(out, ",\"effect\":\"%s\",", plan_effect_name(plan->changes[i].effect));
		plan_put_member(out, "before", plan->changes[i].before);
		(void)fputc(',', out);
		plan_put_member(out, "after", plan->changes[i].after);
		(void)fputc('}', out);
	}
	(void)fputs("],\"move\":", out);
	if (plan->has_move)
		plan_put_move(out, &plan->move);
	else
		(void)fputs("null", out);
	(void)fputs("}\n", out);
	return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
