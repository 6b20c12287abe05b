"""watch_fresh.py TAPE TMUX_SOCKET SECONDS: how long a committed price takes to the screen that `tapedeck watch` draws in tmux.

Looks at the tape and at the screen by turns, as fast as it can (some ms a turn, which is in the result), for the market in
the screen's first row.  When the screen's price changes, the delay is the time since the tape's price ceased to be the one
that was shown until then."""
import os
import sqlite3
import statistics
import subprocess
import sys
import time


def screen_price(socket, market):
    text = subprocess.run(["tmux", "-S", socket, "capture-pane", "-p", "-t", "s"], capture_output=True, text=True).stdout
    for line in text.splitlines():
        words = line.replace("!", " ").split()
        if len(words) > 2 and (words[0] == market or (market is None and words[0].startswith("upbit:"))):
            return words[0], words[1]
    return market, None


def main(tape, socket, seconds):
    environment = dict(os.environ, LC_ALL="C.UTF-8")
    os.environ.update(environment)
    os.environ.pop("TMUX", None)
    db = sqlite3.connect(f"file:{tape}?mode=ro", uri=True, isolation_level=None)
    market, shown = screen_price(socket, None)
    number = db.execute("SELECT market_id FROM market WHERE exchange || ':' || symbol = ?", (market,)).fetchone()[0]
    commits, delays, last = [], [], None
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        now = time.monotonic()
        price = db.execute("SELECT price FROM trade WHERE market_id = ? ORDER BY time_us DESC, id DESC LIMIT 1",
                           (number,)).fetchone()[0]
        if price != last:
            last = price
            digits = str(price >> 4).rjust((price & 15) + 1, "0")
            commits.append((now, digits[:len(digits) - (price & 15)] + ("." + digits[len(digits) - (price & 15):] if price & 15 else "")))
        _, seen = screen_price(socket, market)
        now = time.monotonic()
        if seen is not None and seen != shown:
            places = [i for i, (_, text) in enumerate(commits[:-1]) if text == shown]
            if places:
                delays.append(1000 * (now - commits[places[-1] + 1][0]))
                del commits[:places[-1] + 1]
            shown = seen
    delays.sort()
    if not delays:
        sys.exit("  no change was seen")
    print(f"   median {statistics.median(delays):.0f}, 95th percentile {delays[int(len(delays) * 0.95)]:.0f}, "
          f"longest {delays[-1]:.0f} ms of {len(delays)} changes")


main(*sys.argv[1:])
