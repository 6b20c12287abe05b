-- Ids that begin again (testnets do, and a market that is listed anew may): from then on a market's trades are numbered anew, and
-- an id may stand once before that moment and once after it.

-- One row for each time that a market's ids began again: its trades from from_us on are numbered apart from those before.
-- A market without a row has one epoch.
CREATE TABLE id_epoch (
    market_id INTEGER NOT NULL,
    from_us   INTEGER NOT NULL,
    PRIMARY KEY (market_id, from_us)
) STRICT, WITHOUT ROWID;

-- As before; and one id may be a stray in several epochs.
CREATE TABLE stray_id_of_epoch (
    market_id INTEGER NOT NULL,
    trade_id  ANY     NOT NULL,
    time_us   INTEGER NOT NULL,
    PRIMARY KEY (market_id, trade_id, time_us)
) STRICT, WITHOUT ROWID;
INSERT INTO stray_id_of_epoch SELECT market_id, trade_id, time_us FROM stray_id;
DROP TABLE stray_id;
ALTER TABLE stray_id_of_epoch RENAME TO stray_id;
