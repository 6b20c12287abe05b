. "$SOURCE/tests/cli/lib.sh"
{
	echo market,time_us,id,price,size,side,received_us
	for i in $(seq 1 30); do echo "upbit:KRW-BTC,$((1795318320000000 + i / 3 * 1000000)),$((100 + i)),$i,1,buy,"; done
} >trades.csv
tape
ids() { cut -f 7 out.txt | tr '\n' ' '; }
want() { local ids=$1; shift; td trades upbit:KRW-BTC "$@"; same "code of $*" 0 "$code"; same "ids of $*" "$ids" "$(ids)"; }
want "$(seq 111 130 | tr '\n' ' ')"
want '129 130 ' -n 2
want "$(seq 101 130 | tr '\n' ' ')" -n 1000000
want '130 ' -n1
want "$(seq 101 130 | tr '\n' ' ')" --since 1795318320
want '101 102 ' --until 1795318321
want '103 104 105 106 107 108 ' --since 1795318321 --until 1795318323000
want '107 108 ' --since 1795318321 --until 1795318323000000 -n 2
want '106 107 108 ' --since 1795318322000000 --until 2026-11-22T03:32:03Z
want '106 107 108 ' --since '2026-11-22T12:32:02+09:00' --until '2026-11-22 03:32:03'
want "$(seq 101 130 | tr '\n' ' ')" --since 2026-11-22 --until 2026-11-23
want '' -n 0
td trades upbit:KRW-BTC --since 1795318321 --until 1795318321
same "code of an empty range" 3 "$code"
td trades upbit:KRW-BTC --since 2027-01-01 --json
same "code where nothing is" 3 "$code"
same "form where nothing is" '[]' "$(tr -d '\n' <out.txt)"
now=$(date +%s)
{
	echo market,time_us,id,price,size,side,received_us
	for age in 100000 7000 500 10; do echo "upbit:KRW-BTC,$(((now - age) * 1000000)),$((1000000 - age)),$age,1,buy,"; done
} >trades.csv
rm "$db"; tape
prices() { td trades upbit:KRW-BTC "$@"; cut -f 4 out.txt | tr '\n' ' '; }
same "-2h" '7000 500 10 ' "$(prices --since -2h)"
same "-90m..-1m" '500 ' "$(prices --since -90m --until -1m)"
same "now" '100000 7000 500 10 ' "$(prices --until now)"
same "yesterday..now" '1' "$([ "$(prices --since yesterday | wc -w)" -ge 3 ] && echo 1)"
