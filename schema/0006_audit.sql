-- The exchange's own totals as a witness: where ids prove nothing, the volume that the exchange has counted since its day began
-- is put beside the sum of what is on the tape.

-- One row for each market and day of the exchange: the last result of that day.  Volumes are exact text, in the base asset.
-- verdict: equal:    all trades of the day up to until_us are on the tape: the two volumes are equal
--          differs:  they are not, though nothing is known to be missing
--          unproven: they cannot be compared, and note says why
CREATE TABLE audit (
    market_id   INTEGER NOT NULL,
    day_from_us INTEGER NOT NULL,            -- when the exchange's day began, its time; it has 24 hours
    until_us    INTEGER NOT NULL,            -- so far both count; exchange's time
    verdict     TEXT    NOT NULL CHECK (verdict IN ('equal', 'differs', 'unproven')),
    theirs      TEXT    NOT NULL,            -- what the exchange says was traded since the day began
    ours        TEXT    NOT NULL,            -- the sum of the sizes on the tape; '' where it was not made
    trades      INTEGER NOT NULL,            -- so many there are in that sum
    digits      INTEGER NOT NULL DEFAULT 0,  -- so many significant digits agree, where the exchange adds in floating point; 0: all
    at_us       INTEGER NOT NULL,            -- when the exchange was asked; our clock
    results     INTEGER NOT NULL DEFAULT 1,  -- so many there were on that day, and of them equal ones
    equals      INTEGER NOT NULL DEFAULT 0,
    note        TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (market_id, day_from_us)
) STRICT, WITHOUT ROWID;
