. "$SOURCE/tests/cli/lib.sh"
small_tape
header=exchange,symbol,from,to,from_id,to_id,reason,state,filled,note
# None is an answer too.
check 0 "$header" gaps --csv
check 0 '' gaps
check 0 '[]' gaps --json
check 0 '' gaps --ndjson
check 0 "$header" gaps upbit:KRW-XRP --csv
gap() { sqlite "INSERT INTO gap (market_id, from_us, to_us, from_id, to_id, reason, state, filled, note, opened_us, closed_us) VALUES ((SELECT market_id FROM market WHERE symbol = '$1'), $2, 0, NULL)"; }
gap KRW-ETH "1795318381000000, 1795318382000000, 7, 9223372036854775807, 'id-skip', 'filled', 3, ''"
gap KRW-BTC "1795318400000000, NULL, 17953183811230001, NULL, 'disconnect', 'open', 0, 'waiting for the stream, \"again\"'"
gap KRW-BTC "1795318330000000, 1795318330000000, NULL, NULL, 'silence', 'unfillable', 0, 'REST reaches back 7 days'"
gap KRW-BTC "1795318330000000, 1795318331000000, NULL, NULL, 'asleep', 'filled', 0, ''"
btc='upbit,KRW-BTC,2026-11-22T03:32:10.000000Z,2026-11-22T03:32:10.000000Z,,,silence,unfillable,0,REST reaches back 7 days
upbit,KRW-BTC,2026-11-22T03:32:10.000000Z,2026-11-22T03:32:11.000000Z,,,asleep,filled,0,'
open='upbit,KRW-BTC,2026-11-22T03:33:20.000000Z,2026-11-22T03:33:20.000000Z,17953183811230001,,disconnect,open,0,"waiting for the stream, ""again"""'
eth='upbit,KRW-ETH,2026-11-22T03:33:01.000000Z,2026-11-22T03:33:02.000000Z,7,9223372036854775807,id-skip,filled,3,'
check 0 "$header
$btc
$open
$eth" gaps --csv
# A gap that is not over reaches to the recorder's last beat, and never ends before it begins.
sqlite "INSERT INTO recorder VALUES (1, 1, '0', 1795318300000000, 1795318500000000, NULL, 0, 1, 0, 0, 0, 0)"
td gaps 'upbit:KRW-BTC' --csv; same "up to the last beat" 2026-11-22T03:35:00.000000Z "$(tail -1 out.txt | cut -d, -f4)"
sqlite "UPDATE recorder SET beat_us = 1795318390000000"
td gaps 'upbit:KRW-BTC' --csv; same "a beat before its start" 2026-11-22T03:33:20.000000Z "$(tail -1 out.txt | cut -d, -f4)"
sqlite "DELETE FROM recorder"
# Only what overlaps the range; one that is not over overlaps all that follows.
states() { td gaps "$@"; cut -f 8 out.txt | tr '\n' ' '; }
same "since its end" 'open filled ' "$(states --since 1795318331)"
same "since an empty one" 'unfillable filled open filled ' "$(states --since 1795318330)"
same "until its start" 'unfillable filled ' "$(states --until 1795318381)"
same "long after" 'open ' "$(states --since 1795400000)"
same "between" '' "$(states --since 1795318340 --until 1795318350)"; same "code of none" 0 "$code"
same "one market" 'filled ' "$(states upbit:KRW-ETH)"
check 0 "$(printf 'upbit\tKRW-ETH\t1795318381\t1795318382\t7\t9223372036854775807\tid-skip\tfilled\t3\t')" gaps upbit:KRW-ETH --time-format s
td gaps --json
"$PYTHON" - <<'P' || fail json
import json
rows = json.load(open("out.txt"))
assert [r["from_id"] for r in rows] == [None, None, "17953183811230001", "7"], rows
assert rows[3]["to_id"] == "9223372036854775807" and rows[3]["filled"] == 3 and rows[2]["note"].endswith('"again"')
P
td gaps --ndjson; same "objects" 4 "$(wc -l <out.txt)"
td gaps --table; [[ $(head -1 out.txt) == exchange*symbol*from*filled*note ]] || fail "no header: $out"

# Chunk upon chunk, none twice, none left out, equal starts by number.
sqlite "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999) INSERT INTO gap (market_id, from_us, to_us, reason, state, filled, opened_us) SELECT 4, 1795318000000000 + i / 700, 1795318400000000, 'silence', 'open', i, 0 FROM n"
td gaps upbit:KRW-XRP; same "all of many" "$(seq 0 2999)" "$(cut -f 9 out.txt)"

# A tape without a market.
head -1 trades.csv >none.csv; mv none.csv trades.csv; rm "$db"; tape
check 0 "$header" gaps --csv
refuse 3 'not on the tape' gaps upbit:KRW-BTC
