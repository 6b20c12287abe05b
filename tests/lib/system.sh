# Sourced by the system tests: a folder that goes away, real programs in other processes, and words for what to expect.
# TAPEDECK_BUILD names the build whose programs are tried.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
top=$(cd "$here/.." && pwd)
build=${TAPEDECK_BUILD:?names the build to test}
tapedeckd=$build/recorder/tapedeckd
tapedeck=$build/query/tapedeck
simexchange=$build/tests/simexchange/simexchange
python=/usr/bin/python3 # Debian's own: it has python3-websockets

work=$(mktemp -d)
tape=$work/tape.db
ledger=$work/ledger.csv
log=$work/recorder.log
exchange_pid='' recorder_pid='' port='' mounted=''
more_pids=()

cleanup() {
	local status=$?
	kill -9 $exchange_pid $recorder_pid "${more_pids[@]}" 2>/dev/null || true
	[ -z "$mounted" ] || umount -l "$mounted"
	wait 2>/dev/null || true
	if [ $status -ne 0 ] && [ $status -ne 77 ]; then
		echo "--- the recorder's log"
		tail -n 25 "$log" 2>/dev/null || true
		echo "--- the exchange's"
		tail -n 10 "$work/exchange.log" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap cleanup EXIT

fail() {
	echo "FAILED: $*"
	exit 1
}
skip() {
	echo "SKIPPED: $*"
	exit 77
}
check() { # check WHAT COMMAND...: the command must succeed
	local what=$1
	shift
	"$@" || fail "$what"
}
equal() { # equal WHAT EXPECTED FOUND
	[ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"
}

until_true() { # until_true SECONDS COMMAND...
	local tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

make_certs() {
	[ -e "$work/certs/.complete" ] || bash "$here/lib/certs.sh" "$work/certs"
}

# With & behind it.  Both have a clock of their own that a test can shift; under faketime (tests/lib/at_hour.sh) their threads would
# not always wake.
in_true_time() { exec env -u LD_PRELOAD "$@"; }

start_exchange() { # OPTION...; certificate=NAME chooses another than "server"
	make_certs
	rm -f "$work/port"
	in_true_time "$simexchange" --port-file "$work/port" --cert "$work/certs/${certificate:-server}.pem" \
		--key "$work/certs/${certificate:-server}.key" --ledger "$ledger" \
		${TAPEDECK_TEST_WALL_SHIFT_S:+--clock-shift "$TAPEDECK_TEST_WALL_SHIFT_S"} "$@" 2>>"$work/exchange.log" &
	exchange_pid=$!
	until_true 10 test -s "$work/port" || fail "the simulated exchange does not start"
	port=$(cat "$work/port")
}
stop_exchange() {
	kill -TERM "$exchange_pid" 2>/dev/null || true
	wait "$exchange_pid" || true
	exchange_pid=''
}

addresses() { # the options that lead to the simulated exchange; $1: the host's name
	printf '%s\n' --db "$tape" --ca-file "$work/certs/ca.pem" --ws-url "upbit=wss://${1:-localhost}:$port/websocket/v1" \
		--rest-url "upbit=https://${1:-localhost}:$port"
}
record() { # OPTION... MARKET...: in the background
	local options
	mapfile -t options < <(addresses)
	in_true_time "$tapedeckd" "${options[@]}" "$@" 2>>"$log" &
	recorder_pid=$!
}
record_all_of() { # EXCHANGE WS_PATH OPTION...: every market of that exchange, from the simulated one; in the background
	local exchange=$1 path=$2
	shift 2
	in_true_time "$tapedeckd" --db "$tape" --ca-file "$work/certs/ca.pem" --ws-url "$exchange=wss://localhost:$port$path" \
		--rest-url "$exchange=https://localhost:$port" "$@" "$exchange:*" 2>>"$log" &
	recorder_pid=$!
}
sql() { sqlite3 -readonly "file:$tape?mode=ro" "$1"; }
logged() { grep -qE "$1" "$log"; }
wait_logged() { # SECONDS PATTERN
	until_true "$1" logged "$2" || fail "the log does not say '$2' within $1 s"
}
stop_recorder() { # [SIGNAL]: must exit 0 within 5 s
	local begin=$SECONDS status=0
	kill -"${1:-TERM}" "$recorder_pid"
	wait "$recorder_pid" || status=$?
	recorder_pid=''
	equal "exit code after SIG${1:-TERM}" 0 $status
	[ $((SECONDS - begin)) -le 5 ] || fail "the stop took $((SECONDS - begin)) s"
}

# Both sorted: symbol,time_ms,price,size,side,id
tape_rows() { "$tapedeck" --db "$tape" export --time-format ms | tail -n +2 | cut -d, -f2-7 | LC_ALL=C sort; }
ledger_rows() { LC_ALL=C sort "$ledger"; }
tape_count() { sqlite3 "file:$tape?mode=ro" 'SELECT count(*) FROM trade'; }
tape_has() { [ "$(tape_count 2>/dev/null || echo 0)" -ge "$1" ]; }

tape_equals_ledger() {
	tape_rows >"$work/tape.rows"
	ledger_rows >"$work/ledger.rows"
	cmp -s "$work/tape.rows" "$work/ledger.rows" && return 0
	echo "tape $(wc -l <"$work/tape.rows") rows, ledger $(wc -l <"$work/ledger.rows"); the first differences (< tape, > ledger):"
	diff "$work/tape.rows" "$work/ledger.rows" | head -n 6
	return 1
}
# Candles of the tape = candles of its trades, and the file is whole.
tape_is_sound() { "$python" "$here/lib/check_tape.py" "$tape"; }
