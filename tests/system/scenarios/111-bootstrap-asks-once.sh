# Without sudo bootstrap asks for all packages at once, and when those are installed it asks for no more
# for: root
. "$(dirname "$0")/../lib.sh"
requires setpriv
copy=$WORK/tree bin=$WORK/bin
mkdir "$copy" "$copy/tests" "$bin"; cp "$top/bootstrap" "$copy/"
cp "$top/tests/check.sh" "$top/tests/seconds" "$copy/tests/"
# A machine on which nothing is installed, and where nobody becomes root.
cat >"$bin/dpkg-query" <<'SH'
#!/bin/sh
for package; do :; done
grep -qx "$package" "$INSTALLED" 2>/dev/null && printf installed
SH
cat >"$bin/apt-get" <<'SH'
#!/bin/sh
[ "$(id -u)" = 0 ] && [ "$1" = install ] || exit 100
shift; printf '%s\n' "$@" >>"$INSTALLED"
SH
printf '#!/bin/sh\nexit 1\n' >"$bin/sudo"
printf '#!/bin/sh\necho "the build begins"; exit 1\n' >"$bin/autoreconf"
chmod 755 "$bin"/*; chown -R nobody "$copy"
export INSTALLED=$WORK/installed
asks() { # WHAT: "missing" lines are in $WORK/out
	: >"$WORK/installed"; chmod 644 "$WORK/installed"
	(cd "$copy" && PATH=$bin:$PATH CI=true setpriv --reuid=nobody --regid=nogroup --clear-groups \
	    ./bootstrap "$@" >"$WORK/out" 2>&1 </dev/null)
}
for what in build run check deb; do
	asks $what && fail "$what: without its packages"
	equal "$(grep -c 'missing: as root, run: ' "$WORK/out")" 1 "how often $what asks: $(cat "$WORK/out")"
	grep -q "the build begins" "$WORK/out" && fail "$what builds without its packages"
	way=$(sed -n 's/.*missing: as root, run: //p' "$WORK/out")
	contains "$way" libsqlite3-dev "what $what asks for"
	case $what in run) contains "$way" postgresql-client-15 "$what" ;; check) contains "$way" shellcheck "$what" ;;
	deb) contains "$way" debhelper "$what" ;; esac
	: >"$WORK/installed"
	PATH=$bin:$PATH bash -c "$way" || fail "the advice: $way"
	chmod 644 "$WORK/installed"
	(cd "$copy" && PATH=$bin:$PATH CI=true timeout 20 setpriv --reuid=nobody --regid=nogroup --clear-groups \
	    ./bootstrap $what >"$WORK/out" 2>&1 </dev/null)
	equal "$(grep -c 'missing: as root' "$WORK/out")" 0 "what $what asks for after that: $(cat "$WORK/out")"
	case $what in build | run) grep -q "the build begins" "$WORK/out" || fail "$what: $(cat "$WORK/out")" ;; esac
done
say "each asks once"
