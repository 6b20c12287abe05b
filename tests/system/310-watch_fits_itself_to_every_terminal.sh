# timeout: 100
. "$(dirname "$0")/../lib/system.sh"
. "$(dirname "$0")/../lib/tmux.sh"
start_exchange --markets KRW-BTC,KRW-ETH,BTC-XRP --rate 50 --trades 400 --start-on-subscribe
record 'upbit:*'
until_true 20 tape_has 400 || fail "nothing is recorded"
price=$("$tapedeck" --db "$tape" price upbit:KRW-BTC)
raw() { mux capture-pane -p -e -t s; }
has_colors() { raw | grep -qE $'\033''\[[0-9;]*(3[1-7]|38;[25])'; }
not_ascii() { screen | LC_ALL=C grep -q '[^ -~]'; }

# 256 colours, 8, true colour, none.
open_pane 80 24 "$tapedeck" --db "$tape" watch
wait_shows "upbit:KRW-BTC +$price"
until_true 5 has_colors || fail "no colours"
raw | grep -qE $'\033''\[[0-9;]*38;5;' || fail "no colours of the 256"
not_ascii || fail "no sparkline in a UTF-8 locale"
pane_env=(LC_ALL=C.UTF-8 TERM=xterm NO_COLOR= COLORTERM=)
open_pane 80 24 "$tapedeck" --db "$tape" watch
wait_shows "upbit:KRW-BTC +$price"
until_true 5 has_colors || fail "no colours with 8"
raw | grep -qE $'\033''\[[0-9;]*38;5;' && fail "a terminal of 8 colours got others"
pane_env=(LC_ALL=C.UTF-8 TERM=xterm-direct NO_COLOR= COLORTERM=)
if infocmp xterm-direct >/dev/null 2>&1; then
	open_pane 80 24 "$tapedeck" --db "$tape" watch
	wait_shows "upbit:KRW-BTC +$price"
	until_true 5 has_colors || fail "no true colours"
fi
for term in tmux-256color xterm-256color vt100; do
	pane_env=(LC_ALL=C.UTF-8 TERM=$term NO_COLOR=1 COLORTERM=truecolor)
	open_pane 80 24 "$tapedeck" --db "$tape" watch
	wait_shows "upbit:KRW-BTC +$price"
	sleep 0.3
	has_colors && fail "colours in spite of NO_COLOR with $term"
done

# A locale that is not UTF-8: nothing but ASCII, on every page.
pane_env=(LC_ALL=C TERM=vt100 NO_COLOR= COLORTERM=)
open_pane 80 24 "$tapedeck" --db "$tape" watch
wait_shows "upbit:KRW-BTC +$price [v^]"
not_ascii && fail "not ASCII in the C locale: $(screen)"
press Enter
wait_shows 'candles of'
not_ascii && fail "not ASCII in the C locale: $(screen)"

# Terminals that cannot place a cursor, or that nobody knows: said, exit code 2, -1 named.
for term in dumb nonsense-term; do
	pane_env=(LC_ALL=C.UTF-8 TERM=$term)
	open_pane 150 24 bash -c "'$tapedeck' --db '$tape' watch; echo code=\$?; read -r"
	wait_shows '^code=2'
	shows 'watch -1' || fail "TERM=$term: $(screen)"
done
TERM=dumb "$tapedeck" --db "$tape" watch -1 </dev/null | grep -qE "upbit:KRW-BTC +$price" || fail "-1 with a dumb terminal"

# Sizes: too small says so, and comes back; wide puts the trades beside the chart.
pane_env=(LC_ALL=C.UTF-8 TERM=tmux-256color NO_COLOR= COLORTERM=)
open_pane 80 24 bash -c "'$tapedeck' --db '$tape' watch; echo code=\$?; read -r"
wait_shows "upbit:KRW-BTC +$price"
mux resize-window -x 60 -y 20
wait_shows '60 x 20: too small'
wait_shows 'watch wants 80 x 24'
mux resize-window -x 20 -y 3
wait_shows '20 x 3: too small'
mux resize-window -x 1 -y 1
sleep 0.5
mux resize-window -x 200 -y 50
wait_shows "upbit:KRW-BTC +$price .{60,}"
press / b t c Enter
press Enter
wait_shows 'candles of 1m.*TIME +PRICE'
mux resize-window -x 80 -y 24
wait_shows '^ TIME +PRICE'
press q
wait_shows '^code=0'
stop_recorder TERM
