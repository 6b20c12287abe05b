# What the cases share: sourced by each.  A case runs in a folder of its own that goes when it ends; `check` compares, and
# the first difference ends the case.  TAPEDECK is the program, SOURCE the top of the source tree.
set -u
: "${TAPEDECK:?the program}" "${SOURCE:?the top of the source tree}"
unset TAPEDECK_DB XDG_DATA_HOME
export LC_ALL=C
PYTHON=/usr/bin/python3
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder" || exit 1
db=$folder/tape.db

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
skip() { printf 'skipped: %s\n' "$*"; exit 77; }

# td ARG...: tapedeck on the case's tape; out, err and code hold what came of it.
td() {
	"$TAPEDECK" --db "$db" "$@" >out.txt 2>err.txt </dev/null
	code=$?
	out=$(cat out.txt) err=$(cat err.txt)
}

same() { # same WHAT WANTED GOT
	[ "$2" = "$3" ] || fail "$1
--- wanted
$2
--- got
$3
--- stderr
${err:-}"
}

# check CODE WANTED ARG...: exit code and stdout of tapedeck ARG...
check() {
	local want_code=$1 want=$2
	shift 2
	td "$@"
	same "exit code of: tapedeck $*" "$want_code" "$code"
	same "output of: tapedeck $*" "$want" "$out"
}

# refuse CODE PATTERN ARG...: nothing on stdout, one line (usage: two) on stderr that matches the pattern
refuse() {
	local want_code=$1 pattern=$2
	shift 2
	td "$@"
	same "exit code of: tapedeck $*" "$want_code" "$code"
	same "output of: tapedeck $*" "" "$out"
	[[ $err =~ $pattern ]] || fail "tapedeck $*: stderr does not match $pattern: $err"
	[ "$(wc -l <err.txt)" -le 2 ] || fail "tapedeck $*: more than a line on stderr: $err"
}

tape() { # tape ARG...: a tape out of trades.csv
	"$PYTHON" "$SOURCE/tests/lib/maketape.py" "$db" trades.csv "$@" || fail "maketape $*"
}

# sqlite STATEMENT...: changes the tape
sqlite() { "$PYTHON" -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); [c.execute(s) for s in sys.argv[2:]]' "$db" "$@"; }

# Holds the recorder's lock on the tape, as a recorder does that lives, until let_go.
hold() {
	exec 7<"$db"
	flock -x 7 || fail "the tape cannot be locked"
}
let_go() { exec 7<&-; }
# Who is in another PID namespace, or on another file system, cannot tell that nobody holds it: there the beat decides.
sees_locks() { [ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] && [ -r /proc/locks ] && [[ $(stat -f -c %T "$db") =~ ^(ext|xfs|btrfs|f2fs|tmpfs) ]]; }

# The tape of most cases: ids of 17 and 20 digits, none at all, numbers at their edges, equal times, backfill.
small_tape() {
	cat >trades.csv <<-'END'
	market,time_us,id,price,size,side,received_us
	upbit:KRW-BTC,1795318320000000,17953183200000001,145000000,0.00000006,buy,1795318320050000
	upbit:KRW-BTC,1795318320000000,17953183200000000,145000001.5,123456789012.12345678,sell,
	upbit:KRW-BTC,1795318381123456,17953183811230000,144999999,1,sell,1795318381200000
	upbit:KRW-BTC,1795318381123456,17953183811230000999,7.0,100,buy,1795318381200000
	upbit:KRW-BTC,1795318561000000,,0.1234567890123456789012345678901234567891,1,buy,1795318562000000
	upbit:KRW-ETH,1795318381000000,5,3.10,2,buy,1795318381200000
	bithumb-legacy:BTC_KRW,1795318381000000,,9,2,buy,1795318381200000
	bithumb-legacy:BTC_KRW,1795318381000000,,8,3,sell,1795318381200000
	END
	tape --id-rule upbit:KRW-BTC=10000,0 --cover upbit:KRW-BTC=1795318320000000,1795318500000000 --market upbit:KRW-XRP "$@"
}

# Minutes 0, 1, 2 and 4 after `start` have a trade each; flags OPTION...: which of their candles are complete.
start=1795318320
minutes_with_trades() {
	echo market,time_us,id,price,size,side,received_us
	for i in 0 1 2 4; do echo "upbit:KRW-BTC,$(((start + i * 60 + 30) * 1000000)),$((i + 1)),5,1,buy,"; done
}
flags() { td ohlc upbit:KRW-BTC "$@"; cut -f 10 out.txt | tr '\n' ' '; }
