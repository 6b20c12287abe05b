. "$SOURCE/tests/cli/lib.sh"
small_tape
refuse 2 'Name a command'
refuse 2 "no command 'prise'; did you mean price\?" prise
refuse 2 "no command 'prcie'; did you mean price\?" prcie
refuse 2 "no command 'hlep'; did you mean help\?" hlep
refuse 2 "no command 'statsu'; did you mean status\?" help statsu
refuse 2 "no command 'incomprehensible'"$'\n' incomprehensible
long=$(printf 'x%.0s' {1..300}); refuse 2 "no command '$long'"$'\n' "$long"
refuse 2 "'help' takes one command" help price last
refuse 2 "'price' wants a market, as in upbit:KRW-BTC" price
refuse 2 'EXCHANGE:SYMBOL' price KRW-BTC
refuse 2 'EXCHANGE:SYMBOL' last :KRW-BTC
refuse 2 'wants an interval' ohlc upbit:KRW-BTC
refuse 2 "'2x' is no interval" ohlc upbit:KRW-BTC -i 2x
refuse 2 'no option --nonsense' last --nonsense
refuse 2 'no option -z' last -z
refuse 2 '-i wants a value' ohlc upbit:KRW-BTC -i
refuse 2 '--csv takes no value' last --csv=1
refuse 2 'more than one output format' last --csv --json
refuse 2 "takes no --rows" price upbit:KRW-BTC -n 5
refuse 2 "takes no --output" last -o x
refuse 2 "'markets' takes no market" markets upbit:KRW-BTC
refuse 2 'number of rows' trades upbit:KRW-BTC -n -5
refuse 2 'number of rows' trades upbit:KRW-BTC -n 5x
refuse 2 'rfc3339, s, ms or us' last --time-format ns
refuse 2 '--max-age takes a span' last --max-age 10
refuse 2 "'maybe' is no time" export --since maybe
refuse 2 'too large' export --since 100000000000000000
refuse 2 "'2026-02-30' is no time" export --since 2026-02-30
refuse 2 'lies after' export --since now --until yesterday
refuse 2 'takes one market' tickers
refuse 2 'stands for 3' tickers 'upbit:*@ticker'
for behind in @ @trade @tickers @ticker: @ticker1H '@ticker:1H@'; do refuse 2 'behind a market there may be' tickers "upbit:KRW-BTC$behind"; done
refuse 2 'EXCHANGE:SYMBOL' tickers KRW-BTC@ticker
refuse 2 'EXCHANGE:SYMBOL' tickers @ticker
refuse 2 "takes no --follow" tickers upbit:KRW-BTC -f
refuse 2 "takes no --max-age" tickers upbit:KRW-BTC --max-age 10s
refuse 2 "takes no --rows" gaps -n 5
refuse 2 'EXCHANGE:SYMBOL' gaps KRW-BTC
refuse 2 'lies after' gaps --since now --until yesterday
refuse 2 "takes no --since" status --since now
refuse 2 "takes no --max-age" verify --max-age 10s
refuse 2 "takes no --until" report --until now
refuse 2 "'report' takes no market" report upbit:KRW-BTC
refuse 2 'in the future' report --since 9999-01-01
for name in gaps status verify; do refuse 3 'not on the tape; did you mean upbit:KRW-BTC' $name upbit:BTC-KRW; done
refuse 2 '--follow goes on .* takes no --max-age' trades upbit:KRW-BTC -f --max-age 10s
refuse 2 '--follow .* takes no --require-complete' trades upbit:KRW-BTC -f --require-complete
# Usage comes before the tape.
"$TAPEDECK" --db "$folder/none" price KRW-BTC 2>err.txt; same "usage before a missing tape" 2 $?
for words in -h --help 'price -h' 'ohlc --help' 'tickers -h' 'gaps -h' 'status -h' 'verify -h' 'report -h' --version; do
	"$TAPEDECK" $words >out.txt 2>err.txt || fail "tapedeck $words: $?"
	[ -s out.txt ] && [ ! -s err.txt ] || fail "tapedeck $words: stdout empty, or stderr not"
done
help() { "$TAPEDECK" "$@" >out.txt 2>err.txt </dev/null; same "code of $*" 0 $?; [ ! -s err.txt ] || fail "$*: $(cat err.txt)"; cat out.txt; }
same "help is -h" "$(help -h)" "$(help help)"
same "help, too, has help" "$(help -h)" "$(help help help)"
for command in $(help -h | sed -n '/^  price/,/^  help/s/^  \([a-z]*\) .*/\1/p'); do
	seen="${seen:-} $command"
	[ "$command" != help ] || continue
	told=$(help "$command" -h)
	same "help $command is $command -h" "$told" "$(help help "$command")"
	# What draws has no rows to give a form.
	case $command in watch | chart) offered='' ;; *) offered='--table --tsv --csv --json --ndjson --time-format ' ;; esac
	same "forms that $command offers" "$offered" "$(grep -oE -e '--(table|tsv|csv|json|ndjson|time-format)' <<<"$told" | tr '\n' ' ')"
done
same "commands" ' price last trades ohlc export markets tickers gaps status verify report wait backup upgrade watch chart help' "$seen"
help help tickers | grep -q 20 && fail "tickers prints all"
refuse 2 "'watch -1' prints one frame" watch
refuse 2 'draws for the eye' watch -1 --csv
refuse 2 'draws for the eye' chart upbit:KRW-BTC -i 5m --json
refuse 2 'draws for the eye' chart upbit:KRW-BTC -i 5m --time-format s
refuse 2 'wants an interval' chart upbit:KRW-BTC
refuse 2 'takes one market' chart -i 5m
refuse 2 'stands for 3' chart 'upbit:*' -i 5m
refuse 2 "takes no --since" watch -1 --since today
refuse 2 "takes no --once" last -1
refuse 3 'not on the tape' watch -1 upbit:KRW-BTX
refuse 3 'no trade' chart upbit:KRW-XRP -i 5m
