-- Tickers, for those who ask for MARKET@ticker: what the exchange itself says of a window of time.  Numbers as in
-- trade.price.  The same words at the same time are one row, however often they came.
CREATE TABLE ticker (
    market_id INTEGER NOT NULL,
    "window"  TEXT    NOT NULL,                -- 24H, 1D, 30M ...: in the exchange's meaning
    time_us   INTEGER NOT NULL,
    open      ANY     NOT NULL,
    high      ANY     NOT NULL,
    low       ANY     NOT NULL,
    close     ANY     NOT NULL,
    volume    ANY     NOT NULL,
    lag_us    INTEGER NOT NULL,                -- time of receipt - time_us
    PRIMARY KEY (market_id, "window", time_us, open, high, low, close, volume)
) STRICT, WITHOUT ROWID;
