# Security chapter: each login has a password of 64 random bytes, its own, and another node has others
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires python3
# passwords NAME: those of a new node, one a line
passwords() {
	start_postgres "$1"
	python3 "$tests/passwords.py" "$(worker bibd-postgres)" | sort -u >"$WORK/$1.passwords"
	stop_node
	[ "$(wc -l <"$WORK/$1.passwords")" -ge 9 ] ||
	    fail "node $1 has $(wc -l <"$WORK/$1.passwords") different passwords"
	# 64 bytes in hexadecimal
	grep -vqxE '[0-9a-f]{128}' "$WORK/$1.passwords" && fail "a password of another form"
}
passwords one
passwords two
equal "$(comm -12 "$WORK/one.passwords" "$WORK/two.passwords" | wc -l)" 0 "passwords that both nodes have"
# every value of a byte comes about as often as any other: 1,152 bytes have nearly all of them
equal "$(cat "$WORK"/*.passwords | fold -w 2 | sort -u | awk 'length == 2' | wc -l | awk '{ print ($1 > 240) }')" 1 \
    "spread of the bytes"
