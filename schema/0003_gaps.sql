-- The ledger of holes, and the recorder's sign of life.  Nothing is lost in silence: what may have been missed has a row
-- here from its first moment, and keeps it when it was filled.

-- 1: each trade's id is that of the trade before it plus one, so that a skip is a hole and nothing else is.
ALTER TABLE market ADD COLUMN ids_step INTEGER NOT NULL DEFAULT 0;

-- One row a hole: of this market's trades with from_us <= time < to_us some may not have been received.
-- state: open:       being waited for, or being filled by REST
--        filled:     REST was asked for all of it, and all that it has is on the tape (filled: how many trades that were)
--        unfillable: REST cannot give it, and note says why
-- Where ids prove, from_id and to_id are the first and the last id that is missing (to_id NULL: not known yet).
CREATE TABLE gap (
    gap_id    INTEGER PRIMARY KEY,
    market_id INTEGER NOT NULL,
    from_us   INTEGER NOT NULL,
    to_us     INTEGER,                     -- NULL: not over; nothing of the market is being received
    from_id   INTEGER,
    to_id     INTEGER,
    reason    TEXT    NOT NULL,            -- one word: not-running, disconnect, silence, asleep, overflow, unparseable,
                                           -- id-skip, backfill-since
    state     TEXT    NOT NULL CHECK (state IN ('open', 'filled', 'unfillable')),
    filled    INTEGER NOT NULL DEFAULT 0,
    note      TEXT    NOT NULL DEFAULT '', -- what an open one waits for; why one is unfillable
    opened_us INTEGER NOT NULL,            -- our clock, as the next
    closed_us INTEGER
) STRICT;
CREATE INDEX gap_by_market ON gap (market_id, from_us);
CREATE INDEX gap_open ON gap (market_id) WHERE state = 'open';

-- The recorder that wrote last: one row, written every few seconds while it lives.  Our clock.
CREATE TABLE recorder (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    pid         INTEGER NOT NULL,
    version     TEXT    NOT NULL,
    started_us  INTEGER NOT NULL,
    beat_us     INTEGER NOT NULL,          -- when it last said that it lives
    stopped_us  INTEGER,                   -- NULL: it runs, or it died
    queue_rows  INTEGER NOT NULL,          -- waiting between network and disk
    queue_limit INTEGER NOT NULL,
    disconnects INTEGER NOT NULL,          -- since started_us, as the next three
    received    INTEGER NOT NULL,
    bad         INTEGER NOT NULL,          -- messages that could not be used
    lost        INTEGER NOT NULL           -- trades that found no place in the queue
) STRICT;

-- How far each exchange's clock is ahead of ours, as its trades tell: it is at least so much, less what they were on the way.
CREATE TABLE exchange_clock (
    exchange    TEXT    PRIMARY KEY,
    ahead_us    INTEGER NOT NULL,
    measured_us INTEGER NOT NULL           -- our clock
) STRICT, WITHOUT ROWID;
