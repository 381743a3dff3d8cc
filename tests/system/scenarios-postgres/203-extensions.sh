# Extensions and libraries of the configuration are in a new database and in one that is there; what the server lacks is
# named
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
ACCESS="  - {user: $ME, roles: [admin, write, query, audit, monitor]}"
with() { # EXTENSIONS LIBRARIES
	cp "$WORK/good" "$CONFIG"
	sed -i "s/^    network:/    extensions: [$1]\n    shared_preload_libraries: [$2]\n&/" "$CONFIG"
}
extensions() { sql "select string_agg(extname, ' ' order by extname) from pg_extension"; }
start_postgres; cp "$CONFIG" "$WORK/good"
sql 'create table t (a int); insert into t values (1)' || fail "setup"
stop_node
# In a database that is there, with what one of them needs besides.
with "pg_stat_statements, earthdistance" pg_stat_statements; launch; wait_ready
equal "$(extensions)" "cube earthdistance pg_stat_statements plpgsql" "the extensions"
equal "$(superuser 'show shared_preload_libraries')" pg_stat_statements "the libraries"
equal "$(sql -U query 'select cube_dim(cube(1))')" 1 "a function of one, as query"
equal "$(sql 'select a from t')" 1 "the rows"
sql 'select 4711' >/dev/null
equal "$(sql -U monitor "select count(*) > 0 from pg_stat_statements where query like 'select \$1'")" t \
    "what monitor sees"
bibctl rotate credentials >/dev/null || fail "rotate"
equal "$(superuser "select count(*) from pg_stat_statements where query ilike '%scram%'")" 0 \
    "verifiers among the statements"
equal "$(superuser "select count(*) from pg_roles where rolsuper and rolname <> 'postgres'")" 0 "superusers"
stop_node
# Once is enough.
launch; wait_ready; stop_node
equal "$(grep -c "setting up the database" "$DIR/log")" 1 "how often it was set up"
# What the server does not have, and what the configuration does not take.
with nowhere ''; refused 78 60 "the server has no extension nowhere" "$IMAGE"
with '' nowhere; refused 78 60 'could not access file "nowhere"'
with 'a b' ''; refused 78 10 "database.postgres.extensions must be"
with '--x' ''; refused 78 10 "database.postgres.extensions must be"
# What is not named any more stays: there may be data of it.
cp "$WORK/good" "$CONFIG"; launch; wait_ready
equal "$(extensions)" "cube earthdistance pg_stat_statements plpgsql" "the extensions that are not named any more"
equal "$(sql 'select a from t')" 1 "the rows"
stop_node
# In a new one.
configure_postgres other; cp "$CONFIG" "$WORK/good"; with hstore ''; launch; wait_ready
equal "$(extensions)" "hstore plpgsql" "the extensions of a new node"
equal "$(sql -U write "select 'a=>1'::hstore -> 'a'")" 1 "its type"
stop_node
