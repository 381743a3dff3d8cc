# bibctl clients lists who is connected without their literals; bibctl kill ends one as pg_terminate_backend does, and
# it is audited
. "$(dirname "$0")/../lib.sh"
. "$tests/clients_list.sh"
start_node
clients_are_listed_and_killed
stop_node
