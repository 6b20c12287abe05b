. "$SOURCE/tests/cli/lib.sh"
now=$(date +%s)
{
	echo market,time_us,id,price,size,side,received_us
	for i in $(seq 1 60); do echo "upbit:KRW-BTC,$(((now - 120 + i) * 1000000)),$i,$i,1,buy,$(((now - 120 + i) * 1000000 + 250000))"; done
	echo "binance:BTCUSDT,$(((now - 30) * 1000000)),9,5,1,sell,"
} >trades.csv
tape --market upbit:KRW-XRP
sqlite "INSERT INTO gap (market_id, from_us, to_us, reason, state, opened_us) SELECT market_id, 5, 6, 'disconnect', 'filled', 0 FROM market WHERE symbol = 'KRW-BTC'" \
	"INSERT INTO gap (market_id, from_us, reason, state, opened_us) SELECT market_id, 7, 'disconnect', 'open', 0 FROM market WHERE symbol = 'KRW-BTC'"
value() { sed -n "s/^$1 //p" out.txt; }
td status --prometheus
same code 0 "$code"
same "no recorder" 0 "$(value tapedeck_recorder_up)"
same "newest of upbit" "$((now - 60)).000000" "$(value 'tapedeck_last_trade_timestamp_seconds{exchange="upbit"}')"
same "trades of upbit" 60 "$(value 'tapedeck_trades_24h{exchange="upbit"}')"
same "lag of upbit" 0.250000 "$(value 'tapedeck_lag_seconds{exchange="upbit"}')"
same "lag of binance, of which nothing was received" '' "$(value 'tapedeck_lag_seconds{exchange="binance"}')"
same "gaps" '1 1' "$(value 'tapedeck_gaps{exchange="upbit",state="filled"}') $(value 'tapedeck_gaps{exchange="upbit",state="open"}')"
same "bytes" "$(stat -c %s "$db")" "$(value tapedeck_tape_bytes)"
[ "$(value tapedeck_disk_free_bytes)" -gt 0 ] || fail "no free space: $out"
! grep -q tapedeck_market_ out.txt || fail "lines of markets that nobody named"
grep -v 'bytes\|left' out.txt >whole.txt
td status --prometheus upbit:KRW-BTC 'upbit:KRW-X*'
same "the totals are the whole tape's" "$(cat whole.txt)" "$(grep -v 'bytes\|left\|tapedeck_market_' out.txt)"
same "a market that is named" 60 "$(value 'tapedeck_market_trades_24h{exchange="upbit",symbol="KRW-BTC"}')"
same "its open gaps" 1 "$(value 'tapedeck_market_open_gaps{exchange="upbit",symbol="KRW-BTC"}')"
same "a market without trades" 0 "$(value 'tapedeck_market_trades_24h{exchange="upbit",symbol="KRW-XRP"}')"
# The format: each metric has its HELP and TYPE before its lines, which stand together, and no line comes twice.
"$PYTHON" - out.txt <<'END' || fail "the format: $out"
import re, sys
seen, lines, now = set(), set(), None
for line in open(sys.argv[1]):
    head = re.fullmatch(r"# (HELP|TYPE) (tapedeck_[a-z0-9_]+) (.+)\n", line)
    if head and head[1] == "HELP":
        now = head[2]
        assert now not in seen, line
        seen.add(now)
    elif head:
        assert head[2] == now and head[3] in ("gauge", "counter") and (head[3] == "counter") == now.endswith("_total"), line
    else:
        row = re.fullmatch(r'(tapedeck_[a-z0-9_]+)((?:\{[a-z]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*\})?) -?[0-9.]+\n', line)
        assert row and row[1] == now and line.split(" ")[0] not in lines, line
        lines.add(line.split(" ")[0])
END
if command -v promtool >/dev/null; then promtool check metrics <out.txt || fail "promtool"; fi
refuse 2 '--prometheus is a form of its own' status --prometheus --json
refuse 2 "'last' takes no --prometheus" last --prometheus
td status --prometheus --max-age 1s
same "code where it is stale" 4 "$code"
[ -n "$out" ] || fail "nothing is printed where it is stale"
