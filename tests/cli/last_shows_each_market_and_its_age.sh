. "$SOURCE/tests/cli/lib.sh"
small_tape
rows() { cut -f 1-6 out.txt; }
age() { # the last column is the age in ms, as a number
	local ms
	ms=$(($(date +%s%3N) - $1))
	[ "$2" -ge $((ms - 20000)) ] && [ "$2" -le "$ms" ] || fail "age $2, wanted about $ms"
}
td last
same code 0 "$code"
same rows "$(printf '%s\t' bithumb-legacy BTC_KRW 2026-11-22T03:33:01.000000Z 8 3 sell | sed 's/\t$//'
printf '%s\t' upbit KRW-BTC 2026-11-22T03:36:01.000000Z 0.1234567890123456789012345678901234567891 1 buy | sed 's/^/\n/; s/\t$//'
printf '%s\t' upbit KRW-ETH 2026-11-22T03:33:01.000000Z 3.1 2 buy | sed 's/^/\n/; s/\t$//')" "$(rows)"
age 1795318381000 "$(sed -n 1p out.txt | cut -f 7)"
td last upbit:KRW-ETH --json --time-format us
same json '[
{"exchange":"upbit","symbol":"KRW-ETH","time":1795318381000000,"price":"3.1","size":"2","side":"buy","age_ms":N}
]' "$(sed 's/"age_ms":[0-9]*/"age_ms":N/' out.txt)"
td last 'upbit:KRW-[EX]*' --csv
same code 0 "$code"
same csv 'exchange,symbol,time,price,size,side,age_ms
upbit,KRW-ETH,2026-11-22T03:33:01.000000Z,3.1,2,buy' "$(sed '2s/,[0-9]*$//' out.txt)"
td last upbit:KRW-ETH upbit:KRW-XRP
same "code of a named market without trades" 3 "$code"
# A market without a trade is stale where others are printed, and no data where it is alone.
td last --max-age 100000h
same "code with a market without trades" 4 "$code"
same "the others are printed" 3 "$(wc -l <out.txt)"
[[ $err == *"upbit:KRW-XRP is stale: it has no trade yet" ]] || fail "$err"
td last upbit:KRW-ETH upbit:KRW-XRP --max-age 100000h
same "code of a named one beside another" 4 "$code"
[[ $err == *"upbit:KRW-XRP is stale: it has no trade yet" ]] || fail "$err"
td last 'upbit:KRW-[BE]*' --max-age 100000h; same "code where all have trades" 0 "$code"
refuse 3 'there is no trade of upbit:KRW-XRP yet' last upbit:KRW-XRP --max-age 100000h
refuse 3 'there is no trade yet' last 'upbit:KRW-X*' --max-age 100000h
for command in export status; do
	td $command upbit:KRW-ETH upbit:KRW-XRP --max-age 100000h
	same "code of $command" 4 "$code"
	[ $command = status ] && continue # which says of the recorder that there is none
	[[ $err == *"upbit:KRW-XRP is stale: it has no trade yet" ]] || fail "$command: $err"
done
td last --max-age 1ms
same "code of stale markets" 4 "$code"
same "rows of stale markets" 3 "$(wc -l <out.txt)"
td last --table
same header 'exchange symbol time price size side age_ms' "$(head -1 out.txt | tr -s ' ')"
