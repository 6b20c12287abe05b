. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC,KRW-ETH --rate 100 --clock-shift 600
record upbit:KRW-BTC upbit:KRW-ETH
until_true 20 tape_has 200 || fail "nothing is recorded"
wait_logged 10 'warning trade-ahead market=upbit:KRW-BTC time=20.* ahead_s=(59|60)[0-9] '
wait_logged 10 'warning trade-ahead market=upbit:KRW-ETH'
equal "lines of two markets" 2 "$(grep -c trade-ahead "$log")"
status=0
"$tapedeck" --db "$tape" status --max-age 1h >/dev/null 2>"$work/err.txt" || status=$?
equal "code of status" 4 $status
grep -q "ahead of this machine's clock" "$work/err.txt" || fail "$(cat "$work/err.txt")"
stop_recorder
# The summary knows no newest trade, rather than one of an age below nothing.
logged 'summary .* newest_age_s=none' || fail "the summary's age"
