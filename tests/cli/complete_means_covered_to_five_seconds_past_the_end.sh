. "$SOURCE/tests/cli/lib.sh"
# Coverage ends as the cases say.
minutes_with_trades >trades.csv
covered() { # covered FROM,TO... in seconds after the start
	local spans=() span
	for span; do spans+=(--cover "upbit:KRW-BTC=$(((start + ${span%,*}) * 1000000)),$(((start + ${span#*,}) * 1000000))"); done
	rm -f "$db"
	tape ${spans[@]+"${spans[@]}"}
}
covered; same "never recorded" '0 0 0 0 ' "$(flags -i 1m)"
covered 0,305; same "to 5 s past the end" '1 1 1 1 ' "$(flags -i 1m)"
covered 0,304; same "a second short" '1 1 1 0 ' "$(flags -i 1m)"
covered 1,305; same "begun late" '0 1 1 1 ' "$(flags -i 1m)"
covered 0,100 100,305; same "touching connections" '1 1 1 1 ' "$(flags -i 1m)"
covered 0,110 90,305 95,96; same "overlapping connections" '1 1 1 1 ' "$(flags -i 1m)"
covered 0,100 101,305; same "a second between connections" '1 0 1 1 ' "$(flags -i 1m)"
same "finer than the gap" '1 1 1 1 ' "$(flags -i 1s)"
same "five minutes with the gap" '0 0 ' "$(flags -i 5m --since 1795318200)"
# --require-complete looks at all that was asked for, rows or no rows.
td ohlc upbit:KRW-BTC -i 1m --require-complete --since $((start + 120)); same "whole from minute 2" 0 "$code"
td ohlc upbit:KRW-BTC -i 1m --require-complete; same "a gap" 4 "$code"; same "printed all the same" 4 "$(wc -l <out.txt)"
[[ $err == *"not complete"* ]] || fail "no word about the gap: $err"
covered 0,190 235,305
same "a gap in an empty minute" '1 1 1 1 ' "$(flags -i 1m)"
td ohlc upbit:KRW-BTC -i 1m --require-complete; same "code of a gap in an empty minute" 4 "$code"
td trades upbit:KRW-BTC --require-complete; same "trades with a gap" 4 "$code"
td export --require-complete --until $((start + 180)); same "export before the gap" 0 "$code"
td export --require-complete -o file.csv; same "export with a gap" 4 "$code"
same "is written all the same" 5 "$(wc -l <file.csv)"
td ohlc upbit:KRW-BTC -i 1m --max-age 1h; same "stale candles" 4 "$code"
