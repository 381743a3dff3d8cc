# A disk that fills is told before the store stops on it, by an event, in status and by a number; and so is room again
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql
mkdir -p "$WORK/node/data"; chmod 755 "$WORK/node"
mount -t tmpfs -o size=400m,mode=711 bibd-test "$WORK/node/data" 2>/dev/null || skip "no tmpfs can be mounted here"
mounted+=("$WORK/node/data")
start_node
contains "$(bibctl metrics)" "bibd_disk_size_bytes{path=\"$DIR/data\"} $((400 << 20))" "metrics"
contains "$(bibctl --json status)" '"low":false' "status with room"
case $(bibctl events) in *disk.low*) fail "little room is told where there is enough" ;; esac
dd if=/dev/zero of="$WORK/node/data/fill" bs=1M count=386 2>/dev/null || fail "fill"
told() { bibctl events | grep -q "$1"; }
until_true 15 told disk.low || fail "no event: $(bibctl events)"
bibctl status | head -n 1 | grep -q '^ready: .*; the disk is nearly full: .* are free at ' ||
    fail "status: $(bibctl status)"
contains "$(bibctl status)" "little is left" "status"
contains "$(bibctl --json status)" '"low":true' "status for programs"
equal "$(sql 'create table t (a int); insert into t values (1); select a from t')" 1 "the store, which still has room"
# What doctor says to do about it is done.
disk() { "$BIBCTL" -s "$DIR/run/control.sock" --json doctor -f "$CONFIG" | grep '"check":"disk"'; }
contains "$(disk)" "make room: a store that cannot write stops" "doctor without room"
rm "$WORK/node/data/fill"
case $(disk) in *"make room"*) fail "doctor with room: $(disk)" ;; esac
until_true 15 told disk.enough || fail "no event: $(bibctl events)"
equal "$(bibctl events | grep -c disk.low)" 1 "events about little room"
stop_node
