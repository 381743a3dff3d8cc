# What database.roles gives a role are the settings that its sessions begin with, and what RESET returns to
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
HEALTH="startup_timeout: 300s, interval: 500ms, retry_backoff: 200ms"
READY_IN=300
DATABASE="  roles: {query: {statement_timeout: 300ms, work_mem_mb: 7}}"
start_postgres
equal "$(sql -U query 'show statement_timeout; show work_mem')" "300ms
7MB" "the role's settings"
equal "$(state -U query 'select pg_sleep(20)')" 57014 "a statement beyond the role's time"
equal "$(sql -U query \
    'set statement_timeout = 0; select 1 from pg_sleep(.5); reset statement_timeout; show statement_timeout')" "1
300ms" "a session's own time"
equal "$(sql -U write 'show statement_timeout; show work_mem')" "0
4MB" "another role's settings"
stop_node
