# A user who may not ask the engine is told so in one line, and not that a healthy node has no engine
# for: root
. "$(dirname "$0")/../lib.sh"
mkdir -p "$WORK/data" "$WORK/run"; chmod 711 "$WORK" "$WORK/data"
printf '%s\n' "{node: {data_dir: $WORK/data}, listen: {path: $WORK/run}, database: {backend: postgres}}" >"$WORK/c.yaml"
chmod 644 "$WORK/c.yaml"
out=$(setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$BIBCTL" -s "$WORK/run" doctor -f "$WORK/c.yaml" 2>&1)
contains "$out" "warning  engine" "the engine's line for nobody"
contains "$out" "run doctor as root" "the advice for nobody"
! grep -q "^failed *engine" <<<"$out" || fail "the engine failed for nobody: $out"
