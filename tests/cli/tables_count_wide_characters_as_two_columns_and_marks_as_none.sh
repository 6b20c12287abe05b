. "$SOURCE/tests/cli/lib.sh"
wide=$("$PYTHON" -X utf8 -c 'print("\u5e01\u5b89\u4eba\u751fUSDT")') marked=$("$PYTHON" -X utf8 -c 'print("Ae\u0301\u0301T")')
printf '%s\n' market,time_us,id,price,size,side,received_us "binance:$wide,1795318381000000,1,3.5,2,buy," \
	"binance:$marked,1795318381000000,1,3,2,buy," >trades.csv
PYTHONUTF8=1 tape
for locale in C C.UTF-8; do
	LC_ALL=$locale check 0 "exchange  symbol        trades  first                        last
binance   $marked                1  2026-11-22T03:33:01.000000Z  2026-11-22T03:33:01.000000Z
binance   $wide       1  2026-11-22T03:33:01.000000Z  2026-11-22T03:33:01.000000Z" markets --table
	# ? is one character, not one byte.
	LC_ALL=$locale check 0 3.5 price 'binance:????USDT'
	LC_ALL=$locale refuse 3 'not on the tape' price 'binance:????????????USDT'
done
# Nothing that turns the direction of writing, or steers, reaches a terminal.
sqlite "UPDATE market SET symbol = 'A' || char(8238) || 'B' || char(155) || 'C' WHERE symbol LIKE '%USDT'"
td markets --table
grep -q '^binance   A?B?C ' out.txt || fail "what steers is printed: $out"
