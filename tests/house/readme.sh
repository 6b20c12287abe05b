#!/usr/bin/env bash
# Runs every command of the README's sh blocks, as a new user would, in a home of its own.  What reaches an exchange reaches
# the simulated one instead: a `tapedeckd` in front of the real one adds its addresses and ends after some seconds.
. "$(dirname "$0")/../lib/system.sh"
release=$(sed -n 's/^TAPEDECK_RELEASE_BUILD:PATH=//p' "$build/CMakeCache.txt")
[ -n "$release" ] || skip "no release build is known; tests/run makes one"
start_exchange --markets KRW-BTC,KRW-ETH --rate 100
mapfile -t options < <(addresses)

export HOME=$work/home XDG_DATA_HOME='' TMUX_TMPDIR=$work TAPEDECK_BUILD=$release
unset TAPEDECK_DB
mkdir -p "$HOME" "$work/bin"
cat >"$work/bin/tapedeckd" <<W
#!/bin/sh
exec "$HOME/.local/bin/tapedeckd" ${options[@]:2} --for 4s "\$@"
W
cat >"$work/bin/systemd-run" <<'W'
#!/bin/sh
while [ "${1#--}" != "$1" ]; do shift; done
[ -x "$1" ] && shift && exec tapedeckd "$@"
W
command -v tmux >/dev/null || printf '#!/bin/sh\nsh -c "$5"\n' >"$work/bin/tmux"
chmod +x "$work/bin"/*
export PATH=$work/bin:$HOME/.local/bin:$PATH
ln -s "$top/recorder" "$top/tests" "$work/"
ln -s "$release" "$work/build"
cd "$work"

count=0
# README's own pandas-free Python and sqlite3 lines are run as they stand
while IFS= read -r line <&3; do
	command=${line%%  #*}
	case $command in
	./tests/run*) [ -x tests/run ] && continue ;; # this is being run by it
	'./recorder/run upbit:'*) command="timeout -s INT 4 $command; [ \$? -eq 124 ]" ;; # the real exchange, wherever that is
	esac
	count=$((count + 1))
	bash -c "$command" >"$work/out" 2>"$work/err" || {
		tail -n 5 "$work/out" "$work/err"
		fail "this line of the README ends with an error: $line"
	}
	case $command in
	nohup* | tmux* | systemd-run*) until_true 15 sh -c '! pgrep -f "[t]apedeckd .*--for 4s"' ;;
	tapedeck\ *) [ -s "$work/out" ] || [[ $command == *-o* || $command == *--html* ]] || fail "this line of the README says nothing: $line" ;;
	esac
done 3< <(awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on && NF' "$top/README.md")
[ "$count" -ge 15 ] || fail "only $count commands found"
echo "$count commands run"
