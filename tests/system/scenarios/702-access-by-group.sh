# Access rules by user, by primary and by supplementary group; the first that fits counts
# for: root
. "$(dirname "$0")/../lib.sh"
requires psql setpriv
id -u _bibmon >/dev/null 2>&1 || skip "the users of bibd are not there"
ACCESS="  - {user: daemon, roles: [admin]}
  - {group: games, roles: [query]}
  - {group: mail, roles: [write, audit]}
  - {user: root, roles: [admin, write, query, audit]}" start_node
# as UID GROUP GROUPS ROLE: what a session of that role says, or its refusal
as() {
	local groups=(--clear-groups); [ -z "$3" ] || groups=(--groups "$3")
	setpriv --reuid "$1" --regid "$2" "${groups[@]}" psql -h "$DIR/run" -X -qAt -U "$4" -c 'select current_user' \
	    2>&1 |
	    sed 's/.*FATAL: *//' | head -n 1
}
equal "$(as daemon nogroup '' admin)" admin "by user"
contains "$(as daemon nogroup '' write)" 'is not open to user "daemon"' "a role that the rule does not have"
equal "$(as nobody games '' query)" query "by primary group"
equal "$(as nobody nogroup games query)" query "by supplementary group"
equal "$(as nobody nogroup man,games query)" query "by the second supplementary group"
equal "$(as nobody nogroup mail audit)" audit "by supplementary group, the second role"
contains "$(as nobody mail games write)" 'is not open to user "nobody"' "the first rule that fits counts, not the best"
equal "$(as nobody nogroup mail nobody)" write "by the own name: the rule's first role"
equal "$(as daemon games '' admin)" admin "the user's rule stands before the group's"
contains "$(as nobody nogroup '' query)" 'no access rule lets nobody (uid ' "no rule"
contains "$(as nobody nogroup man query)" 'no access rule lets nobody (uid ' "another group"
refusals() {
	[ "$(sql -U audit "select count(*) from bibd.audit where kind = 'refused' and result = '28000' and uid = \
$(id -u nobody)")" = 3 ]
}
until_true 5 refusals || fail "the refusals are not in the audit table: $(sql -U audit 'select * from bibd.audit')"
