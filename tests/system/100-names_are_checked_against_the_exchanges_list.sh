. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC,KRW-ETH --list-only KRW-XRP,BTC-ETH --rate 50
ask() { # EXPECTED_STATUS ARGUMENT...: --check-config
	local expected=$1 status=0 options
	shift
	mapfile -t options < <(addresses)
	"$tapedeckd" "${options[@]}" --check-config "$@" >"$work/out" 2>"$log" || status=$?
	equal "exit code for $*" "$expected" $status
	[ ! -e "$tape" ] || fail "--check-config made a tape"
}
ask 2 upbit:BTC-KRW
logged 'upbit:BTC-KRW is not among the 4 markets that the exchange lists; the nearest: upbit:KRW-BTC' || fail "no nearest name"
ask 2 upbit:krw-btc
logged 'lists; did you mean upbit:KRW-BTC[?]' || fail "no nearest name for another case"
for wrong in BTCKRW KRW_BTC BTC; do
	ask 2 "upbit:$wrong"
	logged "upbit:$wrong is not among .* the nearest: upbit:KRW-BTC" || fail "no nearest name for $wrong: $(cat "$log")"
done
ask 2 upbit:zzzzzzzz
logged 'the nearest: upbit:' || fail "no nearest name for what is near to nothing"
ask 2 'upbit:EUR-*'
ask 2 nowhere:KRW-BTC
logged "it knows:.* upbit" || fail "no word on the exchanges"
ask 2 KRW-BTC
ask 2
ask 2 --for soon upbit:KRW-BTC
logged 'tapedeckd: `tapedeckd -h` tells the options' || fail "no way to help"
ask 2 -- for upbit:KRW-BTC
ask 2 upbit:KRW-BTC,KRW-ETH
ask 0 upbit:BTC/KRW upbit:eth/krw
equal "base and quote" "upbit:KRW-BTC upbit:KRW-ETH" "$(sed -n '3,$p' "$work/out" | paste -sd ' ')"
(cd "$work" && touch upbit:notes.txt && ask 2 upbit:*)
logged "upbit:notes.txt is not among .*; a file here has that name: quote patterns, as in 'upbit:KRW-[*]'" || fail "a pattern that the shell expanded: $(cat "$log")"
ask 2 --ws-url bithumb=http://nope upbit:KRW-BTC
logged 'ws-url bithumb' || fail "an address of an exchange that is not recorded is not checked"
ask 0 'upbit:KRW-*' upbit:BTC-ETH upbit:KRW-BTC
equal "what would be recorded" "upbit: 4 markets, checked against the 4 listed" "$(sed -n 2p "$work/out")"

# An answer that nobody can read is none.
not_printed() { # ARGUMENT...; stdout is as the caller made it
	local status=0 options
	mapfile -t options < <(addresses)
	"$tapedeckd" "${options[@]}" "$@" 2>"$log" || status=$?
	equal "exit code of $*, which cannot be printed" 1 $status
	logged 'tapedeckd: the answer could not be printed: ' || fail "not a word on $*: $(cat "$log")"
}
for option in -h --version --check-config; do
	not_printed $option upbit:KRW-BTC >&-
	not_printed $option upbit:KRW-BTC >/dev/full
done

