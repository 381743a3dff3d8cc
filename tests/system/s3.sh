# shellcheck shell=bash disable=SC2154
# Sourced by scenarios about S3: a server of the tests' own (npm's s3rver), and a proxy before it that makes trouble.

# install_s3: s3rver is in $S3_HOME; installed once for all
install_s3() {
	S3_HOME=${BIBD_S3_HOME:-/var/tmp/bibd-s3rver-$(id -u)}
	requires npm node python3 flock
	mkdir -p "$S3_HOME"
	(
		flock 9
		[ -d "$S3_HOME/node_modules/s3rver/bin" ] ||
		    { cd "$S3_HOME" && npm install --no-audit --no-fund --cache "$S3_HOME/cache" s3rver@3.7.1; }
	) 9>"$S3_HOME/lock" >"$WORK/npm.log" 2>&1 || skip "s3rver cannot be installed: $(tail -n 1 "$WORK/npm.log")"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# start_s3: the server on S3_BEHIND, the proxy on S3_PORT; faults TEXT says what the proxy does
start_s3() {
	install_s3
	S3_BEHIND=$(free_port) S3_PORT=$(free_port)
	faults "new ok"
	node "$S3_HOME/node_modules/s3rver/bin/s3rver.js" -s -d "$WORK/s3" -a 127.0.0.1 -p "$S3_BEHIND" \
	    --service-endpoint localhost --configure-bucket bibd-test >"$WORK/s3.log" 2>&1 &
	started+=("$!")
	until_true 60 listens "$S3_BEHIND" || fail "s3rver does not listen: $(tail -n 3 "$WORK/s3.log")"
	start_proxy
	(umask 077; printf 'aws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n' >"$WORK/credentials")
}
start_proxy() {
	python3 "$tests/s3_faults.py" "$S3_PORT" "$S3_BEHIND" "$WORK/faults" >>"$WORK/proxy.log" 2>&1 &
	S3_PROXY=$!
	started+=("$S3_PROXY")
	until_true 20 listens "$S3_PORT" || fail "the proxy does not listen"
}
faults() { echo "$1" >"$WORK/faults"; }
# met WORD: how many requests the proxy has done that to
met() { grep -ac "^$1 " "$WORK/proxy.log"; }
