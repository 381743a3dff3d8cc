# reload: done by SIGHUP and by bibctl; a bad file is refused with its place; a key that needs a restart is named
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
equal "$(sql 'select 1')" 1 "before"
pids=$(children "$PID" | sort)
cp "$CONFIG" "$WORK/good"
sed -i 's/^server:.*/server: {shutdown_timeout: 7s}/; s/roles: \[[^]]*\]/roles: [query]/' "$CONFIG"
bibctl reload || fail "a good reload"
# Where privileges are not separated, who started bibd has every role whatever the rules say.
[ "$ME" != root ] || equal "$(state 'select 1')" refused "admin after it was taken away"
equal "$(sql -U query 'select 1')" 1 "query"
cp "$WORK/good" "$CONFIG"; kill -HUP "$PID"
until_true 5 answers || fail "SIGHUP does not reload"
printf 'srever: {}\n' >>"$CONFIG"; line=$(grep -n srever "$CONFIG" | cut -d: -f1)
out=$(bibctl reload 2>&1) && fail "a bad reload says that it was done"
contains "$out" "$CONFIG:$line:1" "where the reload was refused"
cp "$WORK/good" "$CONFIG"; sed -i 's/mode: selective/mode: proxy/' "$CONFIG"
out=$(bibctl reload 2>&1) && fail "a reload that needs a restart says that it was done"
contains "$out" node.mode "the key that needs a restart"
answers || fail "the old configuration is no longer in force"
equal "$(children "$PID" | sort)" "$pids" "the workers' pids"
cp "$WORK/good" "$CONFIG"; bibctl reload || fail "a reload with nothing new"
stop_node
