/*
 * The roles of an application, in one table: the configuration's keys, the logins at a server and the statements that
 * make them, statistics and catalogs are made from it, so that another role is a row here, a row in what each backend
 * lets it do (workers/sqlite/connection/authorize.c, workers/container/bootstrap.c,
 * workers/postgres/store/roles_check.c), and its pages.
 *
 * The order is that of enum role and of credentials in their file; it is only added to.
 */
#ifndef BIBD_ROLES_H
#define BIBD_ROLES_H

#define ROLE_TABLE(ROW) \
	ROW(ADMIN, admin) \
	ROW(WRITE, write) \
	ROW(QUERY, query) \
	ROW(AUDIT, audit) \
	ROW(MONITOR, monitor)

#define ROLE_ENUM(NAME, name) ROLE_##NAME,
enum role { ROLE_TABLE(ROLE_ENUM) ROLES };
#undef ROLE_ENUM

/* Their names in a literal, each behind a comma: for lists that have something before. */
#define ROLE_BEHIND_COMMA(NAME, name) ", " #name
#define ROLE_QUOTED_BEHIND_COMMA(NAME, name) ", '" #name "'"
#define ROLE_SQL_NAMES ROLE_TABLE(ROLE_BEHIND_COMMA)
/* An expression of SQL: an array of their names. */
#define ROLE_SQL_ARRAY "(array[''" ROLE_TABLE(ROLE_QUOTED_BEHIND_COMMA) "])[2:]"
/* For people: "admin, write, ...". */
#define ROLE_LIST (&ROLE_SQL_NAMES[2])

#endif