# The tape is checked as a start would: the same code, the same words.
start_says() { # exit 5, and the words that --check-config had
	local status=0
	record upbit:KRW-BTC
	wait "$recorder_pid" || status=$?
	recorder_pid=''
	equal "exit code of a start" 5 $status
	grep -q "^$(grep '^tapedeckd: the tape' "$log")\$" "$work/checked" || fail "the check says '$(cat "$work/checked")', a start '$(cat "$log")'"
}
check_says() { # WORDS
	local status=0 options
	mapfile -t options < <(addresses)
	"$tapedeckd" "${options[@]}" --check-config upbit:KRW-BTC >"$work/out" 2>"$work/checked" || status=$?
	equal "exit code of --check-config" 5 $status
	grep -q "$1" "$work/checked" || fail "--check-config does not say '$1' but '$(cat "$work/checked")'"
}
sqlite3 "$tape" 'CREATE TABLE notes (a)'
check_says 'another program'
: >"$log"
start_says
rm "$tape"
record upbit:KRW-BTC
until_true 10 tape_has 1 || fail "nothing is recorded"
check_says "another tapedeckd (pid $recorder_pid) records on it"
stop_recorder
head -c 20000 "$tape" >"$work/cut.db"
rm "$tape" "$tape-wal" "$tape-shm"
mv "$work/cut.db" "$tape"
check_says malformed
: >"$log"
start_says
equal "files beside a damaged tape" "$tape" "$(ls "$tape"*)"
rm "$tape"
stop_exchange

# A list of two pages, one missing.
start_exchange --dialect bithumb-legacy --markets BTC_KRW,ETH_KRW
legacy() { ask "$1" --ws-url "bithumb-legacy=wss://localhost:$port/pub/ws" --rest-url "bithumb-legacy=https://localhost:$port" "${@:2}"; }
legacy 2 bithumb-legacy:KRW-BTC
logged 'the nearest: bithumb-legacy:BTC_KRW' || fail "no nearest name: $(cat "$log")"
legacy 2 bithumb-legacy:BTC_KRX
legacy 2 bithumb-legacy:NO_KRW
legacy 0 bithumb-legacy:BTC_KRW bithumb-legacy:SOL_BTC
equal "what is checked" "bithumb-legacy:BTC_KRW bithumb-legacy:SOL_BTC (unchecked)" "$(sed -n '3,$p' "$work/out" | paste -sd ' ')"
grep -q 'checked against the 2 listed, where a page is missing: ' "$work/out" || fail "a missing page is not told: $(cat "$work/out")"
stop_exchange

: >"$log" # not to be had: recorded unchecked, at once
printf 'at=0 http 500 600\n' >"$work/script"
start_exchange --markets KRW-BTC --rate 50 --script "$work/script"
record upbit:KRW-BTC
wait_logged 5 'first-trade market=upbit:KRW-BTC'
logged 'markets-unchecked exchange=upbit reason=".*HTTP status 500' || fail "the log does not say that the names are unchecked"
stop_recorder
rm "$tape"*
ask 0 upbit:KRW-BTC 'upbit:KRW-*'
equal "what waits" "upbit:KRW-BTC upbit:KRW-* (waits for the list)" "$(sed -n '3,$p' "$work/out" | paste -sd ' ')"
ask 0 'upbit:KRW-*' # alone, too
equal "what waits alone" "upbit:KRW-* (waits for the list)" "$(sed -n '3,$p' "$work/out" | paste -sd ' ')"
stop_exchange

: >"$log" # refused to this region: the next thing to try
printf 'at=0 http 451 600\n' >"$work/script"
start_exchange --markets KRW-BTC --script "$work/script"
ask 0 upbit:KRW-BTC
grep -q 'HTTP status 451: the exchange seems to refuse this region; --ws-url EXCHANGE=URL and --rest-url EXCHANGE=URL take another address' "$work/out" ||
	fail "451 without words: $(cat "$work/out")"
stop_exchange

: >"$log" # nobody there: after three rounds, once, what to check
record upbit:KRW-BTC upbit:KRW-ETH
wait_logged 30 'unreachable exchange=upbit 3 times in vain; is this machine online[?]  does it find names \(DNS\)[?]'
sleep 5
equal "times that it is said" 1 "$(grep -c ' unreachable ' "$log")"
stop_recorder

: >"$log" # answers never
printf 'at=0 http-stall 600\n' >"$work/script"
start_exchange --markets KRW-BTC --rate 50 --script "$work/script"
record upbit:KRW-BTC
wait_logged 10 'first-trade market=upbit:KRW-BTC'
stop_recorder
