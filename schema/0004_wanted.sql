-- What a reader could not know until now: which markets the recorder is asked for, and whether all of the tape is in its one
-- file.

-- One row for each market and stretch of time in which a recorder was asked for its trades.  Our clock.  A stop does not end
-- it: the next start does, for what it no longer wants, and the end is the last sign of life before that start.  A market
-- without a row whose to_us is NULL is not recorded, and nothing is expected of it.
CREATE TABLE wanted (
    market_id INTEGER NOT NULL,
    from_us   INTEGER NOT NULL,
    to_us     INTEGER,                     -- NULL: it still is
    PRIMARY KEY (market_id, from_us)
) STRICT, WITHOUT ROWID;
-- What is on an older tape counts as wanted until the next start says otherwise.
INSERT INTO wanted
SELECT market_id, coalesce((SELECT min(from_us) FROM coverage c WHERE c.market_id = m.market_id),
                           (SELECT started_us FROM recorder), 0), NULL
  FROM market m
 WHERE EXISTS (SELECT 1 FROM trade t WHERE t.market_id = m.market_id)
    OR EXISTS (SELECT 1 FROM coverage c WHERE c.market_id = m.market_id)
    OR EXISTS (SELECT 1 FROM gap g WHERE g.market_id = m.market_id);

-- How the tape lies in its files: one row.
-- folded_us:    when all was brought into the one file.  Written, and brought into that file itself, as the last thing of an
--               orderly stop, and cleared likewise as the first of a start: a copy of that file alone says whether all is in it.
-- wal_since_us: since when the -wal is large beside a reader that holds a snapshot; NULL: it is not.  Our clock.
CREATE TABLE tape_file (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    folded_us    INTEGER,
    wal_since_us INTEGER
) STRICT;
INSERT INTO tape_file VALUES (1, 0, NULL);
