#!/usr/bin/env bash
# watch.sh [BUILD_DIR [SECONDS [OPTION...]]]: what `tapedeck watch` costs and how fresh it is; see README.md here.
set -euo pipefail
here=$(cd -P "$(dirname "$0")" && pwd)
build=${1:-$here/../../build}
seconds=${2:-60}
tapedeck=$build/query/tapedeck
for program in "$build/recorder/tapedeckd" "$tapedeck" "$build/tests/simexchange/simexchange"; do
	[ -x "$program" ] || {
		echo "watch.sh: $program is missing; needed: a release build with the tests' programs" >&2
		exit 2
	}
done
command -v tmux >/dev/null || {
	echo "watch.sh: tmux is missing: apt-get install tmux" >&2
	exit 2
}
work=$(mktemp -d)
pids=()
mux() { env -u TMUX LC_ALL=C.UTF-8 tmux -S "$work/tmux" -f /dev/null "$@"; }
cleanup() {
	mux kill-server 2>/dev/null || true
	kill "${pids[@]}" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap cleanup EXIT
bash "$here/../lib/certs.sh" "$work/certs"

cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
measure() { # MARKETS COLUMNS LINES
	local tape=$work/tape$1.db screen begin before
	if [ ! -e "$tape" ]; then
		"$build/tests/simexchange/simexchange" --port-file "$work/port$1" --cert "$work/certs/server.pem" \
			--key "$work/certs/server.key" --market-count "$1" --rate 500 2>"$work/exchange.log" &
		pids+=($!)
		until [ -s "$work/port$1" ]; do sleep 0.1; done
		local port
		port=$(cat "$work/port$1")
		"$build/recorder/tapedeckd" --db "$tape" --ca-file "$work/certs/ca.pem" --ws-url "upbit=wss://localhost:$port/websocket/v1" \
			--rest-url "upbit=https://localhost:$port" 'upbit:*' 2>"$work/recorder.log" &
		pids+=($!)
		sleep 15
	fi
	mux kill-server 2>/dev/null || true
	sleep 0.5
	mux new-session -d -x "$2" -y "$3" -s s "exec env TERM=tmux-256color $tapedeck --db $tape watch"
	screen=$(mux display-message -p -t s '#{pane_pid}')
	sleep 5
	before=$(cpu_ticks "$screen")
	begin=$EPOCHREALTIME
	sleep "$seconds"
	awk -v m="$1" -v s="$2x$3" -v t="$(($(cpu_ticks "$screen") - before))" -v a="$begin" -v b="$EPOCHREALTIME" -v hz="$(getconf CLK_TCK)" \
		-v rss="$(awk '/VmHWM/ { print $2 / 1024 }' "/proc/$screen/status")" \
		'BEGIN { printf "%3d markets, %-7s  %4.2f %% of a core, %.1f MiB", m, s, 100 * t / hz / (b - a), rss }'
	/usr/bin/python3 "$here/watch_fresh.py" "$tape" "$work/tmux" "$seconds"
}

echo "500 trades/s; load average before: $(cut -d " " -f 1-3 /proc/loadavg), on $(nproc) cores which the exchange, the recorder and tmux share."
echo "Then, commit to screen: the changes of the first market's price, in ms."
measure 3 80 24
kill "${pids[@]}"
pids=()
measure 300 80 24
measure 300 200 50
