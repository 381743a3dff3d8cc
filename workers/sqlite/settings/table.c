/*
 * The table of the settings that a session knows, with the words that each may have.
 */
#include "workers/sqlite/settings/table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/settings/search_path.h"

static const char *const isolation_levels[] = { "serializable", "repeatable read", "read committed", "read uncommitted",
	NULL };
static const char *const bytea_outputs[] = { "escape", "hex", NULL };
static const char *const message_levels[] = { "debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice",
	"warning", "error", NULL };
static const char *const synchronous_commits[] = { "local", "remote_write", "remote_apply", "on", "off", NULL };
static const char *const xml_options[] = { "content", "document", NULL };
static const char *const xml_binaries[] = { "base64", "hex", NULL };
static const char *const backslash_quotes[] = { "safe_encoding", "on", "off", NULL };
static const char *const replication_roles[] = { "origin", "replica", "local", NULL };
static const char *const exclusions[] = { "partition", "on", "off", NULL };
static const char *const plan_modes[] = { "auto", "force_generic_plan", "force_custom_plan", NULL };
static const char *const variable_conflicts[] = { "error", "use_variable", "use_column", NULL };
static const char *const wal_levels[] = { "minimal", "replica", "logical", NULL };
static const char *const compressions[] = { "pglz", "lz4", NULL };

static const char *const password_encryptions[] = { "md5", "scram-sha-256", NULL };
static const char *const fetch_consistencies[] = { "none", "cache", "snapshot", NULL };

/* Of those that steer nothing here. */
#define KEPT "Is kept for clients that set it."

#define INT_MAX_SETTING 2147483647.0
#define BOOLEAN(name, initial, flags, text) \
	{ \
		name, initial, SETTING_BOOLEAN, 0, SETTING_USER, flags, 0, 0, NULL, NULL, text \
	}
#define FIXED_BOOLEAN(name, initial, flags, text) \
	{ \
		name, initial, SETTING_BOOLEAN, 0, SETTING_INTERNAL, flags, 0, 0, NULL, NULL, text \
	}
#define INTEGER(name, initial, unit, min, max, text) \
	{ \
		name, initial, SETTING_INTEGER, unit, SETTING_USER, 0, min, max, NULL, NULL, text \
	}
#define REAL(name, initial, min, max, text) \
	{ \
		name, initial, SETTING_REAL, 0, SETTING_USER, 0, min, max, NULL, NULL, text \
	}
#define CHOICE(name, initial, flags, choices, text) \
	{ \
		name, initial, SETTING_CHOICE, 0, SETTING_USER, flags, 0, 0, choices, NULL, text \
	}
#define STRING(name, initial, flags, check, text) \
	{ \
		name, initial, SETTING_STRING, 0, SETTING_USER, flags, 0, 0, NULL, check, text \
	}
#define FIXED(name, initial, flags, text) \
	{ \
		name, initial, SETTING_STRING, 0, SETTING_INTERNAL, flags, 0, 0, NULL, NULL, text \
	}
#define RESTART(name, initial, choices, text) \
	{ \
		name, initial, SETTING_STRING, 0, SETTING_RESTART, 0, 0, 0, choices, NULL, text \
	}
#define SUPERUSER(name, initial, choices, text) \
	{ \
		name, initial, SETTING_STRING, 0, SETTING_SUPERUSER, 0, 0, 0, choices, NULL, text \
	}

/* Sorted as SHOW ALL sorts, by which a name is found. Defaults are PostgreSQL 15's where the setting means anything
 * here; what only steers PostgreSQL's own planner or server is kept so that clients may set and show it. */
