# timeout: 150
# Binance's testnets count their ids from 1 again; so may a market that is listed anew. Its ids then meet those of older trades on
# the tape, which are others.
. "$(dirname "$0")/../lib/system.sh"
whole_between_its_first_and_its_last() { # SYMBOL
	"$python" - "$1" "$ledger" "$work/tape.csv" <<-'P'
	import sys
	symbol, ledger, export = sys.argv[1:]
	have = {tuple(row[1:7]) for row in (line.rstrip("\n").split(",") for line in open(export)) if row[1] == symbol}
	there = [tuple(line.rstrip("\n").split(",")) in have for line in open(ledger) if line.startswith(symbol + ",")]
	last = max(i for i, on_tape in enumerate(there) if on_tape)
	between = there[there.index(True):last + 1]
	assert len(between) > 500 and all(between), f"{between.count(False)} of {len(between)} trades are missing"
	P
}
counts_anew() { # TIMES MARKET: so many epochs, each with a row that says so and hides nothing
	[ "$(sql "SELECT count(*) FROM id_epoch JOIN market USING (market_id) WHERE symbol = '$2'")" = "$1" ]
}
try() { # WHAT EXCHANGE PATH TIME_FORMAT WHOLE EPOCHS SCRIPT_LINE...
	local what=$1 exchange=$2 path=$3 format=$4 whole=$5 epochs=$6
	shift 6
	: >"$log"
	rm -f "$tape"* "$ledger"
	printf '%s\n' "$@" >"$work/script"
	start_exchange --dialect "$exchange" --market-count 2 --rate 200 --first-id 1 --script "$work/script"
	record_all_of "$exchange" "$path"
	wait_logged 30 ' live exchange='
	sleep 7
	if [ "${kill_it:-}" ]; then
		kill -KILL "$recorder_pid"
		wait "$recorder_pid" 2>/dev/null || true
		record_all_of "$exchange" "$path"
	fi
	sleep 8
	stop_recorder
	stop_exchange
	"$tapedeck" --db "$tape" export --time-format "$format" >"$work/tape.csv"
	check "$what, $exchange: nothing is missing in silence" "$python" "$here/lib/missing.py" "$tape" "$ledger" "$work/tape.csv"
	[ "$whole" = no ] || check "$what, $exchange: nothing is missing" whole_between_its_first_and_its_last ETHUSDT
	[ "$epochs" = any ] || check "$what, $exchange: the market's ids have begun again $epochs times" counts_anew "$epochs" ETHUSDT
	check "$what, $exchange: the tape is sound" tape_is_sound
	check "$what, $exchange: verify agrees" "$tapedeck" --db "$tape" verify
}
try "ids begin again, twice" binance /stream us yes 2 'after=5 renumber ETHUSDT keep' 'after=10 renumber ETHUSDT'
try "ids begin again" binance-usdm /market/stream ms yes 1 'after=5 renumber ETHUSDT'
# When they are counted further than before by then, only their times tell.
try "ids begin again in an outage" binance /stream us no any 'after=5 drop' 'after=5 refuse 3' 'after=6 renumber ETHUSDT'
kill_it=yes try "ids begin again, and kill -9" binance /stream us no 1 'after=5 renumber ETHUSDT'
