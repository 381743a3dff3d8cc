create role bibd_system login createrole password 'system-password'
create role admin nologin
create role write nologin
create role query nologin
create role audit nologin
create role monitor nologin
grant pg_monitor, pg_checkpoint to bibd_system
grant admin, write, query, audit, monitor to bibd_system with admin option
grant set on parameter log_statement, log_min_duration_statement, log_min_error_statement, log_duration, \
    track_activities to bibd_system
grant pg_monitor to admin, monitor
grant execute on function pg_reload_conf() to bibd_system
revoke execute on function pg_terminate_backend(integer, bigint), pg_cancel_backend(integer) from public
revoke execute on function lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea), lo_put(oid, bigint, bytea), \
    lo_unlink(oid), lo_open(oid, integer), lowrite(integer, bytea), lo_truncate(integer, integer), \
    lo_truncate64(integer, bigint) from public
grant execute on function lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea), lo_put(oid, bigint, bytea), \
    lo_unlink(oid), lo_open(oid, integer), lowrite(integer, bytea), lo_truncate(integer, integer), \
    lo_truncate64(integer, bigint) to admin, write
revoke all on database template1 from public
revoke all on database postgres from public
create database bibd owner admin
