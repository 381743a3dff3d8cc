# A repository that goes away is told in words, and used again by itself when it is back; none is made in its place
# for: root
# seconds: 120
. "$(dirname "$0")/../lib.sh"
requires psql mount
mkdir "$WORK/mnt"
mount -t tmpfs -o mode=755 none "$WORK/mnt" 2>/dev/null || skip "no file system can be mounted here"
mounted+=("$WORK/mnt")
EXTRA="backup: {repository: $WORK/mnt/repository}"
start_node
await_backup 20
bibctl backup key >/dev/null || fail "no recovery key"
first_line() { bibctl status | head -n 1; }
is_red() { first_line | grep -q "$1"; }
is_content() { ! is_red "not healthy"; }
until_true 20 is_content || fail "the node is not content: $(first_line)"

# Moved to another place, as a file system that is unmounted and mounted again: that is another one for the sandbox.
mkdir "$WORK/elsewhere"
mount --bind "$WORK/mnt" "$WORK/elsewhere" && mounted+=("$WORK/elsewhere")
umount -l "$WORK/mnt" || fail "the file system cannot be unmounted"
until_true 30 is_red "the repository cannot be used" || fail "status does not say it: $(first_line)"
contains "$(bibctl doctor 2>&1)" "backups catch up by themselves" "the doctor's advice"
equal "$(sql 'select 1')" 1 "clients meanwhile"
[ ! -e "$WORK/mnt/repository/repository" ] || fail "a new repository was made under the mount point"
bibctl backup >/dev/null 2>&1 && fail "a backup without a repository"
[ "$(bibctl events | grep -c 'repository.away')" -ge 1 ] || fail "no event: $(bibctl events | tail -n 5)"

mount --bind "$WORK/elsewhere" "$WORK/mnt" || fail "the file system cannot be mounted"
until_true 40 is_content || fail "the node does not recover: $(first_line)"
until_true 20 bibctl backup >/dev/null || fail "no backup afterwards: $(bibctl backup 2>&1)"
equal "$(bibctl backup list | grep -c incremental)" 1 "the chain goes on"
stop_node
