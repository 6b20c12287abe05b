. "$SOURCE/tests/cli/lib.sh"
cat >trades.csv <<'END'
market,time_us,id,price,size,side,received_us
upbit:KRW-BTC,1795318320000000,12,3,1,buy,1795318320050000
upbit:KRW-BTC,1795318320000000,9,2,1,buy,1795318320060000
upbit:KRW-BTC,1795318310000000,99,1,1,buy,1795318330000000
END
tape
check 0 3 price upbit:KRW-BTC
check 0 $'price\n3' price --csv upbit:KRW-BTC
check 0 $'[\n{"price":"3"}\n]' price upbit:KRW-BTC --json
check 0 '{"price":"3"}' price upbit:KRW-BTC --ndjson
check 0 3 price 'upbit:*'
check 4 3 price upbit:KRW-BTC --max-age 10s
[[ $err == *stale* ]] || fail "no word about age: $err"
# A price a second old is not stale.
now=$(date +%s%6N)
echo "upbit:NEW,$now,1,5,1,buy," >>trades.csv
rm "$db"; tape
check 0 5 price upbit:NEW --max-age 1m
