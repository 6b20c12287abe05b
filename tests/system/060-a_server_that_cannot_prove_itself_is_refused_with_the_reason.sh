. "$(dirname "$0")/../lib/system.sh"
refused() { # PATTERN
	: >"$log"
	record upbit:KRW-BTC
	wait_logged 15 "connect-failed exchange=upbit reason=\".*$1"
	logged 'markets-unchecked' || fail "that the list could not be had is not in the log"
	stop_recorder
	equal "trades" 0 "$(tape_count)"
	stop_exchange
}
certificate=wronghost start_exchange --markets KRW-BTC --rate 50
refused 'certificate refused: hostname mismatch'
certificate=expired start_exchange --markets KRW-BTC --rate 50
refused 'certificate refused: certificate has expired'
certificate=untrusted start_exchange --markets KRW-BTC --rate 50
refused 'certificate refused: unable to get local issuer certificate'
certificate=selfsigned start_exchange --markets KRW-BTC --rate 50
refused 'certificate refused: self-signed certificate'
start_exchange --markets KRW-BTC --rate 50 --tls-max 1.1
refused 'TLS: .*(protocol|version)'

echo "no certificate" >"$work/certs/ca.pem"
status=0
mapfile -t options < <(addresses)
"$tapedeckd" "${options[@]}" upbit:KRW-BTC 2>"$log" || status=$?
equal "exit code for a CA file without a certificate" 2 $status
logged 'holds no certificate in PEM form' || fail "no clear word"
