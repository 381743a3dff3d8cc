# The fixed error lines stand alone on standard error, with exit 78, and nothing has been created
. "$(dirname "$0")/../lib.sh"
refused() { # LINE-PATTERN(exact) CONFIG
	local out status d=$WORK/x
	printf '%s\n' "$2" >"$WORK/c.yaml"
	for option in -n ''; do
		# shellcheck disable=SC2086
		out=$(timeout 10 "$BIBD" $option -f "$WORK/c.yaml" 2>&1); status=$?
		equal $status 78 "exit status of '$2'"
		grep -qxF -- "$1" <<<"$out" || fail "no line [$1] in [$out]"
		equal "$(wc -l <<<"$out")" 1 "lines on standard error for '$2'"
		[ ! -e "$d" ] || fail "'$2' created the data directory"
		[ ! -e "$WORK/run" ] || fail "'$2' created the socket directory"
	done
}
node="node: {data_dir: $WORK/x}, listen: {path: $WORK/run}"
refused "✗ incompatible mode and backend: full replica mode requires PostgreSQL backend" \
    "{node: {mode: full, data_dir: $WORK/x}, listen: {path: $WORK/run}, database: {backend: sqlite}}"
refused "✗ invalid storage configuration: port must be between 1024 and 65535" \
    "{$node, database: {backend: postgres, postgres: {port: 80}}}"
refused "✗ invalid storage configuration: port must be between 1024 and 65535" \
    "{node: {data_dir: $WORK/x}, listen: {path: $WORK/run, port: 70000}}"
refused "✗ kubernetes runtime is not yet implemented; please use 'docker' or 'podman'" \
    "{$node, database: {backend: postgres, postgres: {container_runtime: kubernetes}}}"
