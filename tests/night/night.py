"""One night with real processes: the exchanges, the recorder, its kills; then the wait, the stop, the judgement."""
import collections
import ctypes
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import judge
import plan

RELIST_S = "2"      # how often the recorder looks for newly listed markets
START_S = 40        # until every exchange is subscribed
MARKET_S = 60       # that a market may take longer than planned, on a busy machine
LAST_CHANCE_S = 20  # shorter than the 30 s after which a futures market that has ended is called mute, which is a gap
SETTLE_S = 180      # until no gap is open: REST that is asked again and again is asked seldom at last
AUDIT = "5s"        # more than one look within a night
STOP_S = 5          # that a stop may take
POLL_S = 0.5
DAY_S = 86400
KST_S = 9 * 3600
PR_SET_PDEATHSIG = 1

Result = collections.namedtuple("Result", "complaints folder figures")


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Failed(Exception):
    pass


class Programs:
    def __init__(self, top, build):
        self.top = top
        self.recorder = self.there(build, "recorder/tapedeckd")
        self.query = self.there(build, "query/tapedeck")
        self.exchange = self.there(build, "tests/simexchange/simexchange")
        self.certificates = None
        with open(self.recorder, "rb") as file:
            self.clock_can_be_set = b"TAPEDECK_TEST_WALL_SHIFT_S" in file.read()

    @staticmethod
    def there(build, name):
        path = os.path.join(build, name)
        if not os.access(path, os.X_OK):
            raise OSError(f"{path} is missing")
        return path

    def make_certificates(self, folder):
        subprocess.run(["sh", os.path.join(self.top, "tests/lib/certs.sh"), folder], check=True)
        self.certificates = folder


class Server:
    """A simulated exchange that runs."""

    def __init__(self, programs, folder, exchange, shift_s):
        self.exchange = exchange
        self.port_file = os.path.join(folder, f"{exchange.name}.port")
        self.ledger = os.path.join(folder, f"{exchange.name}.ledger")
        self.log = os.path.join(folder, f"{exchange.name}.log")
        script = os.path.join(folder, f"{exchange.name}.script")
        with open(script, "w", encoding="ascii") as file:
            file.write("".join(line + "\n" for line in exchange.script))
        certificate = os.path.join(programs.certificates, "server")
        self.command = [programs.exchange, "--dialect", exchange.name, "--cert", f"{certificate}.pem",
                        "--key", f"{certificate}.key", "--port-file", self.port_file, "--ledger", self.ledger,
                        "--script", script, "--verbose", "--start-on-subscribe", "--markets", ",".join(exchange.markets),
                        "--rate", str(exchange.rate), "--trades", str(exchange.trades), "--seed", str(exchange.seed),
                        *exchange.options]
        if shift_s + exchange.skew_s:
            self.command += ["--clock-shift", str(shift_s + exchange.skew_s)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, stderr=log, preexec_fn=die_with_parent)

    def listens(self):
        return os.path.exists(self.port_file) and os.path.getsize(self.port_file) > 0

    def addresses(self):
        with open(self.port_file, encoding="ascii") as file:
            port = int(file.read())
        name = self.exchange.name
        return ["--ws-url", f"{name}=wss://localhost:{port}{plan.PATHS[name]}", "--rest-url", f"{name}=https://localhost:{port}"]

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def subscribed(self):
        return " subscribed " in self.said()

    def market_ended(self):
        with open(self.ledger, "rb") as file:
            return file.read().count(b"\n") >= self.exchange.trades

    def faults(self):
        return collections.Counter(re.findall(r" fault (\S+)", self.said()))


def wait_until_signals_are_its_own(process):
    """Before main() a signal is the kernel's matter: on a busy machine that takes a while."""
    for _ in range(100):
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                blocked = next(line for line in status if line.startswith("SigBlk:"))
        except (OSError, StopIteration):
            return
        if int(blocked.split()[1], 16) & 1 << signal.SIGTERM - 1:
            return
        time.sleep(0.05)


