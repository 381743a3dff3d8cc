# Security chapter: the stored credentials show nothing, and open with this node's identity only
# engines: docker
. "$(dirname "$0")/../postgres.sh"
requires psql python3 xz
start_postgres
python3 "$tests/passwords.py" "$(worker bibd-postgres)" | sort -u >"$WORK/passwords"
stop_node
file=$DIR/data/secrets/credentials
equal "$(stat -c '%U %a' "$file" "$DIR/data/secrets/identity.pem" | tr '\n' ' ')" "_bibkey 600 _bibkey 600 " \
    "owners and modes"
grep -qaF -f "$WORK/passwords" "$file" && fail "a password in the clear"
grep -qaE 'bibd_(admin|write|query|audit|system)|SCRAM' "$file" && fail "a name in the clear"
# what is encrypted does not compress
size=$(stat -c %s "$file"); packed=$(xz -9e -c "$file" | wc -c)
[ "$packed" -ge "$size" ] || fail "$size bytes compress to $packed"
grep -rlaF -f "$WORK/passwords" "$DIR" && fail "a password in a file"
# with another identity it does not open, and nothing is lost
mv "$DIR/data/secrets/identity.pem" "$WORK/identity.pem"
openssl genpkey -algorithm ed25519 -out "$DIR/data/secrets/identity.pem" 2>/dev/null
chown _bibkey: "$DIR/data/secrets/identity.pem"; chmod 600 "$DIR/data/secrets/identity.pem"
refused 65 20 "bibctl credentials reset"
cp -p "$WORK/identity.pem" "$DIR/data/secrets/identity.pem"; chown _bibkey: "$DIR/data/secrets/identity.pem"
launch; wait_ready; answers || fail "no answer with the right identity"
stop_node
