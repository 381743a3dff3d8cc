# A directory whose parent keeps the workers out ends the start with 77 and names the parent
# for: root
. "$(dirname "$0")/../lib.sh"
mkdir -m 700 "$WORK/closed"
configure node; sed -i "s|data_dir: [^,}]*|data_dir: $WORK/closed/data|" "$CONFIG"
out=$(timeout 15 "$BIBD" -f "$CONFIG" 2>&1); equal $? 77 "exit status: $out"
contains "$out" "$WORK/closed" "the parent"
