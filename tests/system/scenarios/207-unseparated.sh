# Started by an ordinary user: says once that privileges are not separated, and the caller has every role
# for: user
. "$(dirname "$0")/../lib.sh"
requires psql
ACCESS="  []"
configure node; sed -i '/^access:/,/\[\]/c\access: []' "$CONFIG"
launch; wait_ready
equal "$(log_lines 'separated')" 1 "lines that say so"
for role in admin write query audit; do equal "$(sql -U $role 'select current_user')" $role "role $role"; done
stop_node
