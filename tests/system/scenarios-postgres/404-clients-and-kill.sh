# bibctl clients lists who is connected without their literals; bibctl kill ends one as pg_terminate_backend does, and
# it is audited
# engines: none
. "$(dirname "$0")/../external.sh"
. "$tests/clients_list.sh"
start_external 5
clients_are_listed_and_killed
# The connection that the session had is anybody's again, and clean.
equal "$(sql "select count(*) from pg_stat_activity where state like 'idle in transaction%'")" 0 \
    "transactions that are open"
stop_node
