# timeout: 240
# A market is live by its own frame. What the exchange refuses, or never answers, is not live, is said, and asked for again; a
# market that it refuses for ever stands alone in the end, with its row in the ledger, and all others are recorded.
. "$(dirname "$0")/../lib/system.sh"
begin() { # SCRIPT_LINE: 150 markets, so that there are two frames
	: >"$log"
	rm -f "$tape"* "$ledger"
	printf '%s\n' "$@" >"$work/script"
	start_exchange --dialect binance --market-count 150 --rate 300 --script "$work/script"
	record_all_of binance /stream
}
end() {
	sleep 3
	stop_recorder
	stop_exchange
	check "candles = trades" tape_is_sound
	check "nothing is missing in silence" said "$@"
}
# Each trade of the exchange from behind a market's first one on the tape is there, or lies in a gap that is not filled; so is
# each of a market that has none on the tape, from some seconds after the start. [MARKET]: and that one has such a gap.
said() {
	"$tapedeck" --db "$tape" export --time-format us >"$work/tape.csv"
	"$python" - "$tape" "$ledger" "$work/tape.csv" "$@" <<'PY'
import sqlite3, sys
tape, ledger, export, *refused = sys.argv[1:]
rows = [line.rstrip("\n").split(",") for line in open(export)][1:]
have = {(row[1], row[6]) for row in rows}
first = {}
for row in rows:
    first[row[1]] = min(first.get(row[1], 1 << 62), int(row[2]))
newest = max(int(row[2]) for row in rows)
db = sqlite3.connect(f"file:{tape}?mode=ro", uri=True)
gaps = {}
for symbol, a, b, state, reason in db.execute("SELECT symbol, from_us, ifnull(to_us, 1 << 62), state, reason FROM gap JOIN market USING (market_id)"):
    if state != "filled":
        gaps.setdefault(symbol, []).append((a, b, reason))
silent = []
for line in open(ledger):
    symbol, us, _, _, _, number = line.rstrip("\n").split(",")
    begin = first.get(symbol, min(first.values()) + 5_000_000)
    if begin <= int(us) <= newest - 2_000_000 and (symbol, number) not in have and not any(a <= int(us) < b for a, b, _ in gaps.get(symbol, [])):
        silent.append(line)
assert not silent, f"{len(silent)} trades are missing in silence, the first: {silent[0]}"
(covered,) = db.execute("SELECT count(DISTINCT market_id) FROM coverage WHERE to_us > from_us").fetchone()
assert covered == 150 - len(refused), f"{covered} markets are covered"
for symbol in refused:
    assert [reason for _, _, reason in gaps.get(symbol, [])] == ["refused"], (symbol, gaps.get(symbol))
PY
}

begin 'at=0 refuse-frame 2' # the second of each connection, so that asking again helps
wait_logged 30 'subscription-refused exchange=binance market=binance:[A-Z0-9]+,\.\.\. reason=.*Too many subscriptions.* markets=50'
wait_logged 30 ' live exchange=binance .*markets=150'
end

begin 'at=0 ignore-frame 1'
wait_logged 30 'subscription-refused exchange=binance .*no answer in 10 s.* markets=100'
wait_logged 30 ' live exchange=binance .*markets=150'
end

begin 'at=0 refuse-market ETHUSDT'
wait_logged 90 'subscription-refused exchange=binance market=binance:ETHUSDT reason='
wait_logged 30 ' live exchange=binance .*markets=149'
end ETHUSDT
