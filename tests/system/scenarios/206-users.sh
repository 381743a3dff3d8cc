# Each process runs as its own user with no privilege left, and sees no other's directory
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql
ACCESS="  - {user: root, roles: [admin]}
  - {user: nobody, roles: [query]}"
start_node
equal "$(stat -c %U "/proc/$(worker sqlite)")" _bibd "the sqlite worker's user" 2>/dev/null
for pair in sqlite:_bibd control:_bibmon; do
	s=/proc/$(worker ${pair%:*})/status; id=$(id -u ${pair#*:})
	equal "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "$s")" "$id $id $id $id" "ids of $pair"
	equal "$(awk '/^Groups:/ { $1 = ""; print }' "$s" | tr -d ' ')" "" "supplementary groups of $pair"
	equal "$(awk '/^Cap(Eff|Prm|Inh|Amb):/ { print $2 }' "$s" | sort -u)" 0000000000000000 "capabilities of $pair"
	equal "$(awk '/^NoNewPrivs:/ { print $2 }' "$s")" 1 "no_new_privs of $pair"
	[ "$SLOW" != 1 ] || equal "$(awk '/^Seccomp:/ { print $2 }' "$s")" 2 "seccomp of $pair"
done
# The supervisor keeps what it needs to give directories away and to start and end what has another user, and no more:
# chown, dac_override, fowner, kill, setgid, setuid
s=/proc/$PID/status
equal "$(awk '/^Cap(Eff|Prm|Bnd):/ { print $2 }' "$s" | sort -u)" 00000000000000eb "capabilities of bibd"
equal "$(awk '/^NoNewPrivs:/ { print $2 }' "$s")" 1 "no_new_privs of bibd"
[ "$SLOW" != 1 ] || equal "$(awk '/^Seccomp:/ { print $2 }' "$s")" 2 "seccomp of bibd"
equal "$(stat -c '%U %a' "$DIR/data")" "root 711" "data_dir"
equal "$(stat -c '%U %a' "$DIR/data/sqlite")" "_bibd 700" "sqlite/"
[ "$(readlink -f "$DIR/data/cache.db")" = "$DIR/data/sqlite/cache.db" ] || fail "cache.db is no link into sqlite/"
equal "$(stat -c %a "$DIR/run/control.sock")" 660 "control.sock"
as_nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"; }
equal "$(as_nobody psql -h "$DIR/run" -U query -X -qAtc 'select 1' 2>&1)" 1 "nobody as query"
contains "$(as_nobody psql -h "$DIR/run" -U admin -X -qAtc 'select 1' 2>&1)" FATAL "nobody as admin"
contains "$(as_nobody psql -h "$DIR/run" -U root -X -qAtc 'select 1' 2>&1)" FATAL "nobody under root's name"
as_nobody "$BIBCTL" -s "$DIR/run/control.sock" status >/dev/null 2>&1 && fail "nobody may use the control socket"
stop_node
