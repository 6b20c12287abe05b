# timeout: 100
. "$(dirname "$0")/../lib/system.sh"
. "$(dirname "$0")/../lib/tmux.sh"
printf 'market,time_us,id,price,size,side,received_us\nupbit:KRW-BTC,%s000000,1,145000000,1,buy,\n' "$(date +%s)" >"$work/trades.csv"
"$python" "$here/lib/maketape.py" "$tape" "$work/trades.csv" --leave stopped
settings() { mux display-message -p -t s '#{pane_tty}' | xargs -I{} stty -F {} -a; }
modes() { mux display-message -p -t s 'alternate #{alternate_on} cursor #{cursor_flag} keypad #{keypad_cursor_flag}#{keypad_flag}'; }

for way in q INT C-c TERM HUP SEGV ABRT; do
	pane_env=(LC_ALL=C.UTF-8 TERM=tmux-256color ASAN_OPTIONS=detect_leaks=0)
	open_pane 80 24 bash --norc -c "echo what stood here before; read -r; '$tapedeck' --db '$tape' watch; echo code=\$? done; read -r"
	wait_shows 'what stood here'
	before=$(settings) modes_before=$(modes)
	press Enter
	wait_shows 'upbit:KRW-BTC +145000000'
	[ "$before" != "$(settings)" ] || fail "the terminal's settings are not changed: this test tries nothing"
	[ "$modes_before" != "$(modes)" ] || fail "the terminal's modes are not changed: this test tries nothing"
	case $way in
	q | C-c) press "$way" ;;
	*) kill -"$way" "$(watch_pid)" ;;
	esac
	wait_shows 'code=[0-9]+ done'
	equal "stty -a after $way" "$before" "$(settings)"
	equal "modes after $way" "$modes_before" "$(modes)"
	shows 'what stood here' || fail "after $way the screen is not as it was: $(screen)"
	shows 'upbit:KRW-BTC' && fail "after $way the frame is still there"
	code=$(screen | sed -n 's/.*code=\([0-9]*\) done.*/\1/p')
	case $way in
	SEGV) equal "exit code after $way" 139 "$code" ;;
	ABRT) equal "exit code after $way" 134 "$code" ;;
	*) equal "exit code after $way" 0 "$code" ;;
	esac
done

# Ctrl-Z gives the terminal back, fg takes it again.
open_pane 80 24 bash --norc --noprofile -i
press "PS1='prompt> '; clear; '$tapedeck' --db '$tape' watch" Enter
wait_shows 'upbit:KRW-BTC +145000000'
for round in 1 2; do
	press C-z
	wait_shows 'prompt>'
	wait_gone 'T/MIN'
	press "echo its prompt works $round" Enter
	wait_shows "^its prompt works $round"
	press fg Enter
	wait_shows 'upbit:KRW-BTC +145000000'
	press '?'
	wait_shows 'quiet for far longer'
	press x
	wait_gone 'quiet for far longer'
done
press q
wait_shows 'prompt> *$'

# The terminal itself goes away: nobody is left behind.
open_pane 80 24 "$tapedeck" --db "$tape" watch
wait_shows 'upbit:KRW-BTC +145000000'
pid=$(watch_pid)
mux kill-server
gone() { ! kill -0 "$pid" 2>/dev/null; }
until_true 5 gone || fail "it goes on without a terminal"
