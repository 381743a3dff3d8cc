# Remote applications over TCP: TLS alone, by certificate and by password, with roles by login; everybody else is
# refused and in the audit trail; a new certificate of the listener ends no session
# engines: none
. "$(dirname "$0")/../external.sh"
. "$(dirname "$0")/../remote.sh"
requires psql python3 openssl
ACCESS="  - {user: $ME, roles: [admin, write, query, audit]}
  - {login: shop, roles: [write, query]}
  - {login: stock, roles: [query]}"
remote_configure start_external 5
remote_all
stop_node
