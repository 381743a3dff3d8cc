# A missing system user ends the start with 77 and the command that makes it
# for: root
. "$(dirname "$0")/../lib.sh"
requires unshare
configure node
grep -v '^_bibmon:' /etc/passwd >"$WORK/passwd"
out=$(unshare --mount sh -c "mount --bind '$WORK/passwd' /etc/passwd && exec timeout 15 '$BIBD' -f '$CONFIG'" 2>&1)
status=$?
case $out in *"mount:"*) skip "no mount namespace here" ;; esac
equal $status 77 "exit status: $out"
contains "$out" _bibmon "the user"
contains "$out" sysusers "the command that makes it"
