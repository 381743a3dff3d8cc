# What is wrong in the configuration is named with file, line, column and the nearest key
. "$(dirname "$0")/../lib.sh"
wrong() { # WHERE WORD CONFIG
	printf '%s\n' "$3" >"$WORK/c.yaml"
	local out; out=$("$BIBD" -n -f "$WORK/c.yaml" 2>&1); equal $? 78 "exit status of [$3]"
	contains "$out" "$WORK/c.yaml:$1" "place of the error in [$3]"
	contains "$out" "$2" "text of the error in [$3]"
}
wrong 2:3 data_dir $'node:\n  data_dri: /x'
wrong 3:3 max_clients $'server:\n  shutdown_timeout: 1s\n  max_client: 3'
wrong 1:1 database $'databse: {backend: sqlite}'
wrong 2:16 max_clients $'server:\n  max_clients: many'
wrong 2:16 max_clients $'server:\n  max_clients: 0'
wrong 2:9 mode $'node:\n  mode: replica'
wrong 2:12 backend $'database:\n  backend: mysql'
wrong 2 access $'access:\n  - {user: root, roles: [king]}'
wrong 2:14 interval $'database: {health:\n  {interval: 5 parsecs}}'
wrong 5 '' $'node: {mode: proxy,\n  data_dir: /x\n# open\n'
wrong 3 '' $'node:\n  mode: proxy\n  mode: proxy'
long=$(printf 'x%.0s' {1..120})
wrong 1 107 "listen: {path: /var/tmp/$long}"
# A key that does nothing says so; the value that is wrong is shown; a name of PostgreSQL's own is not taken for another
printf 'database:\n  postgres: {kubeconfig_path: /k}\n' >"$WORK/c.yaml"
contains "$("$BIBD" -n -f "$WORK/c.yaml" 2>&1)" "c.yaml:2:14: database.postgres.kubeconfig_path does nothing" \
    "a key without effect"
wrong 2:9 '"replica"' $'node:\n  mode: replica'
wrong 1:23 shared_buffers 'database: {postgres: {shared_buffers: 1GB}}'
case $("$BIBD" -n -f "$WORK/c.yaml" 2>&1) in *socket_path*) fail "shared_buffers is taken for socket_path" ;; esac
printf '' >"$WORK/c.yaml"; "$BIBD" -n -f "$WORK/c.yaml" >/dev/null 2>&1; equal $? 0 "an empty file means every default"
"$BIBD" -n -f "$WORK/nosuch.yaml" >/dev/null 2>&1; equal $? 78 "a missing file"
"$BIBD" --nosuch >/dev/null 2>&1; equal $? 64 "an unknown option"
