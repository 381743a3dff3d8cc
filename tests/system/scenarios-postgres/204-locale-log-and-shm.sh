# Locale and ICU are those of the configuration, and are refused where the database has others; whose session it was is
# logged
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
with() { cp "$WORK/good" "$CONFIG"; sed -i "s/^    network:/    $1\n&/" "$CONFIG"; }
made() {
	superuser "select datcollate || ' ' || datctype || ' ' || coalesce(to_jsonb(d)->>'daticulocale', \
to_jsonb(d)->>'datlocale', '-') from pg_database d where datname = 'bibd'"
}
logged() { bibctl logs | grep -q 'bibd_write_a@bibd ERROR:  division by zero'; }
configure_postgres node; cp "$CONFIG" "$WORK/good"
# A locale that the image does not have leaves nothing behind.
with 'locale: xx_YY.UTF-8'; refused 78 60 "database.postgres.locale" "xx_YY"
with 'icu_locale: de-DE\n    shm_mb: 80'; launch; wait_ready
equal "$(made)" "C C.UTF-8 de-DE" "the locale"
equal "$(sql "select string_agg(x, ' ' order by x) from (values ('z'), ('ä'), ('b')) v(x)")" "ä b z" \
    "an order of German"
equal "$(inspect '{{.HostConfig.ShmSize}}')" $((80 << 20)) "the shared memory"
sql 'create table t (a int); insert into t values (1)' || fail "setup"
sql -U write 'select 1/0' >/dev/null 2>&1
until_true 10 logged || fail "whose session it was is not logged: $(bibctl logs | tail -n 5)"
stop_node
# The database keeps its own.
with 'icu_locale: sv-SE'; refused 78 60 "database.postgres.icu_locale is sv-SE, but the database was made with de-DE"
with 'locale: C.UTF-8'; refused 78 60 "database.postgres.locale is C.UTF-8, but the database was made with C"
with 'icu_locale: de-DE\n    settings: {log_line_prefix: "%p of %u "}'; launch; wait_ready
equal "$(superuser 'show log_line_prefix')" '%p of %u ' "the operator's own prefix"
equal "$(sql 'select a from t')" 1 "the rows"
stop_node
configure_postgres other; cp "$CONFIG" "$WORK/good"; with 'locale: C.UTF-8'; launch; wait_ready
equal "$(made)" "C.UTF-8 C.UTF-8 -" "the locale of another"
stop_node
