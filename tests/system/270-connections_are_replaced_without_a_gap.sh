# alone
# build: release
# timeout: 200
# Lives end every few seconds under load: the next connection is live before the last one goes, no trade is missing, and no
# gap opens, by ids and by the ledger.  ROTATIONS=50 is the figure of the bench; a few are enough here.
. "$(dirname "$0")/../lib/system.sh"
rotations=${ROTATIONS:-6} life_s=3
trades=$((rotations * life_s * 5000 + 10000))

try() { # EXCHANGE WS_PATH TIME_FORMAT EXCHANGE_OPTIONS...
	local exchange=$1 path=$2 format=$3
	shift 3
	rm -f "$tape"* "$ledger"
	: >"$log"
	start_exchange --dialect "$exchange" --market-count 10 --rate 5000 --trades $trades --start-on-subscribe "$@"
	record_all_of "$exchange" "$path" --renew-after ${life_s}s
	until_true $((trades / 5000 + 30)) tape_has $trades || fail "$exchange: of $trades trades $(tape_count) arrive"
	stop_recorder
	stop_exchange
	equal "$exchange: gaps" 0 "$(sqlite3 "$tape" 'SELECT count(*) FROM gap')"
	"$tapedeck" --db "$tape" export --time-format "$format" | tail -n +2 | cut -d, -f2-7 | LC_ALL=C sort >"$work/tape.rows"
	ledger_rows >"$work/ledger.rows"
	check "$exchange: tape = ledger" cmp "$work/tape.rows" "$work/ledger.rows"
	local sockets
	sockets=$(tail -n 1 "$work/exchange.log" | grep -oE 'sockets=[0-9]+' | cut -d= -f2)
	[ "$sockets" -gt $((trades / 5000 / (life_s + 7))) ] || fail "$exchange: only $sockets connections"
	grep -q ' disconnected ' "$log" && fail "$exchange: a connection broke"
	echo "$exchange: $trades trades over $sockets connections, none missing, no gap"
}
try binance /stream us
[ -n "${ROTATIONS:-}" ] || try binance-usdm /market/stream ms
[ -n "${ROTATIONS:-}" ] || try upbit /websocket/v1 ms --reorder-ms 1000
