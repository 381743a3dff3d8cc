# Two nodes on one host work; two on one data directory, or on one socket directory, are refused; so is another node's
# id
. "$(dirname "$0")/../lib.sh"
requires psql
start_node one; one=$DIR onepid=$PID
start_node two; two=$DIR twopid=$PID
answers || fail "the second node"
DIR=$one; answers || fail "the first node beside the second"
mkdir -p "$WORK/three"; chmod 755 "$WORK/three"
sed "s|path: $two/run|path: $WORK/three/run|" "$two/bibd.yaml" >"$WORK/three/bibd.yaml"
out=$(timeout 10 "$BIBD" -f "$WORK/three/bibd.yaml" 2>&1); status=$?
case $status in 0 | 124) fail "a second node on one data directory started" ;; esac
contains "$out" "$two/data" "the refusal names the directory"
sed "s|data_dir: $two/data|data_dir: $WORK/three/data|" "$two/bibd.yaml" >"$WORK/three/bibd.yaml"
out=$(timeout 10 "$BIBD" -f "$WORK/three/bibd.yaml" 2>&1); status=$?
case $status in 0 | 124) fail "a second node on one socket directory started" ;; esac
contains "$out" "$two/run" "the refusal names the socket directory"
DIR=$two; answers || fail "the second node was disturbed"
PID=$twopid; stop_node
[ "$(wc -c <"$two/data/node.id")" -ge 26 ] || fail "node.id is short"
sed "s|data_dir: $two/data|data_dir: $two/data, id: abcdefghijklmnopqrstuvwxyz|" \
    "$two/bibd.yaml" >"$WORK/three/bibd.yaml"
out=$(timeout 10 "$BIBD" -f "$WORK/three/bibd.yaml" 2>&1); equal $? 65 "exit status with another node's id: $out"
DIR=$one PID=$onepid; stop_node
