. "$SOURCE/tests/cli/lib.sh"
small_tape
while read -r word meant; do refuse 2 "no command '$word'; did you mean $meant"'\?' "$word"; done <<'LIST'
candles ohlc
klines ohlc
tail trades -f
ls markets
symbols markets
dump export
check verify
plot chart
top watch
holes gaps
record tapedeckd, which records
exprot export
mark markets
LIST
while read -r word meant; do refuse 2 "no option $word; did you mean $meant"'\?' trades upbit:KRW-BTC "$word" 1; done <<'LIST'
--from --since
--to --until
--limit --rows
--sicne --since
--josn --json
-v --version
--outptu --output
--database --db
--format --csv, --json, --ndjson, --tsv or --table
LIST
# Where nothing is near, nothing is named.
for word in --daemon --zzz -z; do refuse 2 "no option $word"$'\n' last "$word"; done
for word in xyz qqqqq; do refuse 2 "no command '$word'"$'\n' "$word"; done
# What tapedeck does not do is not taken for what looks alike.
for word in prune serve purge; do refuse 2 "no command '$word' yet"$'\n'"'tapedeck -h' tells more" "$word"; done
# Two markets in one word.
refuse 2 "'upbit:KRW-BTC,KRW-ETH' holds a comma; separate markets by blanks: upbit:KRW-BTC upbit:\.\.\."$'\n' price upbit:KRW-BTC,KRW-ETH
refuse 2 "'upbit:KRW-BTC,KRW-ETH' holds a comma; separate markets by blanks: upbit:KRW-BTC upbit:\.\.\."$'\n' last upbit:KRW-BTC,KRW-ETH
refuse 2 'separate markets by blanks' export 'upbit:KRW-*,binance:*'
refuse 2 "'-- since' has a blank in it; did you mean --since" export -- since -1h
# An error in an option's value names the help of the command, wherever that stands.
refuse 2 "'tapedeck ohlc -h' tells more" ohlc upbit:KRW-BTC -i 2x
refuse 2 "'tapedeck export -h' tells more" --since maybe export
refuse 2 "'tapedeck last -h' tells more" last --nonsense
refuse 2 "'tapedeck export -h' tells more" export --since 12345
refuse 2 "'tapedeck -h' tells more" --nonsense nothing
# A pattern that met the shell.
: >upbit:KRW-BTC.csv; : >notes.txt
refuse 2 "'notes.txt' is no market; it is a file's name, .* quote patterns, as in 'upbit:KRW-\*'" last n*.txt
refuse 3 "it is a file's name, .* quote patterns" last upbit:KRW-BTC.*
refuse 2 "it is a file's name" price *
refuse 2 "takes no market; it is a file's name" markets *
refuse 3 'did you mean upbit:KRW-BTC\?' price upbit:krw-btc
# Times with two readings, and with one.
refuse 2 '1970-01-01T00:33:46Z' export --since 2026
refuse 2 'date' export --since 20261345
refuse 3 'no trade in that range' export --since 20261123 --tsv