class Night:
    def __init__(self, programs, plan_of_it, folder):
        self.programs = programs
        self.plan = plan_of_it
        self.folder = folder
        self.tape = os.path.join(folder, "tape.db")
        self.log = os.path.join(folder, "recorder.log")
        self.exchanges = {exchange.name: exchange for exchange in plan_of_it.exchanges}
        self.servers = []
        self.recorder = None
        self.complaints = []
        self.shift_s = self.shift() if programs.clock_can_be_set else 0
        self.command = []

    def shift(self):
        """So that the night's midnight comes when it should."""
        if not self.plan.midnight:
            return 0
        due = time.time() + self.plan.midnight_after
        offset = KST_S if self.plan.midnight == "kst" else 0
        return round(DAY_S - (due + offset) % DAY_S)

    # ---- processes

    def until(self, seconds, what, condition):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Failed(f"{what} within {seconds:.0f} s: no")
            self.must_live()
            time.sleep(POLL_S / 5)

    def must_live(self):
        for server in self.servers:
            if server.process.poll() is not None:
                raise Failed(f"the simulated {server.exchange.name} ended with {server.process.returncode}:"
                             f" {server.said()[-200:]}")
        if self.recorder and self.recorder.poll() is not None:
            raise Failed(f"the recorder ended by itself with {self.recorder.returncode}")

    def start_exchanges(self):
        self.servers = [Server(self.programs, self.folder, exchange, self.shift_s) for exchange in self.plan.exchanges]
        self.until(START_S, "the exchanges listen", lambda: all(server.listens() for server in self.servers))
        self.command = [self.programs.recorder, "--db", self.tape, "--batch-ms", str(self.plan.batch_ms),
                        "--ca-file", os.path.join(self.programs.certificates, "ca.pem")]
        for server in self.servers:
            self.command += server.addresses()
        if any(exchange.deaf for exchange in self.plan.exchanges):
            self.command += ["--audit", AUDIT]  # nothing else can tell
        for exchange in self.plan.exchanges:
            names = ["*"] if exchange.listed else exchange.markets
            self.command += [f"{exchange.name}:{name}" for name in names]

    def start_recorder(self):
        environment = dict(os.environ, TAPEDECK_TEST_RELIST_S=RELIST_S)
        if self.shift_s:
            environment["TAPEDECK_TEST_WALL_SHIFT_S"] = str(self.shift_s)
        with open(self.log, "ab") as log:
            self.recorder = subprocess.Popen(self.command, stderr=log, stdout=log, env=environment,
                                             preexec_fn=die_with_parent)

    def stop_recorder(self, how):
        process = self.recorder
        self.must_live()
        self.recorder = None
        if how == "TERM":
            wait_until_signals_are_its_own(process)
        process.send_signal(signal.SIGKILL if how == "KILL" else signal.SIGTERM)
        try:
            code = process.wait(STOP_S if how == "TERM" else None)
            if how == "TERM" and code != 0:
                self.complaints.append(f"the recorder's exit code on SIGTERM is {code}")
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self.complaints.append(f"the recorder takes more than {STOP_S} s to stop")

    def end_processes(self):
        for process in [self.recorder, *(server.process for server in self.servers)]:
            if process and process.poll() is None:
                process.kill()
                process.wait()

    # ---- the night

    def sleep_until(self, moment):
        while time.monotonic() < moment:
            self.must_live()
            time.sleep(max(0, min(POLL_S, moment - time.monotonic())))

    def happen(self):
        self.start_recorder()
        self.until(START_S, "every exchange is subscribed", lambda: all(server.subscribed() for server in self.servers))
        subscribed = time.monotonic()
        for when, how, pause in self.plan.stops:
            self.sleep_until(subscribed + when)
            if how == "STOP":  # a machine too busy for it
                self.recorder.send_signal(signal.SIGSTOP)
                time.sleep(pause)
                self.recorder.send_signal(signal.SIGCONT)
                continue
            self.stop_recorder(how)
            time.sleep(pause)
            self.start_recorder()
        longest = max(exchange.length for exchange in self.plan.exchanges)
        self.until(longest + MARKET_S, "the markets end", lambda: all(server.market_ended() for server in self.servers))
        self.sleep_until(subscribed + max(exchange.faults_end for exchange in self.plan.exchanges))

    def counts(self):
        """(trades, gaps that are open and could be filled) of the tape, cheaply."""
        unreachable = [name for name, exchange in self.exchanges.items() if exchange.rest_down_to_the_end or exchange.no_twin]
        db = sqlite3.connect(f"file:{self.tape}?mode=ro", uri=True, timeout=5)
        try:
            gaps = db.execute("SELECT exchange, symbol, count(*) FROM gap JOIN market USING (market_id) WHERE state = 'open' GROUP BY 1, 2")
            waiting = sum(count for name, symbol, count in gaps.fetchall()
                          if name not in unreachable and symbol not in self.exchanges[name].deaf)
            return db.execute("SELECT count(*) FROM trade").fetchone()[0], waiting
        finally:
            db.close()

    def settle_and_stop(self):
        """A gap that opens in the moment of the stop (a dead socket is noticed just then) gets its chance as any other."""
        self.settle(time.monotonic() + SETTLE_S)
        self.stop_recorder("TERM")
        for _ in range(3):
            if not self.counts()[1]:
                break
            self.start_recorder()
            self.settle(time.monotonic() + LAST_CHANCE_S)
            self.stop_recorder("TERM")

    def settle(self, deadline):
        """Until no gap is open and the tape would pass, and has for a while; or as long as one may wait for that."""
        made = sum(exchange.trades for exchange in self.plan.exchanges)
        well_since, next_look, looked_at = None, 0, None
        while time.monotonic() < deadline:
            self.must_live()
            now = time.monotonic()
            state = self.counts()
            if state[1]:
                well_since = None
            elif state[0] >= made or (well_since and state == looked_at):
                well_since = well_since or now
            elif now >= next_look:  # some are missing: are they in gaps that nothing can fill?
                next_look, looked_at = now + 4 * POLL_S, state
                well_since = (well_since or now) if not judge.judge(self.read(), self.exchanges)[0] else None
            else:
                well_since = None
            if well_since and now - well_since >= self.plan.afterwards:
                return
            time.sleep(POLL_S)

    def read(self):
        return judge.read(self.tape, {server.exchange.name: server.ledger for server in self.servers})

    def check_programs(self):
        checked = subprocess.run([sys.executable, os.path.join(self.programs.top, "tests/lib/check_tape.py"), self.tape],
                                 capture_output=True, text=True, check=False)
        if checked.returncode:
            self.complaints.append(f"check_tape.py: {(checked.stdout + checked.stderr).splitlines()[:1]}")
        verified = subprocess.run([self.programs.query, "--db", self.tape, "verify"],
                                  capture_output=True, text=True, check=False)
        said = verified.stdout + verified.stderr
        if verified.returncode not in (0, 2):  # 2: a tapedeck that has no such command yet
            self.complaints.append(f"tapedeck verify exits {verified.returncode}:"
                                   f" {[line for line in said.splitlines() if 'ok' not in line.split()][:3]}")
        with open(self.log, encoding="utf-8", errors="replace") as file:
            broken = re.search(r"^.*(AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|Assertion .* failed).*$",
                               file.read(), re.M)
        if broken:
            self.complaints.append(f"the recorder says: {broken.group(0)}")

    def live(self):
        figures = {}
        try:
            self.start_exchanges()
            self.happen()
            self.settle_and_stop()
            figures["faults"] = sum((server.faults() for server in self.servers), collections.Counter())
            figures["faults"].update(f"recorder-{how.lower()}" for _, how, _ in self.plan.stops)
            markets = self.read()
            complaints, missing = judge.judge(markets, self.exchanges)
            self.complaints += complaints
            figures.update(judge.figures(markets, missing))
            self.check_programs()
        except Failed as failed:
            self.complaints.append(str(failed))
        except sqlite3.Error as error:
            self.complaints.append(f"the tape cannot be read: {error}")
        finally:
            self.end_processes()
        return figures


def run(programs, plan_of_it, keep):
    folder = tempfile.mkdtemp(prefix=f"night-{plan_of_it.seed}-{plan_of_it.number}-")
    night = Night(programs, plan_of_it, folder)
    with open(os.path.join(folder, "plan.json"), "w", encoding="ascii") as file:
        json.dump(plan_of_it.describe() | {"shift_s": night.shift_s}, file, indent=1)
    figures = {}
    try:
        figures = night.live()
    except Exception as error:  # a night that cannot be judged has failed, and the others go on
        night.complaints.append(f"the night itself: {error!r}")
    if night.complaints or keep:
        with open(os.path.join(folder, "complaints"), "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in night.complaints))
    else:
        shutil.rmtree(folder)
    return Result(night.complaints, folder, figures)
