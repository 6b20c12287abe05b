#!/usr/bin/env bash
# Makes the .deb, installs it as root, tries what it brought, removes and purges it.  It changes this machine: tests/elsewhere runs it
# in a root of its own (TAPEDECK_TRY_PACKAGE=1).
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "FAILED: $*"; exit 1; }
deb=$(./recorder/package)
apt-get install -y -qq "$deb" >/dev/null 2>&1 || fail "apt-get install $deb"
[ "$(tapedeckd --version)" = "tapedeckd $(dpkg-query -W -f '${Version}' tapedeck)" ] || fail "the version"
tapedeck --version | grep SQLite >/dev/null || fail "tapedeck --version"
getent passwd tapedeck >/dev/null || fail "there is no user tapedeck"
# The sample names no market, and says so; with one it is right, and so is every line of it that is no comment any more.
grep -q '^#market' /etc/tapedeck/tapedeckd.conf || fail "the sample"
! tapedeckd -c /etc/tapedeck/tapedeckd.conf --check-config >/dev/null 2>said || fail "a sample without a market was taken"
grep -q 'names no market' said || fail "$(cat said)"
sed -n 's/^#\([a-z-]* = \([0-9a-z]*\)\)$/\1/p' /etc/tapedeck/tapedeckd.conf >settings.conf
[ "$(wc -l <settings.conf)" -ge 5 ] || fail "the sample has few settings: $(cat settings.conf)"
echo 'market = upbit:KRW-BTC' >>settings.conf
echo 'rest-url = upbit=https://localhost:1' >>settings.conf
tapedeckd -c settings.conf -d /tmp/package.db --check-config | grep 'upbit: 1 market' >/dev/null || fail "the sample's own settings"
for page in tapedeck tapedeckd; do zcat /usr/share/man/man1/$page.1.gz | grep 'SH SYNOPSIS' >/dev/null || fail "the manual page of $page"; done
if command -v systemd-analyze >/dev/null; then
	systemd-analyze verify --recursive-errors=no /usr/lib/systemd/system/tapedeckd.service || fail "the unit"
	systemd-analyze security --offline=true /usr/lib/systemd/system/tapedeckd.service | tail -n 1
fi
if command -v lintian >/dev/null; then lintian --fail-on error "$deb" || fail "lintian"; fi
apt-get remove -y -qq tapedeck >/dev/null 2>&1 || fail "remove"
[ ! -e /usr/bin/tapedeckd ] && [ -e /etc/tapedeck/tapedeckd.conf ] || fail "after remove: the program or its settings"
apt-get purge -y -qq tapedeck >/dev/null 2>&1 || fail "purge"
[ ! -e /etc/tapedeck ] || fail "after purge: $(ls /etc/tapedeck)"
echo "package: $(basename "$deb") installed, tried, removed and purged"