const struct setting setting_table[] = {
	STRING("application_name", "", SETTING_REPORTED, setting_check_application,
	    "Sets the application name to be reported in statistics and logs."),
	BOOLEAN("array_nulls", "on", SETTING_ONLY, "Enable input of NULL elements in arrays."),
	CHOICE("backslash_quote", "safe_encoding", 0, backslash_quotes,
	    "Sets whether \"\\'\" is allowed in string literals."),
	FIXED("block_size", "8192", 0, "Shows the size of a disk block."),
	CHOICE("bytea_output", "hex", 0, bytea_outputs, "Sets the output format for bytea."),
	BOOLEAN("check_function_bodies", "on", 0, "Check routine bodies during CREATE FUNCTION and CREATE PROCEDURE."),
	INTEGER("client_connection_check_interval", "0", SETTING_MS, 0, INT_MAX_SETTING,
	    "Sets the time interval between checks for disconnection while running queries."),
	STRING("client_encoding", "UTF8", SETTING_REPORTED, setting_check_encoding,
	    "Sets the client's character set encoding."),
	CHOICE("client_min_messages", "notice", 0, message_levels,
	    "Sets the message levels that are sent to the client."),
	INTEGER("commit_siblings", "5", 0, 0, 1000, KEPT),
	CHOICE("constraint_exclusion", "partition", 0, exclusions,
	    "Enables the planner to use constraints to optimize queries."),
	REAL("cpu_index_tuple_cost", "0.005", 0, 1e300, KEPT),
	REAL("cpu_operator_cost", "0.0025", 0, 1e300, KEPT),
	REAL("cpu_tuple_cost", "0.01", 0, 1e300, KEPT),
	REAL("cursor_tuple_fraction", "0.1", 0, 1,
	    "Sets the planner's estimate of the fraction of a cursor's rows that will be retrieved."),
	FIXED_BOOLEAN("data_checksums", "off", 0, "Shows whether data checksums are turned on for this cluster."),
	STRING("DateStyle", "ISO, MDY", SETTING_REPORTED, setting_check_datestyle,
	    "Sets the display format for date and time values."),
	BOOLEAN("debug_pretty_print", "on", 0, KEPT),
	BOOLEAN("debug_print_parse", "off", 0, KEPT),
	BOOLEAN("debug_print_plan", "off", 0, KEPT),
	BOOLEAN("debug_print_rewritten", "off", 0, KEPT),
	INTEGER("default_statistics_target", "100", 0, 1, 10000, "Sets the default statistics target."),
	STRING("default_table_access_method", "heap", SETTING_ONLY, NULL,
	    "Sets the default table access method for new tables."),
	STRING("default_tablespace", "", SETTING_ONLY, NULL,
	    "Sets the default tablespace to create tables and indexes in."),
	STRING("default_text_search_config", "pg_catalog.english", 0, setting_check_text_search,
	    "Sets default text search configuration."),
	CHOICE("default_toast_compression", "pglz", 0, compressions,
	    "Sets the default compression method for compressible values."),
	BOOLEAN("default_transaction_deferrable", "off", 0, "Sets the default deferrable status of new transactions."),
	CHOICE("default_transaction_isolation", "read committed", 0, isolation_levels,
	    "Sets the transaction isolation level of each new transaction."),
	BOOLEAN("default_transaction_read_only", "off", SETTING_REPORTED,
	    "Sets the default read-only status of new transactions."),
	BOOLEAN("default_with_oids", "off", SETTING_ONLY, KEPT),
	INTEGER("effective_cache_size", "4GB", SETTING_BLOCKS, 1, INT_MAX_SETTING,
	    "Sets the planner's assumption about the total size of the data caches."),
	INTEGER("effective_io_concurrency", "1", 0, 0, 1000, KEPT),
	BOOLEAN("enable_async_append", "on", 0, KEPT),
	BOOLEAN("enable_bitmapscan", "on", 0, "Enables the planner's use of bitmap-scan plans."),
	BOOLEAN("enable_gathermerge", "on", 0, KEPT),
	BOOLEAN("enable_hashagg", "on", 0, "Enables the planner's use of hashed aggregation plans."),
	BOOLEAN("enable_hashjoin", "on", 0, "Enables the planner's use of hash join plans."),
	BOOLEAN("enable_incremental_sort", "on", 0, KEPT),
	BOOLEAN("enable_indexonlyscan", "on", 0, "Enables the planner's use of index-only-scan plans."),
	BOOLEAN("enable_indexscan", "on", 0, "Enables the planner's use of index-scan plans."),
	BOOLEAN("enable_material", "on", 0, "Enables the planner's use of materialization."),
	BOOLEAN("enable_memoize", "on", 0, KEPT),
	BOOLEAN("enable_mergejoin", "on", 0, "Enables the planner's use of merge join plans."),
	BOOLEAN("enable_nestloop", "on", 0, "Enables the planner's use of nested-loop join plans."),
	BOOLEAN("enable_parallel_append", "on", 0, KEPT),
	BOOLEAN("enable_parallel_hash", "on", 0, KEPT),
	BOOLEAN("enable_partition_pruning", "on", 0, KEPT),
	BOOLEAN("enable_partitionwise_aggregate", "off", 0, KEPT),
	BOOLEAN("enable_partitionwise_join", "off", 0, KEPT),
	BOOLEAN("enable_seqscan", "on", 0, "Enables the planner's use of sequential-scan plans."),
	BOOLEAN("enable_sort", "on", 0, "Enables the planner's use of explicit sort steps."),
	BOOLEAN("enable_tidscan", "on", 0, KEPT),
	BOOLEAN("escape_string_warning", "on", 0, "Warn about backslash escapes in ordinary string literals."),
	BOOLEAN("exit_on_error", "off", SETTING_ONLY, KEPT),
	INTEGER("extra_float_digits", "1", 0, -15, 3, "Sets the number of digits displayed for floating-point values."),
	INTEGER("from_collapse_limit", "8", 0, 1, INT_MAX_SETTING,
	    "Sets the FROM-list size beyond which subqueries are not collapsed."),
	BOOLEAN("geqo", "on", 0, "Enables genetic query optimization."),
	INTEGER("geqo_effort", "5", 0, 1, 10, KEPT),
	INTEGER("geqo_generations", "0", 0, 0, INT_MAX_SETTING, KEPT),
	INTEGER("geqo_pool_size", "0", 0, 0, INT_MAX_SETTING, KEPT),
	REAL("geqo_seed", "0", 0, 1, KEPT),
	REAL("geqo_selection_bias", "2", 1.5, 2, KEPT),
	INTEGER("geqo_threshold", "12", 0, 2, INT_MAX_SETTING, KEPT),
	INTEGER("gin_pending_list_limit", "4MB", SETTING_KB, 64, INT_MAX_SETTING, KEPT),
	REAL("hash_mem_multiplier", "2", 1, 1000, KEPT),
	INTEGER("idle_in_transaction_session_timeout", "0", SETTING_MS, 0, INT_MAX_SETTING,
	    "Sets the maximum allowed idle time between queries, when in a transaction."),
	INTEGER("idle_session_timeout", "0", SETTING_MS, 0, INT_MAX_SETTING,
	    "Sets the maximum allowed idle time between queries, when not in a transaction."),
	FIXED_BOOLEAN("in_hot_standby", "off", SETTING_REPORTED, "Shows whether hot standby is currently active."),
	FIXED_BOOLEAN("integer_datetimes", "on", SETTING_REPORTED, "Shows whether datetimes are integer based."),
	STRING("IntervalStyle", "postgres", SETTING_REPORTED, setting_check_intervalstyle,
	    "Sets the display format for interval values."),
	FIXED_BOOLEAN("is_superuser", "off", SETTING_REPORTED, "Shows whether the current user is a superuser."),
	BOOLEAN("jit", "off", 0, "Allow JIT compilation."),
	REAL("jit_above_cost", "100000", -1, 1e300, KEPT),
	REAL("jit_inline_above_cost", "500000", -1, 1e300, KEPT),
	REAL("jit_optimize_above_cost", "500000", -1, 1e300, KEPT),
	INTEGER("join_collapse_limit", "8", 0, 1, INT_MAX_SETTING,
	    "Sets the FROM-list size beyond which JOIN constructs are not flattened."),
	FIXED("lc_collate", "C", 0, "Shows the collation order locale."),
	FIXED("lc_ctype", "C.UTF-8", 0, "Shows the character classification and case conversion locale."),
	SUPERUSER("lc_messages", "C", NULL, "Sets the language in which messages are displayed."),
	STRING("lc_monetary", "C", 0, NULL, "Sets the locale for formatting monetary amounts."),
	STRING("lc_numeric", "C", 0, NULL, "Sets the locale for formatting numbers."),
	STRING("lc_time", "C", 0, NULL, "Sets the locale for formatting date and time values."),
	SUPERUSER("lo_compat_privileges", "off", NULL,
	    "Enables backward compatibility mode for privilege checks on large objects."),
	INTEGER("lock_timeout", "0", SETTING_MS, 0, INT_MAX_SETTING,
	    "Sets the maximum allowed duration of any wait for a lock."),
	SUPERUSER("log_min_duration_statement", "-1", NULL,
	    "Sets the minimum execution time above which all statements will be logged."),
	SUPERUSER("log_statement", "none", NULL, "Sets the type of statements logged."),
	INTEGER("logical_decoding_work_mem", "64MB", SETTING_KB, 64, INT_MAX_SETTING, KEPT),
	INTEGER("maintenance_io_concurrency", "10", 0, 0, 1000, KEPT),
	INTEGER("maintenance_work_mem", "64MB", SETTING_KB, 1024, INT_MAX_SETTING,
	    "Sets the maximum memory to be used for maintenance operations."),
	RESTART("max_connections", "10000", NULL, "Sets the maximum number of concurrent connections."),
	FIXED("max_function_args", "100", 0, "Shows the maximum number of function arguments."),
	FIXED("max_identifier_length", "63", 0, "Shows the maximum identifier length."),
	FIXED("max_index_keys", "32", 0, "Shows the maximum number of index keys."),
	RESTART("max_locks_per_transaction", "64", NULL, KEPT),
	INTEGER("max_parallel_maintenance_workers", "2", 0, 0, 1024, KEPT),
	INTEGER("max_parallel_workers", "8", 0, 0, 1024, KEPT),
	INTEGER("max_parallel_workers_per_gather", "0", 0, 0, 1024,
	    "Sets the maximum number of parallel processes per executor node."),
	RESTART("max_prepared_transactions", "0", NULL, KEPT),
	RESTART("max_replication_slots", "10", NULL, KEPT),
	RESTART("max_wal_senders", "10", NULL, KEPT),
	RESTART("max_worker_processes", "8", NULL, KEPT),
	INTEGER("min_parallel_index_scan_size", "512kB", SETTING_BLOCKS, 0, 715827882, KEPT),
	INTEGER("min_parallel_table_scan_size", "8MB", SETTING_BLOCKS, 0, 715827882, KEPT),
	BOOLEAN("parallel_leader_participation", "on", 0, KEPT),
	REAL("parallel_setup_cost", "1000", 0, 1e300, KEPT),
	REAL("parallel_tuple_cost", "0.1", 0, 1e300, KEPT),
	CHOICE("password_encryption", "scram-sha-256", 0, password_encryptions, KEPT),
	CHOICE("plan_cache_mode", "auto", 0, plan_modes, "Controls the planner's selection of custom or generic plan."),
	BOOLEAN("plpgsql.check_asserts", "on", 0, "Perform checks given in ASSERT statements."),
	STRING("plpgsql.extra_errors", "none", 0, setting_check_plpgsql,
	    "List of programming constructs that should produce an error."),
	STRING("plpgsql.extra_warnings", "none", 0, setting_check_plpgsql,
	    "List of programming constructs that should produce a warning."),
	STRING("plpgsql.print_strict_params", "off", 0, setting_check_strict_params,
	    "Print information about parameters in the DETAIL part of the error messages generated on INTO ... STRICT "
	    "failures."),
	CHOICE("plpgsql.variable_conflict", "error", 0, variable_conflicts,
	    "Sets handling of conflicts between PL/pgSQL variable names and table column names."),
	RESTART("port", "5432", NULL, "Sets the TCP port the server listens on."),
	BOOLEAN("quote_all_identifiers", "off", 0, "When generating SQL fragments, quote all identifiers."),
	REAL("random_page_cost", "4", 0, 1e300,
	    "Sets the planner's estimate of the cost of a nonsequentially fetched disk page."),
	REAL("recursive_worktable_factor", "10", 0.001, 1e6, KEPT),
	STRING("role", "none", 0, setting_check_role, "Sets the current role."),
	BOOLEAN("row_security", "on", 0, "Enable row security."),
	STRING("search_path", SEARCH_PATH_DEFAULT, 0, setting_check_search_path,
	    "Sets the schema search order for names that are not schema-qualified."),
	REAL("seq_page_cost", "1", 0, 1e300,
	    "Sets the planner's estimate of the cost of a sequentially fetched disk page."),
	FIXED("server_encoding", "UTF8", SETTING_REPORTED, "Shows the server (database) character set encoding."),
	FIXED("server_version", "15.18", SETTING_REPORTED, "Shows the server version."),
	FIXED("server_version_num", "150018", 0, "Shows the server version as an integer."),
	STRING("session_authorization", "", SETTING_REPORTED, setting_check_role, "Sets the session user name."),
	SUPERUSER("session_replication_role", "origin", replication_roles,
	    "Sets the session's behavior for triggers and rewrite rules."),
	RESTART("shared_buffers", "128MB", NULL, "Sets the number of shared memory buffers used by the server."),
	RESTART("ssl", "off", NULL, "Enables SSL connections."),
	BOOLEAN("standard_conforming_strings", "on", SETTING_REPORTED | SETTING_ONLY,
	    "Causes '...' strings to treat backslashes literally."),
	INTEGER("statement_timeout", "0", SETTING_MS, 0, INT_MAX_SETTING,
	    "Sets the maximum allowed duration of any statement."),
	CHOICE("stats_fetch_consistency", "cache", 0, fetch_consistencies, KEPT),
	RESTART("superuser_reserved_connections", "3", NULL, KEPT),
	BOOLEAN("synchronize_seqscans", "on", 0, "Enable synchronized sequential scans."),
	CHOICE("synchronous_commit", "on", 0, synchronous_commits,
	    "Sets the current transaction's synchronization level."),
	INTEGER("tcp_keepalives_count", "0", 0, 0, INT_MAX_SETTING, KEPT),
	INTEGER("tcp_keepalives_idle", "0", SETTING_SECONDS, 0, INT_MAX_SETTING,
	    "Time between issuing TCP keepalives."),
	INTEGER("tcp_keepalives_interval", "0", SETTING_SECONDS, 0, INT_MAX_SETTING, KEPT),
	INTEGER("tcp_user_timeout", "0", SETTING_MS, 0, INT_MAX_SETTING, KEPT),
	INTEGER("temp_buffers", "8MB", SETTING_BLOCKS, 100, 1073741823, KEPT),
	STRING("temp_tablespaces", "", SETTING_ONLY, NULL,
	    "Sets the tablespace(s) to use for temporary tables and sort files."),
	STRING("TimeZone", "UTC", SETTING_REPORTED, setting_check_timezone,
	    "Sets the time zone for displaying and interpreting time stamps."),
	STRING("timezone_abbreviations", "Default", SETTING_ONLY, NULL, "Selects a file of time zone abbreviations."),
	BOOLEAN("transaction_deferrable", "off", SETTING_TRANSACTION,
	    "Whether to defer a read-only serializable transaction until it can be executed with no possible "
	    "serialization failures."),
	CHOICE("transaction_isolation", "read committed", SETTING_TRANSACTION, isolation_levels,
	    "Sets the current transaction's isolation level."),
	BOOLEAN("transaction_read_only", "off", SETTING_TRANSACTION,
	    "Sets the current transaction's read-only status."),
	BOOLEAN("transform_null_equals", "off", SETTING_ONLY, "Treats \"expr=NULL\" as \"expr IS NULL\"."),
	{ "vacuum_cost_delay", "0", SETTING_REAL, SETTING_MS, SETTING_USER, 0, 0, 100, NULL, NULL, KEPT },
	INTEGER("vacuum_cost_limit", "200", 0, 1, 10000, KEPT),
	INTEGER("vacuum_cost_page_dirty", "20", 0, 0, 10000, KEPT),
	INTEGER("vacuum_cost_page_hit", "1", 0, 0, 10000, KEPT),
	INTEGER("vacuum_cost_page_miss", "2", 0, 0, 10000, KEPT),
	INTEGER("vacuum_freeze_min_age", "50000000", 0, 0, 1000000000, KEPT),
	INTEGER("vacuum_freeze_table_age", "150000000", 0, 0, 2000000000, KEPT),
	RESTART("wal_level", "replica", wal_levels, "Sets the level of information written to the WAL."),
	INTEGER("wal_skip_threshold", "2MB", SETTING_KB, 0, INT_MAX_SETTING, KEPT),
	INTEGER("work_mem", "4MB", SETTING_KB, 64, INT_MAX_SETTING,
	    "Sets the maximum memory to be used for query workspaces."),
	CHOICE("xmlbinary", "base64", 0, xml_binaries, "Sets how binary values are to be encoded in XML."),
	CHOICE("xmloption", "content", 0, xml_options,
	    "Sets whether XML data in implicit parsing and serialization operations is to be considered as documents "
	    "or content fragments."),
};
const unsigned setting_count = sizeof(setting_table) / sizeof(setting_table[0]);

/* SET TIME ZONE and friends reach the table under the setting's name; two names live on from older versions. */
static const struct old_name {
	const char *old, *name;
} old_names[] = {
	{ "sort_mem", "work_mem" },
	{ "vacuum_mem", "maintenance_work_mem" },
};

static int
compare_name(const void *name, const void *setting)
{
	return strcasecmp(name, ((const struct setting *)setting)->name);
}

const struct setting *
setting_find(const char *name)
{
	for (size_t i = 0; i < sizeof(old_names) / sizeof(old_names[0]); i++) {
		if (strcasecmp(old_names[i].old, name) == 0)
			name = old_names[i].name;
	}
	return bsearch(name, setting_table, setting_count, sizeof(setting_table[0]), compare_name);
}
