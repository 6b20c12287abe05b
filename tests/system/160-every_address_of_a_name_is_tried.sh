# A name with an IPv6 and an IPv4 address, in a hosts file of our own; the server listens on one of them, then on the other.
# And an address as host: the certificate must be for that address.
. "$(dirname "$0")/../lib/system.sh"
[ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || skip "only root can give a program a hosts file of its own"
printf '127.0.0.1 localhost\n::1 exchange.test\n127.0.0.1 exchange.test\n' >"$work/hosts"
for listen in 127.0.0.1:0 '[::1]:0'; do
	: >"$log"
	rm -f "$tape"*
	start_exchange --listen "$listen" --markets KRW-BTC --rate 50
	mapfile -t options < <(addresses exchange.test)
	unshare -m sh -c 'mount --bind "$1" /etc/hosts && shift && exec "$@"' sh "$work/hosts" \
		"$tapedeckd" "${options[@]}" upbit:KRW-BTC 2>>"$log" &
	recorder_pid=$!
	wait_logged 15 'first-trade market=upbit:KRW-BTC'
	logged 'markets-unchecked' && fail "the list was not found at $listen"
	stop_recorder
	stop_exchange
done

record_from() { # HOST PATTERN: what the log says
	: >"$log"
	mapfile -t options < <(addresses "$1")
	"$tapedeckd" "${options[@]}" upbit:KRW-BTC 2>>"$log" &
	recorder_pid=$!
	wait_logged 15 "$2"
	stop_recorder
}
for pair in '127.0.0.1:0 127.0.0.1' '[::1]:0 [::1]'; do
	start_exchange --listen "${pair% *}" --markets KRW-BTC --rate 50
	record_from "${pair#* }" 'first-trade'
	stop_exchange
	certificate=wronghost start_exchange --listen "${pair% *}" --markets KRW-BTC --rate 50
	record_from "${pair#* }" 'certificate refused: (IP address|hostname) mismatch'
	stop_exchange
done
