# Images as PostgreSQL's own are made: an entrypoint, a volume, a user, a default command; and one without
# PostgreSQL, which is said to be so
. "$(dirname "$0")/../postgres.sh"
requires psql
USE_IMAGE=$(image_variant official 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["postgres"]' \
    'ENV PGDATA=/var/lib/postgresql/data' \
    'VOLUME /var/lib/postgresql/data' 'EXPOSE 5432') || fail "no image: $USE_IMAGE"
start_postgres official; sql 'create table t (a int); insert into t values (1)' || fail "insert"; stop_node
equal "$(control_state)" "shut down" "pg_control"
launch; wait_ready; equal "$(sql 'select a from t')" 1 "the row"; stop_node
equal "$(engine_cli volume ls -q | wc -l)" 0 "volumes left behind"
USE_IMAGE=$(image_variant user 'USER nobody' 'WORKDIR /tmp' 'ENTRYPOINT ["/bin/false"]')
start_postgres user; stop_node; equal "$(control_state)" "shut down" "pg_control"
USE_IMAGE=$(image_variant bare 'ENV PATH=/bin'); configure_postgres bare
HEALTH="action: shutdown" configure_postgres bare; launch; reap 40
case $STATUS in 69 | 78) ;; *) fail "exit $STATUS of an image without PostgreSQL" ;; esac
grep -q initdb "$DIR/log" || fail "what is missing is not named: $(tail -n 3 "$DIR/log")"
[ ! -e "$PGDIR/data" ] || fail "there is a database"
