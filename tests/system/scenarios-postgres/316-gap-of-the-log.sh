# Who ships PostgreSQL's log stops no checkpoint and fills no disk; what is missing is named, and a new base follows
# seconds: 400
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql
EXTRA="backup: {repository: $WORK/repository, spool: 16}" POSTGRES='    settings: {max_wal_size: 64MB}'
start_postgres
await_backup 60
bibctl backup key >/dev/null || fail "no recovery key"
stored() { sleep 0.2; bibctl restore-point "p$RANDOM$RANDOM" >/dev/null 2>&1; }
until_true 60 stored || fail "no base leads to what is committed: $(bibctl restore-point again 2>&1)"
superuser -d bibd "create table fill(t text); alter table fill alter t set storage external" >/dev/null
# 16 MB of the log, most of which does not compress
fill() {
	superuser -d bibd "insert into fill select string_agg(md5(random()::text), '') from generate_series(1, 400000) n
	    group by n % 1000; truncate fill; select pg_switch_wal()" >/dev/null
}
log_mb() { du -sm "$PGDIR/data/pg_wal" | cut -f 1; }
checkpoint_within() {
	local start
	start=$(now_ms); superuser -d bibd checkpoint >/dev/null
	less $(($(now_ms) - start)) "$1" "ms of a checkpoint $2"
}

# It stands still: the server cannot end its connection, and waits for it as soon as the slot is beyond its bound.
archive=$(worker bibd-archive); kill -STOP "$archive"
for round in 1 2 3 4 5 6 7 8; do
	fill; checkpoint_within 12000 "beside a bibd-archive that stands still"
done
until_true 40 new_worker bibd-archive "$archive" || fail "a bibd-archive that stands still is not ended"
until_true 90 stored || fail "not shipped after bibd-archive stood still: $(bibctl events | tail -n 5)"

# The repository is away until the spool and the slot are beyond their bounds.
gaps() { bibctl events | grep -c 'changes are missing'; }
before=$(gaps)
chmod 0 "$WORK/repository"; mv "$WORK/repository" "$WORK/away"
for round in $(seq 1 16); do fill; checkpoint_within 3000 "without a repository"; done
[ "$(log_mb)" -lt 160 ] || fail "pg_wal has $(log_mb) MB"
spool=$(du -sm "$DIR/data/archive/spool" | cut -f 1)
[ "$spool" -le 18 ] || fail "the spool has $spool MB"
red() { bibctl status | head -n 1 | grep -q 'bibd-archive is not healthy'; }
until_true 60 red || fail "the status: $(bibctl status | head -n 2)"
sql "create table during(n int); insert into during values (1)" >/dev/null || fail "clients are not served"
mv "$WORK/away" "$WORK/repository"; chmod 700 "$WORK/repository"
until_true 90 stored || fail "no new base: $(bibctl status | head -n 2; bibctl events | tail -n 5)"
[ "$(gaps)" -gt "$before" ] || fail "the gap is not named: $(bibctl events | tail -n 5)"
contains "$(bibctl events)" "backup.gap" "the event"
green() { ! red; }
until_true 60 green || fail "afterwards: $(bibctl status | head -n 2)"
sql "insert into during values (2)" >/dev/null
bibctl restore-point after >/dev/null || until_true 20 bibctl restore-point after >/dev/null || fail "no point"
bibctl backup verify >/dev/null || fail "verify: $(bibctl backup verify 2>&1)"
stop_node
"$BIBCTL" restore --in-place --to after -f "$CONFIG" >"$WORK/said" || fail "in place: $(cat "$WORK/said")"
launch; wait_ready
equal "$(sql 'select count(*) from during')" 2 "rows afterwards"

# Without a repository nothing holds the log back.
slots() { superuser -d bibd "select count(*) from pg_replication_slots"; }
has_slot() { [ "$(slots)" = 1 ]; }
until_true 60 has_slot || fail "slots: $(slots)"
stop_node
sed -i '/^backup: {/d' "$CONFIG"
launch; wait_ready
equal "$(slots)" 0 "slots without a repository"
contains "$(bibctl events)" "server.slot_dropped" "the events"
equal "$(sql 'select count(*) from during')" 2 "rows without a repository"
stop_node
before=$(grep -c 'single-user\|sets up\|set up' "$DIR/log")
launch; wait_ready
equal "$(grep -c 'single-user\|sets up\|set up' "$DIR/log")" "$before" "it is dropped once"
stop_node
