# An image's name that means another major version than last time is no other than a changed name: the rows are moved;
# and a node of an older bibd, which noted no image, finds the one that serves its database by its name
# engines: docker podman
. "$(dirname "$0")/../postgres.sh"
requires psql
new=$(image_of_version 17) || skip "no image of PostgreSQL 17 can be made"
old=$(image_of_version 15) || fail "no image of PostgreSQL 15"
floating=localhost/bibd-test/floating:latest
means() { engine_cli rmi "$floating" >/dev/null 2>&1; engine_cli tag "$1" "$floating" || fail "tag"; }
image() { sed -i "s|image: .*|image: \"$1\"|" "$CONFIG"; }
version() { sql "show server_version" | cut -d . -f 1; }
means "$old"; USE_IMAGE=$floating start_postgres
sql "create table t (a int); insert into t select generate_series(1, 1000)" >/dev/null; stop_node
contains "$(cat "$DIR/data/container/images")" "$floating" "the note of the image"
# the same image, and no note of it
rm "$DIR/data/container/images"; launch; wait_ready; equal "$(version)" 15 "the version without a note"; stop_node
means "$new"; : >"$DIR/log"; launch; wait_ready
equal "$(version)" 17 "the version of the image that the name means now"
equal "$(sql "select count(*) from t")" 1000 "the rows"
ls -d "$PGDIR"/data.moved-to-postgres-17-*Z >/dev/null || fail "nothing is kept"
stop_node
# No note, and an image whose tag says the version
configure_postgres bare; image "$old"; launch; wait_ready
sql "create table t (a int); insert into t values (7)" >/dev/null; stop_node
rm "$DIR/data/container/images"; image "$new"; launch; wait_ready
equal "$(version)" 17 "the version"; equal "$(sql "select a from t")" 7 "the row"
stop_node
engine_cli rmi "$floating" >/dev/null 2>&1 || :
