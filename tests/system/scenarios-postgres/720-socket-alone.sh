# Security chapter: by default the server has no network at all, and its socket is for bibd alone
. "$(dirname "$0")/../postgres.sh"
requires psql setpriv
start_postgres
equal "$(inspect '{{.HostConfig.NetworkMode}}')" none "the network"
inside=$(inspect '{{.State.Pid}}')
equal "$(nsenter -t "$inside" --net ip -o link | grep -vc ' lo:')" 0 "interfaces besides lo"
equal "$(nsenter -t "$inside" --net ss -Hltun | wc -l)" 0 "ports inside"
equal "$(superuser 'show listen_addresses')" "" "listen_addresses"
equal "$(stat -c '%U %G %a' "$PGDIR/run")" "_bibpg _bibd 750" "the socket's directory"
for user in nobody _bibmon _bibkey _bibctr; do
	setpriv --reuid=$user --regid="$(id -g $user)" --clear-groups psql -h "$PGDIR/run" -U postgres -d bibd \
	    -Xc 'select 1' >/dev/null 2>&1 &&
	    fail "$user reaches PostgreSQL's socket"
done
# who may pass the directory still needs a password
setpriv --reuid=_bibd --regid="$(id -g _bibd)" --clear-groups psql -w -h "$PGDIR/run" -U postgres -d bibd \
    -Xc 'select 1' >/dev/null 2>&1 &&
    fail "_bibd is let in as postgres"
setpriv --reuid=_bibd --regid="$(id -g _bibd)" --clear-groups psql -w -h "$PGDIR/run" -U bibd_admin_a -d bibd \
    -Xc 'select 1' >/dev/null 2>&1 &&
    fail "_bibd is let in without a password"
stop_node
