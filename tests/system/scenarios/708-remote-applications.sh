# Remote applications over TCP: TLS alone, by certificate and by password, with roles by login; everybody else is
# refused and in the audit trail; a new certificate of the listener ends no session
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../remote.sh"
requires psql python3 openssl
ACCESS="  - {user: $ME, roles: [admin, write, query, audit]}
  - {login: shop, roles: [write, query]}
  - {login: stock, roles: [query]}"
remote_configure configure node
launch; wait_ready
remote_all
stop_node
