# Sourced after system.sh by tests of what a terminal shows: a tmux of their own, whose panes are read as text.
command -v tmux >/dev/null || skip "tmux is missing"
pane_env=(LC_ALL=C.UTF-8 TERM=tmux-256color NO_COLOR= COLORTERM=)
panes=0
printf '%s\n' 'set -g remain-on-exit on' 'set -g status off' 'set -g escape-time 0' >"$work/tmux.conf"
mux() { env -u TMUX LC_ALL=C.UTF-8 tmux -S "$work/tmux$panes" -f "$work/tmux.conf" "$@"; }

# open_pane WIDTH HEIGHT COMMAND...: a terminal with the command in it, in place of the one before; pane_env is its environment
open_pane() {
	local width=$1 height=$2
	shift 2
	[ "$panes" -eq 0 ] || mux kill-server 2>/dev/null || true
	panes=$((panes + 1)) # a server of its own: one that ends may not be asked for a new pane
	mux new-session -d -x "$width" -y "$height" -s s "$(printf '%q ' env "${pane_env[@]}" "$@")"
	more_pids+=("$(mux display-message -p '#{pid}')")
}
screen() { mux capture-pane -p -t s; }
shows() { screen | grep -qE -- "$1"; }
wait_shows() { # PATTERN [SECONDS]
	until_true "${2:-10}" shows "$1" || {
		screen
		fail "the screen does not show '$1'"
	}
}
wait_gone() { # PATTERN
	local tries=200
	while shows "$1"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "the screen still shows '$1': $(screen)"
		sleep 0.05
	done
}
press() { mux send-keys -t s "$@"; }
ended() { [ "$(mux list-panes -t s -F '#{pane_dead}')" = 1 ]; }
watch_pid() { pgrep -n -f "^$tapedeck --db $tape watch"; }
