# timeout: 100
. "$(dirname "$0")/../lib/system.sh"
. "$(dirname "$0")/../lib/tmux.sh"
start_exchange --market-count 40 --rate 400 --trades 2400 --start-on-subscribe
record 'upbit:*'
until_true 20 tape_has 200 || fail "nothing is recorded"
open_pane 80 24 bash -c "'$tapedeck' --db '$tape' watch; echo code=\$?; read -r"

# Live: what is recorded now is on the screen at once.
wait_shows 'tapedeck +40 markets'
first=$(screen)
sleep 1
[ "$first" != "$(screen)" ] || fail "nothing moves while trades are recorded"
until_true 30 tape_has 2400 || fail "of 2400 trades $(tape_count) arrive"

# Every row's price is the ledger's last one, which is `tapedeck last`'s.
prices() { # of the rows on the screen: MARKET PRICE
	screen | awk '$1 ~ /^upbit:/ { print $1, $2 } ($1 == "!" || $1 == "x") && $2 ~ /^upbit:/ { print $2, $3 }'
}
"$tapedeck" --db "$tape" last --tsv | awk '{ print $1 ":" $2, $4 }' >"$work/last"
same_prices() { # as many rows as said, and all right
	prices >"$work/seen"
	[ "$(wc -l <"$work/seen")" -eq "$1" ] && ! grep -vxF -f "$work/last" "$work/seen"
}
until_true 5 same_prices 19 || { screen; fail "prices differ: $(prices | grep -vxF -f "$work/last")"; }
# The screen says nothing that the ledger does not: the last trade of each market, by time and id.
sort -t, -k1,1 -k2,2n -k6,6n "$ledger" | awk -F, '{ last["upbit:" $1] = $3 } END { for (m in last) print m, last[m] }' >"$work/ledger.last"
grep -vxF -f "$work/ledger.last" "$work/seen" && fail "the screen differs from the ledger"

# Moving: the chosen row is told by Enter, which shows it in large.
names=($("$tapedeck" --db "$tape" markets --tsv | awk '{ print $1 ":" $2 }'))
chosen() { # KEYS...: press, look at the market in large, come back
	press "$@"
	press Enter
	wait_shows 'candles of'
	screen | awk '/^ upbit:/ { print $1; exit }'
	press Escape
	wait_shows '1-6: sort'
}
equal "the first" "${names[0]}" "$(chosen)"
equal "Down" "${names[1]}" "$(chosen Down)"
equal "j" "${names[2]}" "$(chosen j)"
equal "Up" "${names[1]}" "$(chosen Up)"
equal "k" "${names[0]}" "$(chosen k)"
equal "PgDn" "${names[18]}" "$(chosen NPage)"
equal "Space" "${names[36]}" "$(chosen Space)"
equal "PgUp" "${names[18]}" "$(chosen PPage)"
equal "End" "${names[39]}" "$(chosen End)"
shows '22-40/40' || fail "the foot does not tell the place"
equal "Home" "${names[0]}" "$(chosen Home)"
equal "G" "${names[39]}" "$(chosen G)"
equal "g" "${names[0]}" "$(chosen g)"

# Sorting, by each column, both ways.
top() { prices | head -n 1 | cut -d' ' -f1; }
top_is() { # the chosen market stays chosen, so the page is asked to go to its top
	press Home
	[ "$(top)" = "$1" ]
}
press 2
wait_shows 'LAST\+'
dearest=$(sort -k2,2 -g -r "$work/last" | head -n 1 | cut -d' ' -f1)
cheapest=$(sort -k2,2 -g "$work/last" | head -n 1 | cut -d' ' -f1)
until_true 5 top_is "$dearest" || fail "by price: $(top) is first, not $dearest"
press 2
wait_shows 'LAST-'
until_true 5 top_is "$cheapest" || fail "by price, turned: $(top) is first, not $cheapest"
press r
wait_shows 'LAST\+'
for column in 'DAY 3' 'HOUR 4' 'T/MIN 5' 'AGE 6' 'MARKET 1'; do
	press "${column#* }"
	wait_shows "${column% *}\\+"
	press "${column#* }"
	wait_shows "${column% *}-"
done
until_true 5 top_is "${names[39]}" || fail "by name, turned"
for step in '> LAST' '> DAY' '< LAST' 'Right DAY' 'Left LAST' 'Left MARKET'; do
	press "${step% *}"
	wait_shows "${step#* }\\+"
done

# Filter: typed, edited, kept, given up.
press / k r w - b t x
wait_shows '/krw-btx'
wait_shows 'no market fits'
press BSpace c
wait_shows ' 1 of 40 markets'
press Enter
wait_shows 'only markets with "krw-btc"'
equal "the one that fits" upbit:KRW-BTC "$(top)"
press Escape
wait_shows 'tapedeck +40 markets'
press / e t h
wait_shows '/eth'
press Escape
wait_shows 'tapedeck +40 markets'

# In large: candles of each interval, exact prices on the axis, the newest trades, the neighbours.
press Home Enter
wait_shows 'candles of 1m'
name=${names[0]}
price=$(grep -F "$name " "$work/last" | cut -d' ' -f2)
wait_shows "^ $name +$price"
for key in '5 5m' 'h 1h' '1 1m'; do
	press "${key% *}"
	wait_shows "candles of ${key#* } "
	"$tapedeck" --db "$tape" ohlc "$name" -i "${key#* }" --tsv >"$work/ohlc"
	high=$(cut -f3 "$work/ohlc" | sort -g | tail -n 1)
	low=$(cut -f4 "$work/ohlc" | sort -g | head -n 1)
	wait_shows " ${high//./\\.}$"
	shows " ${low//./\\.}$" || fail "the lowest price $low is not on the axis"
done
newest=$("$tapedeck" --db "$tape" trades "$name" -n 5 --tsv | awk '{ print substr($3, 12, 12), $4, $5, $6 }' | tac)
equal "the newest trades" "$newest" "$(screen | awk '/TIME +PRICE/ { on = 1; next } on && NF == 4 && $4 ~ /buy|sell/ { print $1, $2, $3, $4 }')"
press Down
wait_shows "^ ${names[1]} "
press Up
wait_shows "^ ${names[0]} "
for back in Escape Enter BSpace; do
	press "$back"
	wait_shows 'T/MIN'
	press Enter
	wait_shows 'candles of'
done
# Help over both pages; any key ends it, and does nothing else.
press '?'
wait_shows 'quiet for far longer'
press q
wait_shows 'candles of'
press Escape
wait_shows 'T/MIN'
press '?'
wait_shows 'quiet for far longer'
press x
wait_shows 'T/MIN'
press q
wait_shows '^code=0'

# One frame without a terminal says the same.
"$tapedeck" --db "$tape" watch -1 </dev/null | awk '$1 ~ /^upbit:/ { print $1, $2 } $1 == "!" { print $2, $3 }' | sort >"$work/once"
sort "$work/last" | cmp -s - "$work/once" || fail "watch -1 shows other prices: $(diff "$work/last" "$work/once")"
stop_recorder TERM
