# Security chapter: passwords change by themselves at the interval of the configuration, and no statement fails
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3
POSTGRES="    credential_rotation_interval: 6s"
start_postgres
secrets() { python3 "$tests/passwords.py" "$(worker bibd-postgres)" | sort -u; }
rotations() { bibctl events | grep -c credentials.rotated; }
at_least() { [ "$(rotations)" -ge "$1" ]; }
until_true 20 at_least 1 || fail "no rotation in 20 s"
secrets >"$WORK/before"
load_start
# both sides of each login have been changed then
until_true 60 at_least $(($(rotations) + 3)) || fail "$(rotations) rotations in 60 s"
load_stop
secrets >"$WORK/after"
equal "$(comm -12 "$WORK/before" "$WORK/after" | wc -l)" 0 "passwords of before that are still in use"
[ "$(rotations)" -le 12 ] || fail "$(rotations) rotations: it does not wait for the interval"
equal "$(grep -c '57P01' "$WORK/load.out")" 0 "sessions that were ended"
stop_node
echo "$(grep -c . "$WORK/acknowledged") rows inserted through rotations"
