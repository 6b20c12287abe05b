# As systemd runs it: settings from a file, READY=1 when it records, WATCHDOG=1 while it lives, STOPPING=1 when it is asked to stop.
# A hang-up, which stops it at a terminal, does not stop it here.
. "$(dirname "$0")/../lib/system.sh"
start_exchange --markets KRW-BTC,KRW-ETH --rate 100
mapfile -t options < <(addresses)
{
	echo "# a night"
	printf 'ca-file = %s\ndb = %s\nmarket = upbit:KRW-BTC\nmarket = upbit:KRW-ETH\nlog-format = journal\n' "$work/certs/ca.pem" "$tape"
	for ((i = 0; i < ${#options[@]}; i += 2)); do
		case ${options[i]} in --ws-url | --rest-url) echo "${options[i]#--} = ${options[i + 1]}" ;; esac
	done
} >"$work/tapedeckd.conf"
"$python" - "$work/notify" >"$work/told" <<'P' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    for line in s.recv(4096).decode().splitlines():
        print(line, flush=True)
        if line == "STOPPING=1":
            sys.exit()
P
until_true 10 test -S "$work/notify" || fail "no socket to notify"
NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=400000 "$tapedeckd" -c "$work/tapedeckd.conf" 2>>"$log" &
recorder_pid=$!
told() { grep -qx "$1" "$work/told"; }
until_true 20 told READY=1 || fail "it does not say that it is ready: $(cat "$work/told")"
tape_has_both() { [ "$(sql 'SELECT count(DISTINCT market_id) FROM trade')" = 2 ]; }
until_true 20 tape_has_both || fail "the markets of the file are not recorded"
until_true 5 told WATCHDOG=1 || fail "it does not say that it lives: $(cat "$work/told")"
grep -q '^<6>recording tape=' "$log" || fail "no priorities for the journal: $(head -n 2 "$log")"
kill -HUP $recorder_pid
wait_logged 5 '^<4>settings-not-read '
before=$(sql 'SELECT count(*) FROM trade')
goes_on() { [ "$(sql 'SELECT count(*) FROM trade')" -gt "$before" ]; }
until_true 5 goes_on || fail "it does not go on after a hang-up"
stop_recorder
until_true 5 told STOPPING=1 || fail "it does not say that it stops: $(cat "$work/told")"
