. "$SOURCE/tests/cli/lib.sh"
{
	echo market,time_us,id,price,size,side,received_us
	for i in $(seq 1 50); do echo "upbit:KRW-BTC,$((1795318320000000 + i * 1000)),$i,$i.5,1,buy,"; done
} >trades.csv
tape --steps 2
newest=$(ls "$SOURCE"/schema/0*.sql | wc -l)
refuse 5 "schema is number 2, this tapedeck reads $newest; \`tapedeck upgrade $db\` brings it up to date" price upbit:KRW-BTC
check 0 "$db	2	$newest" upgrade
check 0 50.5 price upbit:KRW-BTC
td verify; same "code of verify" 0 "$code"
check 0 "$db	$newest	$newest" upgrade "$db"
rm "$db"; tape --steps 3
check 0 '[
{"file":"'"$db"'","schema_before":3,"schema":'"$newest"'}
]' upgrade "$db" --json
# What is no tape stays as it is.
: >empty.db; echo text >text.db
refuse 5 'empty.db is no tape yet: it is empty' upgrade empty.db
refuse 5 'text.db' upgrade text.db
refuse 5 'none.db cannot be upgraded: No such file' upgrade none.db
same "an empty file" 0 "$(stat -c %s empty.db)"
same "another file" text "$(cat text.db)"
[ ! -e none.db ] || fail "a tape was made"
refuse 2 "'upgrade' takes one FILE" upgrade a b
