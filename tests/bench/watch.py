"""watch.py TRADES EXCHANGE_PID LEDGER DATABASE 'SELECT ...' COMMAND...: one run of a recorder, measured.

Runs COMMAND, waits until the query (which must be cheap) says that TRADES rows are committed, ends COMMAND with SIGTERM.
The clock runs from the exchange's first trade to the commit of the last.  Prints: seconds, CPU seconds of the recorder
and of the exchange meanwhile, peak resident KiB of the recorder's whole life, bytes of the file after the stop."""
import os
import signal
import sqlite3
import subprocess
import sys
import time

PATIENCE_S = 600


def cpu_s(pid):
    return time.clock_gettime((~pid << 3) | 2)  # the process's CPU clock, as clock_getcpuclockid(3) makes it


def committed(database, query):
    try:
        db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1)
        try:
            return db.execute(query).fetchone()[0] or 0
        finally:
            db.close()
    except sqlite3.Error:
        return 0  # not there yet


def main(trades, exchange, ledger, database, query, *command):
    trades, exchange = int(trades), int(exchange)
    recorder = subprocess.Popen(command)
    give_up = time.monotonic() + PATIENCE_S

    def wait_for(condition, pause_s):
        while not condition():
            if time.monotonic() > give_up or recorder.poll() is not None:
                recorder.kill()
                sys.exit(f"watch.py: no end: {committed(database, query)} of {trades} trades are committed")
            time.sleep(pause_s)

    wait_for(lambda: os.path.exists(ledger) and os.path.getsize(ledger) > 0, 0.001)
    begin, recorder_begin, exchange_begin = time.monotonic(), cpu_s(recorder.pid), cpu_s(exchange)
    wait_for(lambda: committed(database, query) >= trades, 0.01)
    seconds = time.monotonic() - begin
    recorder_s, exchange_s = cpu_s(recorder.pid) - recorder_begin, cpu_s(exchange) - exchange_begin
    recorder.send_signal(signal.SIGTERM)
    _, status, usage = os.wait4(recorder.pid, 0)
    if status != 0:
        sys.exit(f"watch.py: the recorder ended with {status}")
    size = sum(os.path.getsize(database + end) for end in ("", "-wal") if os.path.exists(database + end))
    print(f"{seconds:.3f} {recorder_s:.3f} {exchange_s:.3f} {usage.ru_maxrss} {size}")


main(*sys.argv[1:])
