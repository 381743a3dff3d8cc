# bibctl clients lists who is connected without their literals; bibctl kill ends one as pg_terminate_backend does, and it is audited
# engines: docker
. "$(dirname "$0")/../postgres.sh"
. "$tests/clients_list.sh"
start_postgres
clients_are_listed_and_killed
# The connection that the session had is anybody's again, and clean.
equal "$(sql "select count(*) from pg_stat_activity where state like 'idle in transaction%'")" 0 "transactions that are open"
stop_node
