# shellcheck shell=bash
# Sourced by the scenarios of init systems: a machine of the test's own, whose files are this host's with a layer above
# them, and which has namespaces of its own. Needs root. The layer is in MACHINE/layer and outlives the machine's
# reboot.

# machine_layer DIR: within a mount namespace: makes DIR, which is $WORK/machine, and DIR/root, the machine's root
machine_layer() {
	# What is mounted below belongs to the host: it is unmounted before the directory is removed.
	trap 'machine_end; umount -R -l "$WORK/machine"; cleanup' EXIT
	mkdir -p "$1" && mount -t tmpfs -o mode=755 bibd-test "$1" && mkdir "$1"/{layer,work,root}
}

# machine_mount DIR: the root with what the kernel gives. /work and /var/tmp of the host are seen, and not written. With
# MACHINE_FILES, another folder's files are below the layer instead of the host's.
machine_mount() {
	local root=$1/root device
	mount -t overlay bibd-test -o "lowerdir=${MACHINE_FILES:-/},upperdir=$1/layer,workdir=$1/work" "$root" ||
	    return 1
	mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys" && mount -t tmpfs -o mode=755 dev \
	    "$root/dev" || return 1
	for device in null zero full random urandom tty; do
		touch "$root/dev/$device" && mount --bind /dev/$device "$root/dev/$device" || return 1
	done
	mkdir "$root"/dev/{pts,shm} && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts" &&
	    mount -t tmpfs -o mode=1777 shm "$root/dev/shm" || return 1
	ln -s pts/ptmx "$root/dev/ptmx" && ln -s /proc/self/fd "$root/dev/fd" && ln -s fd/1 "$root/dev/stdout" &&
	    mount -t tmpfs -o mode=755 run "$root/run"
}

# machine_install ROOT YAML: what `make install` installs, and that configuration
machine_install() {
	local prefix config
	prefix=$(sed -n 's|^ExecStart=\(.*\)/sbin/bibd .*|\1|p' "$BUILD/etc/bibd.service")
	config=$(sed -n 's|^ExecStart=.* -f ||p' "$BUILD/etc/bibd.service")
	mkdir -p "$1$prefix"/{sbin,bin,libexec/bibd,share/bibd} "$1/var/lib/bibd" "$1$(dirname "$config")" &&
	    cp "$BUILD/bibd" "$1$prefix/sbin/" && cp "$BUILD/bibctl" "$1$prefix/bin/" &&
	    cp "$BUILD"/bibd-* "$1$prefix/libexec/bibd/" && cp -r "$top/etc/migrations" "$1$prefix/share/bibd/" &&
	    cp "$BUILD"/etc/bibd*.service "$1/etc/systemd/system/" &&
	    cp "$top/etc/bibd.tmpfiles" "$1/etc/tmpfiles.d/bibd.conf" &&
	    printf '%s\n' "$2" >"$1$config"
}

# machine_units LAYER UNIT...: only these are started at boot, beside what systemd needs itself
machine_units() {
	local layer=$1/etc/systemd/system unit; shift
	mkdir -p "$layer/multi-user.target.wants"
	for unit in /etc/systemd/system/*.wants /etc/systemd/system/default.target; do
		unit=$layer/$(basename "$unit"); rm -rf "$unit"
		# An opaque directory, so that the host's own services are not started in this machine.
		case $unit in *.wants) mkdir -p "$unit" &&
		    python3 -c "import os, sys; os.setxattr(sys.argv[1], 'trusted.overlay.opaque', b'y')" "$unit" ||
		    return 1 ;; esac
	done
	ln -s /lib/systemd/system/multi-user.target "$layer/default.target"
	for unit in systemd-logind.service console-getty.service getty.target systemd-networkd.service; do
		ln -sf /dev/null "$layer/$unit"
	done
	for unit; do ln -s "../$unit" "$layer/multi-user.target.wants/$unit"; done
}

# machine_boot DIR: in the background; DIR/disk, if there is one, is its /var/lib/bibd: a systemd as pid 1 of the
# machine, or again after it went down. MACHINE_PID is that of a process above it, which ends with the machine.
machine_boot() {
	local groups
	groups=$(findmnt -n -o TARGET -t cgroup2 | head -n 1) && [ -n "$groups" ] && mkdir -p "$groups/bibd-test.$$" ||
	    return 1
	(
		echo $BASHPID >"$groups/bibd-test.$$/cgroup.procs" || exit 1
		export -f machine_mount machine_go
		# shellcheck disable=SC2016 # the inner shell expands it
		exec unshare --pid --fork --kill-child --mount --propagation private --uts --ipc --net --cgroup \
		    bash -c 'machine_mount "$0" && machine_go "$0"' "$1"
	) >>"$1/console" 2>&1 &
	MACHINE_PID=$!
	started+=("$MACHINE_PID")
}

# machine_go DIR: within its namespaces: only what a test needs of this host's services
machine_go() {
	local root=$1/root
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" && mkdir -p "$root/old" || exit 1
	[ ! -d "$1/disk" ] || mount --bind "$1/disk" "$root/var/lib/bibd" || exit 1
	[ ! -d "$1/engine" ] || { mkdir -p "$root/engine" && mount --bind "$1/engine" "$root/engine"; } || exit 1
	cd "$root" && pivot_root . old && umount -l /old || exit 1
	exec env -i container=bibd-test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    /lib/systemd/systemd --log-target=console --show-status=no
}

# machine_run COMMAND...: in the machine
machine_run() { nsenter -a -t "$(pgrep -P "$MACHINE_PID")" "$@"; }

# machine_end: removes the groups of processes that it had
machine_end() {
	local groups
	[ -n "${MACHINE_PID:-}" ] || return 0
	groups=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
	kill -KILL "$MACHINE_PID" "$(pgrep -P "$MACHINE_PID")" 2>/dev/null; wait "$MACHINE_PID" 2>/dev/null
	find "$groups/bibd-test.$$" -depth -type d -exec rmdir {} + 2>/dev/null
}

# machine_packages ROOT NAME...: unpacks packages of Debian's there, which are fetched once; nothing of the host changes
machine_packages() {
	local root=$1 name cache=/var/tmp/bibd-test-packages; shift
	mkdir -p "$cache" || return 1
	for name; do
		[ -n "$(find "$cache" -name "${name}_*.deb" -print -quit)" ] ||
		    (cd "$cache" && apt-get download -q "$name") >/dev/null 2>&1 ||
		    return 1
		dpkg-deb --fsys-tarfile "$cache/${name}"_*.deb | tar -x -C "$root" --keep-directory-symlink || return 1
	done
	ldconfig -r "$root"
}
