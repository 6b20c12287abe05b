#!/usr/bin/env bash
# screenshot.sh [BUILD_DIR]: makes the pictures of the README, tests/screen/*.svg, anew: some hours of an invented market,
# recorded from the simulated exchange and looked at in tmux.
set -euo pipefail
TAPEDECK_BUILD=${1:-$(cd -P "$(dirname "$0")/../.." && pwd)/build}
export TAPEDECK_BUILD
. "$(dirname "$0")/system.sh"
. "$here/lib/tmux.sh"
markets=KRW-BTC,KRW-ETH,KRW-XRP,KRW-SOL,KRW-DOGE,KRW-ADA,KRW-TRX,KRW-LINK,USDT-BTC
names=${markets//,/ upbit:}
# Five hours up to now, 160 ms a trade, taken in as fast as they come.
start_exchange --markets "$markets" --rate max --trades 110000 --start-on-subscribe --time-step-us 160000 --seed 4 \
	--time-from "$(date -u -d '-17576 seconds' +%FT%TZ)" # so long they take, with that seed
# shellcheck disable=SC2086
record upbit:$names
until_true 120 tape_has 110000
open_pane 80 24 "$tapedeck" --db "$tape" watch
wait_shows 'recorder alive' 20
sleep 1
mkdir -p "$here/screen"
picture() { mux capture-pane -p -e -N -t s | "$python" "$here/lib/screenshot.py" "$2" >"$here/screen/$1.svg"; }
picture watch 'tapedeck watch'
press g Down Enter 5
wait_shows 'candles of 5m'
sleep 1
picture watch-market 'tapedeck watch: one market in large'
stop_recorder
