"""What happens in a night: everything is drawn here, from random.Random(f"{seed}/{number}") and nothing else; and what makes a
night unkind, when it is asked for, from one of each exchange's own beside it, so that the rest of that night stays the same.

Seconds of a plan count from the first subscription of the exchange (faults) or of the last exchange (the recorder's kills)."""
import math
import random

KRW = ["KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "KRW-DOGE", "KRW-ADA"]
USDT = ["BTCUSDT", "ETHUSDT", "XRPUSDT", "SOLUSDT", "DOGEUSDT", "ADAUSDT"]
MARKETS = {"upbit": KRW, "bithumb": KRW, "binance": USDT, "binance-usdm": USDT}
PATHS = {"upbit": "/websocket/v1", "bithumb": "/websocket/v1", "binance": "/stream", "binance-usdm": "/market/stream"}
NEW = {"upbit": "KRW-NEW", "bithumb": "KRW-NEW", "binance": "NEWUSDT=NEW/USDT", "binance-usdm": "NEWUSDT=NEW/USDT"}
TIME_UNIT_US = {"upbit": 1000, "bithumb": 1000, "binance": 1, "binance-usdm": 1000}  # of the ledger's times
FOR_EVER = 100000

# A mood: how many faults an exchange has at most, how often it has any of its standing oddities, how many kills there are.
MOODS = {"calm": (0, 0.1, [0]), "mild": (1, 0.15, [0, 0, 0, 1]), "rough": (4, 0.25, [0, 0, 1, 1, 2, 3])}


def log_uniform(rng, low, high):
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def seconds(value):
    return f"{value:.2f}"


class Exchange:
    """One exchange's night: the options of its simulator, its script, and what the judge must know of both."""

    def __init__(self, name, rng, length, mood, skewed):
        most, oddity, _ = MOODS[mood]
        self.name = name
        self.rng = rng
        self.binance = name.startswith("binance")
        self.markets = MARKETS[name][: rng.randint(1, 6)]
        # Fast enough, now and then, that a gap is many pages of REST.
        self.rate = round(log_uniform(rng, 1, 200) if rng.random() < 0.75 else rng.uniform(150, 400))
        self.length = length * rng.uniform(0.4, 1)
        self.trades = max(3, round(self.rate * self.length))
        self.seed = rng.randrange(1 << 32)
        self.skew_s = rng.choice([-20, 20]) if skewed and rng.random() < 0.6 else 0
        self.options = []
        self.script = []
        self.faults_end = 0.0
        self.rest_down_to_the_end = False
        self.history_limit = 0  # what REST reaches back at least, in trades of a market; 0: all
        self.one_day = False
        self.reorder_ms = 0
        self.deaf = set()       # markets that the sockets are silent about from some time on, for ever
        self.no_twin = False    # REST tells its trades otherwise than the socket
        self.listed = None      # the symbol of a market that is listed meanwhile; then all are recorded by a pattern
        self.renumbered = set() # markets whose ids begin again; what happened before may be out of REST's reach then
        if not self.binance and rng.random() < 0.75:
            self.reorder_ms = rng.randint(1, 3000)
            self.option("reorder-ms", self.reorder_ms)
        self.draw_oddities(oddity)
        for _ in range(rng.randint(0, most) if mood != "mild" else rng.randint(0, 1)):
            self.draw_fault()

    def option(self, name, *value):
        self.options += [f"--{name}", *map(str, value)]

    def draw_oddities(self, often):
        rng = self.rng
        truth = lambda times=1.0: rng.random() < often * times
        if truth():
            self.option("resend", rng.randint(1, 50))
        if truth():
            self.option("chunked")
        if truth(2):
            self.option("rest-lag-ms", rng.randint(1, 3000))
        if truth():
            self.option("ban-seconds", rng.randint(1, 4))
            if self.binance:
                self.option("rest-limit", rng.randint(80, 200))
                self.option("rest-window-ms", rng.randint(2000, 6000))
            else:
                self.option("rest-limit", rng.randint(4, 9))
        if truth(0.7):
            self.history_limit = round(log_uniform(rng, 5, 500))
            self.option("history-limit", self.history_limit)
        if self.name == "bithumb" and truth(2):
            self.one_day = True
            self.option("one-day")
        if self.name == "binance" and truth(1.5):
            self.option("no-historical")  # what is left are the newest 1000
            self.history_limit = min(self.history_limit or 1000, 1000)
        if self.binance and truth(1.5):
            self.option("life-ms", rng.randint(3000, 15000))
            if rng.random() < 0.5:
                self.option("shutdown-notice-ms", rng.randint(200, 2500))
            self.at(self.length + 1, "ageless")
        if self.binance and truth():
            self.option("server-ping-ms", rng.randint(500, 3000))

    def at(self, when, action, lasting=0.0):
        self.script.append(f"after={seconds(when)} {action}")
        if lasting < FOR_EVER / 2:
            self.faults_end = max(self.faults_end, when + lasting)

    def draw_fault(self):
        rng = self.rng
        # Some so late that the market, or some of its markets, never trades again.
        when = rng.uniform(0.5, self.length) if rng.random() < 0.75 else max(0.5, self.length + rng.uniform(-2, 1))
        lasting = rng.uniform(0.5, 12)
        break_off = rng.choice(["drop", "drop", "fin", "close 1000", "close 1001 going away", "close 1012 restart"])
        kinds = {"break": 6, "refuse": 3, "unavailable": 3, "stall": 2, "long-stall": 1, "half-open": 1, "repeat": 1,
                 "shuffle": 1, "fragment": 1, "coalesce": 1, "drip": 0.3, "garbage": 0.4, "http": 3, "http-stall": 2,
                 "truncate": 3, "mute": 1, "rest-down": 0.4}
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        if kind == "break":
            self.at(when, break_off)
        elif kind in ("refuse", "unavailable"):
            self.at(when, f"{kind} {seconds(lasting)}", lasting)
            self.at(when + 0.01, break_off)
        elif kind == "stall":
            self.at(when, f"stall {seconds(lasting)}", lasting)
        elif kind == "long-stall":  # longer than the recorder waits for a pong
            lasting = rng.uniform(16, 28)
            self.at(when, f"stall {seconds(lasting)}", lasting)
        elif kind == "half-open":
            self.at(when, f"stall {FOR_EVER}", FOR_EVER)
        elif kind == "repeat":
            self.at(when, f"repeat {rng.randint(1, 500)}")
        elif kind == "shuffle":
            # What the socket still holds back when it dies must not be older than an exchange's lateness (5 s).
            if self.rate >= 5:
                self.at(when, f"shuffle {rng.randint(2, 4 if self.binance else min(self.rate, 100))}")
        elif kind in ("fragment", "coalesce"):
            self.at(when, f"{kind} {rng.randint(2, 8)}")
        elif kind == "drip":
            if self.rate <= 20:
                self.at(when, "drip")
        elif kind == "garbage":
            self.at(when, "garbage-builtin")
        elif kind in ("http", "http-stall"):
            status = f"{rng.choice([500, 502, 503, 403, 429, 418])} " if kind == "http" else ""
            if rng.random() < 0.7:  # gaps are asked for some 6 s after a break
                self.at(max(0.5, when - rng.uniform(0, 8)), break_off)
            self.at(when, f"{kind} {status}{seconds(lasting)}", lasting)
        elif kind == "truncate":
            self.at(when, break_off)
            if "--no-historical" not in self.options:  # a cut page of the newest is all there is
                lasting += rng.uniform(6, 16)
                self.at(when, f"truncate {seconds(lasting)}", lasting)
                if rng.random() < 0.5:
                    self.at(when + 0.01, f"refuse {seconds(rng.uniform(2, 8))}", 8)
        elif kind == "mute":
            # Only ids show it, and only when the market trades again.
            if self.binance and self.rate >= 5 * len(self.markets) and self.length > 6:
                lasting = rng.uniform(0.2, 2)
                self.at(rng.uniform(0.5, self.length / 2 - 2), f"mute-market {self.markets[0]} {seconds(lasting)}", lasting)
        elif kind == "rest-down":
            self.rest_down_to_the_end = True
            self.at(when, f"http {rng.choice([500, 503])} {FOR_EVER}", FOR_EVER)

    def draw_unkindness(self, rng, midnight):
        """What public reports of other recorders told of, from a generator of its own: without it the night stays as it is."""
        for _ in range(rng.randint(0, 3)):
            self.draw_unkind_fault(rng)
        draw = rng.random()
        # Only what was recorded beside a gap, and is in REST's reach, can tell; and of few trades some are right by chance.
        if draw < 0.15 and not self.history_limit and not midnight and self.rate >= 40 * len(self.markets):
            self.draw_twin(rng)
        elif draw > 0.88:
            self.draw_listing(rng)

    def draw_twin(self, rng):
        """REST with other times, digits or ids than the socket."""
        self.no_twin = True
        # Where REST has no ids to compare (bithumb), times that are cut are found out only where a page spans several seconds.
        kinds = [("rest-digits", 1)] + [("rest-times", "seconds")] * (self.name != "bithumb") + [("rest-ids", "round")] * (self.name == "upbit")
        self.option(*rng.choice(kinds))

    def draw_listing(self, rng):
        """A market is listed; the connection that is made for it, and carries it alone at first, dies in one night of two."""
        self.listed = NEW[self.name].split("=", maxsplit=1)[0]
        when = rng.uniform(0.5, max(1.0, self.length / 2))
        self.at(when, f"list {NEW[self.name]}")
        if rng.random() < 0.5:
            self.script.append(f"conn=2 {rng.choice(['drop', 'fin', 'close 1001 going away'])}")
        elif rng.random() < 0.5:
            self.at(when + rng.uniform(1, 6), "drop")

    def draw_unkind_fault(self, rng):
        when, lasting = rng.uniform(0.5, max(1.0, self.length - 1)), rng.uniform(0.5, 12)
        market = rng.choice(self.markets)
        # Only ids show it, and only when the market trades again.
        ids_show_it = self.binance and self.rate >= 5 * len(self.markets) and self.length > 6
        kinds = {"refuse-subscribe": 3, "ignore-subscribe": 2, "lag": 3, "lag-market": 2, "seconds": 2, "rest-behind": 2,
                 "rest-shuffle": 2, "rest-null": 2, "stuck-cursor": 2, "strange": 3, "retry-after": 1, "deaf-market": 0.5}
        if any(" lag" in line for line in self.script):  # two lags at once would change the order on the wire, which TCP never does
            kinds |= {"lag": 0, "lag-market": 0}
        if self.binance:
            kinds |= {"ahead": 1, "shutdown-each": 1, "rest-missing": 2, "renumber": 1.5, "451": 1}
        if ids_show_it:
            kinds |= {"other-code": 1}
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        if kind.endswith("-subscribe"):
            self.at(when, f"{kind} {rng.randint(1, 3)}")
            self.at(when + 0.01, "drop")
        elif kind in ("lag", "lag-market"):
            name = f" {market}" if kind == "lag-market" else ""
            self.at(when, f"{kind}{name} {seconds(rng.uniform(0.5, 20))} {seconds(lasting)}", lasting)
        elif kind == "seconds":
            self.at(when, f"seconds {market} {rng.randint(1, 20)}")
        elif kind == "ahead":  # near enough to be believed
            self.at(when, f"ahead {market} {seconds(rng.choice([-1, 1]) * rng.uniform(0.1, 4))} {rng.randint(1, 5)}")
        elif kind == "rest-behind":
            # Without running ids, or another trade to show them, nobody can tell for long that the newest are not there.
            lasting = lasting if ids_show_it and when + lasting < self.length - 3 else min(lasting, 3)
            self.break_off_at(when, f"rest-behind {rng.randint(1, 200 if self.binance else 20)} {seconds(lasting)}", lasting)
        elif kind == "rest-missing":
            self.break_off_at(when, f"rest-missing {market} {rng.randint(1, 50)} {seconds(lasting)}", lasting)
        elif kind in ("rest-shuffle", "stuck-cursor"):
            self.break_off_at(when, f"{kind} {seconds(lasting + 6)}", lasting + 6)
        elif kind == "rest-null":
            self.break_off_at(when, f"rest-null {rng.randint(1, 30)} {seconds(lasting + 6)}", lasting + 6)
        elif kind == "strange":
            name, every = rng.choice([("ping", 0.5), ("news", 0.2), ("bad", 0.3), ("bad", 0.003)])
            self.at(when, f"strange {name} {every} {seconds(lasting)}", lasting)
        elif kind == "other-code":
            lasting = min(lasting, 2)
            self.at(rng.uniform(0.5, self.length / 2 - 2), f"strange other-code {self.markets[0]} "
                    f"{rng.choice([self.markets[0].lower(), 'RENAMED'])} {seconds(lasting)}", lasting)
        elif kind == "shutdown-each":
            self.at(when, f"shutdown-each {seconds(lasting)}", lasting)
        elif kind == "retry-after":
            self.break_off_at(when, f"unavailable {seconds(lasting)} {rng.randint(1, 20)}", lasting)
        elif kind == "renumber":
            self.renumbered.add(market)
            self.at(when, f"renumber {market}{rng.choice(['', ' keep'])}")
            if rng.random() < 0.5:  # so that the new ids meet the old ones; else these begin somewhere at random
                self.option("first-id", rng.randint(1, 1000))
            if rng.random() < 0.5:
                self.at(max(0.1, when + rng.uniform(-2, 1)), "drop")
        elif kind == "451":
            self.break_off_at(when, f"http 451 {seconds(lasting)}", lasting)
        elif kind == "deaf-market":
            self.deaf.add(market)
            self.at(when, f"deaf-market {market}")

    def break_off_at(self, when, action, lasting):
        self.at(when, action, lasting)
        self.at(when + 0.01, "drop")

    def describe(self):
        return {"options": " ".join(self.options), "script": self.script, "markets": self.markets, "rate": self.rate,
                "trades": self.trades, "length": self.length, "skew_s": self.skew_s}


class Plan:
    def __init__(self, seed, number, unkind=False):
        rng = random.Random(f"{seed}/{number}")
        self.seed, self.number, self.unkind = seed, number, unkind
        self.mood = rng.choices(list(MOODS), [1, 2.5, 6.5])[0]
        self.length = rng.uniform(5, 40)
        # Seconds from the start to a midnight, UTC or Korean; None: the time of day is the machine's.
        self.midnight = rng.choice(["utc", "kst"]) if rng.random() < 0.3 else None
        self.midnight_after = rng.uniform(2, self.length)
        skewed = rng.random() < 0.08
        self.exchanges = [Exchange(name, random.Random(rng.random()), self.length, self.mood, skewed) for name in MARKETS]
        self.batch_ms = rng.choice([20, 200, 200, 200, 1000])
        self.stops = []  # (seconds, "KILL", "TERM" or "STOP", seconds until it is started again or goes on)
        when = 3.0
        for _ in range(rng.choice(MOODS[self.mood][2])):
            # Soon after a start gaps are being filled; later they have been.
            when += rng.uniform(0, 12) if rng.random() < 0.5 else rng.uniform(0, max(1.0, self.length - when))
            pause = 0.0 if rng.random() < 0.3 else rng.uniform(0, 10)
            self.stops.append((when, rng.choice(["KILL", "KILL", "KILL", "KILL", "TERM", "STOP"]), pause))
            when += pause + 0.5
        # In some nights the recorder is left alone with what it has for a while, and must not spoil it.
        self.afterwards = rng.uniform(5, 20) if rng.random() < 0.2 else 1.5
        for exchange in self.exchanges if unkind else ():
            exchange.draw_unkindness(random.Random(f"{seed}/{number}/unkind/{exchange.name}"), self.midnight)

    def describe(self):
        return {"seed": self.seed, "number": self.number, "unkind": self.unkind, "mood": self.mood,
                "length": self.length, "midnight": self.midnight,
                "midnight_after": self.midnight_after, "stops": self.stops, "batch_ms": self.batch_ms,
                "exchanges": {exchange.name: exchange.describe() for exchange in self.exchanges}}


def draw(seed, number, unkind=False):
    return Plan(seed, number, unkind)
