# What is not provably this node's own is refused with 65 and left as it is, byte for byte: a foreign PGDATA, another
# node's, one of another version or collation, something that is no database, a container of that name
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
untouched() { # WORD...: the node is refused, twice, and says these words
	local before containers; before=$(tree_sum "$PGDIR/data") containers=$(engine_cli ps -aq)
	refused 65 30 "$@"; refused 65 30 "$@"
	equal "$(tree_sum "$PGDIR/data")" "$before" "the checksum of $PGDIR/data"
	[ ! -e "$PGDIR/data.new" ] || fail "data.new was made"
	equal "$(engine_cli ps -aq)" "$containers" "containers"
}
as_server() { setpriv --reuid=_bibpg --regid=_bibd --clear-groups -- "$@"; }
foreign() { # NAME: configures a node whose PGDATA somebody else has made
	configure_postgres "$1"; mkdir -m 711 "$DIR/data" "$PGDIR"
	install -d -o _bibpg -m 700 "$PGDIR/data"
	as_server initdb -D "$PGDIR/data" -U postgres --locale=C.UTF-8 -k >/dev/null 2>&1 || fail "initdb"
}
foreign alien; untouched "$PGDIR/data" pg_dump
configure_postgres rubbish; mkdir -m 711 "$DIR/data" "$PGDIR" "$PGDIR/data"; echo 'my thesis' >"$PGDIR/data/thesis.txt"
untouched "$PGDIR/data"
configure_postgres link; mkdir -m 711 "$DIR/data" "$PGDIR"; ln -s "$WORK/alien/data/postgres/data" "$PGDIR/data"
before=$(tree_sum "$WORK/alien"); refused 65 30 "$PGDIR/data"
equal "$(tree_sum "$WORK/alien")" "$before" "what the link leads to"

start_postgres own; sql 'create table t (a int); insert into t values (1)' || fail "insert"; stop_node
keep() { cp -a "$PGDIR/data" "$WORK/keep"; }
back() { rm -rf "$PGDIR/data"; mv "$WORK/keep" "$PGDIR/data"; }
keep; rm "$PGDIR/data/bibd.node"; untouched bibd.node; back
keep; sed -i "s/$(node_id)/abcdefghijklmnopqrstuvwxyz/" "$PGDIR/data/bibd.node"; untouched bibd.node; back
keep; sed -i 's/identifier .*/identifier 1234567890/' "$PGDIR/data/bibd.node"; untouched bibd.node; back
keep; truncate -s 0 "$PGDIR/data/bibd.node"; untouched bibd.node; back
keep; rm "$PGDIR/data/global/pg_control"; untouched pg_control; back
keep; echo 14 >"$PGDIR/data/PG_VERSION"; untouched 14 "$VERSION" " pull "; back
# another node's database, with its marker, in this one's place
start_postgres other; stop_node; other=$PGDIR
configure_postgres own; mv "$PGDIR/data" "$WORK/mine"; cp -a "$other/data" "$PGDIR/data"; untouched bibd.node
rm -rf "$PGDIR/data"; mv "$WORK/mine" "$PGDIR/data"
# a lost marker is no reason to make a new database
keep; find "$PGDIR/data" -mindepth 1 -maxdepth 1 ! -name base -exec rm -r {} +; untouched "$PGDIR/data"; back
# node.id lost: the node is another one now
mv "$DIR/data/node.id" "$WORK/node.id"; untouched bibd.node; rm -f "$DIR/data/node.id"
mv "$WORK/node.id" "$DIR/data/node.id"
# a container of that name that is not this node's
name=$(container_name); engine_cli run -d --name "$name" --network none "$IMAGE" sleep 600 >/dev/null
id=$(inspect '{{.Id}}'); untouched "$name"; equal "$(inspect '{{.Id}} {{.State.Running}}')" "$id true" \
    "the foreign container"
engine_cli rm -f "$name" >/dev/null
launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row, after all that"; stop_node
