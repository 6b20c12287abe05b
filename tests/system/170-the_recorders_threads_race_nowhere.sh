# alone
# build: tsan
# The whole program under ThreadSanitizer: a flood that fills a small queue, a drop, a market that joins in, a stop in the
# middle of it all.  A race makes it exit with 66.
. "$(dirname "$0")/../lib/system.sh"
export TSAN_OPTIONS=exitcode=66 TAPEDECK_TEST_RELIST_S=1
printf 'trade=20000 drop\nat=4 list KRW-NEW\n' >"$work/script"
start_exchange --market-count 20 --rate 15000 --script "$work/script"
record --queue-rows 500 --batch-ms 100 'upbit:*'
until_true 40 tape_has 40000 || fail "of 40000 trades $(tape_count) arrive"
wait_logged 20 'newly-listed'
logged ' disconnected ' || fail "there was no drop"
stop_recorder
grep -q 'ThreadSanitizer' "$log" && fail "$(grep -A 12 ThreadSanitizer "$log" | head -n 30)"
check "candles = trades" tape_is_sound
stop_exchange

: >"$log"
start_exchange --market-count 3 --rate 500
record 'upbit:*'
wait_logged 20 ' live '
stop_recorder TERM
grep -q 'ThreadSanitizer' "$log" && fail "$(grep -A 12 ThreadSanitizer "$log" | head -n 30)"
true
