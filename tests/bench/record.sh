#!/usr/bin/env bash
# From a TLS socket to committed rows: tapedeckd beside a recorder written in Python, at the same work, by turns.
#   record.sh [BUILD_DIR [TRADES [ROUNDS]]]      a release build (build/release of the repository), 300000, 3
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-$here/../../build/release}
trades=${2:-300000}
rounds=${3:-3}
tapedeckd=$build/recorder/tapedeckd
tapedeck=$build/query/tapedeck
simexchange=$build/tests/simexchange/simexchange
python=/usr/bin/python3 # Debian's own: it has python3-websockets
codes=(KRW-BTC KRW-ETH KRW-XRP KRW-SOL KRW-DOGE KRW-ADA KRW-TRX KRW-LINK BTC-ETH USDT-BTC)

for program in "$tapedeckd" "$tapedeck" "$simexchange"; do
	[ -x "$program" ] || {
		echo "record.sh: $program is missing; needed: a release build with the tests' programs, from" >&2
		echo "  cmake -S . -B BUILD_DIR -DCMAKE_BUILD_TYPE=Release -DTAPEDECK_TESTS=ON && cmake --build BUILD_DIR" >&2
		exit 2
	}
done
"$python" -c 'import websockets' 2>/dev/null || {
	echo "record.sh: Debian's python3-websockets is missing: apt-get install python3-websockets" >&2
	exit 2
}
command -v openssl >/dev/null || {
	echo "record.sh: openssl is missing: apt-get install openssl" >&2
	exit 2
}
case $trades$rounds in *[!0-9]*)
	echo "usage: record.sh [BUILD_DIR [TRADES [ROUNDS]]]" >&2
	exit 2
	;;
esac

work=$(mktemp -d)
exchange_pid=''
cleanup() {
	[ -z "$exchange_pid" ] || kill "$exchange_pid" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap cleanup EXIT
bash "$here/../lib/certs.sh" "$work/certs"
ca=$work/certs/ca.pem
ledger=$work/ledger
db=$work/db

# Both give symbol,time_ms,price,size,side,id, sorted, decimals plain.
tapedeckd_rows() { "$tapedeck" --db "$db" export --time-format ms | tail -n +2 | cut -d, -f2-7 | LC_ALL=C sort; }
python_rows() {
	"$python" - "$db" <<-'PY' | LC_ALL=C sort
		import sqlite3, sys
		from decimal import Decimal
		for row in sqlite3.connect(sys.argv[1]).execute("SELECT market, time_ms, price, size, side, id FROM trade"):
		    market, ms, price, size, side, number = row
		    price, size = (format(Decimal(d).normalize(), "f") for d in (price, size))
		    print(market, ms, price, size, side, number, sep=",")
	PY
}

run_once() { # WHO SYNC
	local command query
	rm -f "$ledger" "$db"* "$work/port"
	"$simexchange" --cert "$work/certs/server.pem" --key "$work/certs/server.key" --port-file "$work/port" --ledger "$ledger" \
		--markets "$(IFS=, && echo "${codes[*]}")" --seed 1 --rate max --trades "$trades" --start-on-subscribe 2>"$work/exchange.log" &
	exchange_pid=$!
	until [ -s "$work/port" ]; do sleep 0.05; done
	local port
	port=$(cat "$work/port")
	if [ "$1" = tapedeckd ]; then
		command=("$tapedeckd" --db "$db" --sync "$2" --ca-file "$ca" --ws-url "upbit=wss://localhost:$port/websocket/v1"
			--rest-url "upbit=https://localhost:$port" "${codes[@]/#/upbit:}")
		query='SELECT sum(trades) FROM candle_1m'
	else
		command=("$python" "$here/python_recorder.py" "$db" "wss://localhost:$port/websocket/v1" "$ca" "$2" "${codes[@]}")
		query='SELECT max(rowid) FROM trade'
	fi
	if ! "$python" "$here/watch.py" "$trades" "$exchange_pid" "$ledger" "$db" "$query" "${command[@]}" >"$work/measured" 2>"$work/log"; then
		tail -n 5 "$work/log" >&2
		exit 1
	fi
	kill "$exchange_pid" && wait "$exchange_pid"
	exchange_pid=''
	"$1_rows" >"$work/rows"
	LC_ALL=C sort "$ledger" | cmp -s - "$work/rows" || {
		echo "record.sh: what $1 recorded is not what the exchange made: $(wc -l <"$work/rows") rows of $trades" >&2
		exit 1
	}
	echo "$1 $2 $(cat "$work/measured")" >>"$work/results"
	show "$1 $2 $(cat "$work/measured")"
}

# From WHO SYNC SECONDS CPU EXCHANGE_CPU RSS_KIB BYTES to a line of the table.
show() {
	echo "$1" | awk -v n="$trades" '{ printf "%-10s %-7s %9.0f %12.2f %9.1f %12.1f %7.2f %11.2f\n",
		$1, $2, n / $3, $4 / n * 1e6, $6 / 1024, $7 / n, $4 / $3, $5 / $3 }'
}
median() { # WHO SYNC: each column's own
	"$python" - "$1" "$2" "$work/results" <<-'PY'
		import statistics, sys
		who, sync, path = sys.argv[1:]
		rows = [line.split()[2:] for line in open(path) if line.split()[:2] == [who, sync]]
		print(who, sync, *(statistics.median(map(float, column)) for column in zip(*rows)))
	PY
}

echo "$trades trades of ${#codes[@]} markets over TLS on $(nproc) cores, which the exchange and the recorder share; $rounds rounds."
echo "Each run's rows were compared with the exchange's ledger and are equal to it."
echo "Load average before: $(cut -d " " -f 1-3 /proc/loadavg). What else runs here takes from trades/s; from CPU less, from bytes nothing."
echo
printf '%-10s %-7s %9s %12s %9s %12s %7s %11s\n' recorder sync trades/s 'CPU s/M' 'peak MiB' bytes/trade cores "exchange's"
for ((round = 1; round <= rounds; round++)); do
	for sync in full normal; do
		run_once tapedeckd $sync
		run_once python $sync
	done
done
echo
echo "medians"
for sync in full normal; do
	ours=$(median tapedeckd $sync)
	theirs=$(median python $sync)
	show "$ours"
	show "$theirs"
	echo "$ours $theirs" | awk '{ printf "%-18s %8.1fx %11.1fx %8.1fx %11.2fx\n",
		"better by", $10 / $3, $11 / $4, $13 / $6, $14 / $7 }'
done
