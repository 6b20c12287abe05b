-- The tape's first shape.  Why it looks like this: a trade is written once and read by market and time, so the rows lie
-- in that order (WITHOUT ROWID), and what repeats from row to row is not stored: the id and the time of receipt are kept
-- relative to the trade's time, the side is the sign of the size, and a number is one integer (mantissa * 16 + decimals)
-- wherever it fits.  schema/README.md tells the units and the invariants.

-- One row a market.  id_per_ms and id_epoch_ms say how the exchange makes a trade id out of the time (0: it does not).
CREATE TABLE market (
    market_id   INTEGER PRIMARY KEY,
    exchange    TEXT    NOT NULL,
    symbol      TEXT    NOT NULL,
    base        TEXT    NOT NULL DEFAULT '',   -- asset bought and sold, by the exchange's own word; '' where unknown
    quote       TEXT    NOT NULL DEFAULT '',   -- asset that the price counts
    id_per_ms   INTEGER NOT NULL DEFAULT 0,
    id_epoch_ms INTEGER NOT NULL DEFAULT 0,
    ids_unordered INTEGER NOT NULL DEFAULT 0,  -- 1: its ids have nothing to do with time, and stray_id holds all of them
    UNIQUE (exchange, symbol)
) STRICT;

-- One row a trade.
-- id:    integer: trade id - (time_us / 1000 - id_epoch_ms) * id_per_ms
--        text:    an id that this integer cannot hold: two digits (how many digits it has), then the id
--        blob:    the exchange gave no id; the order of arrival among equal times
-- price, size: integer: mantissa * 16 + decimals (0..15); text: plain decimal, where that integer would overflow.
--        size < 0 (text: leading '-') means that the taker sold.
-- lag_us: time of receipt - time_us; NULL for a trade that came by backfill.
CREATE TABLE trade (
    market_id INTEGER NOT NULL,
    time_us   INTEGER NOT NULL,
    id        ANY     NOT NULL,
    price     ANY     NOT NULL,
    size      ANY     NOT NULL,
    lag_us    INTEGER,
    PRIMARY KEY (market_id, time_us, id)
) STRICT, WITHOUT ROWID;

-- Identity is (market, trade id), whatever the time.  In a market's trades, taken by (time_us, id) without those listed
-- here, the trade id only ever grows, so that an id is found by its place; each trade that breaks this order has its
-- row here.  Exchanges number by time, so this is nearly empty.  trade_id: integer, or text as in trade.id.
CREATE TABLE stray_id (
    market_id INTEGER NOT NULL,
    trade_id  ANY     NOT NULL,
    time_us   INTEGER NOT NULL,
    PRIMARY KEY (market_id, trade_id)
) STRICT, WITHOUT ROWID;

-- One row for each market and UTC minute that has a trade; always what its trades say, to the last digit.
-- Numbers as in trade.price.  turnover: sum of price * size.
CREATE TABLE candle_1m (
    market_id  INTEGER NOT NULL,
    minute     INTEGER NOT NULL,               -- minutes since 1970-01-01T00:00Z
    open       ANY     NOT NULL,
    high       ANY     NOT NULL,
    low        ANY     NOT NULL,
    close      ANY     NOT NULL,
    volume     ANY     NOT NULL,
    buy_volume ANY     NOT NULL,
    turnover   ANY     NOT NULL,
    trades     INTEGER NOT NULL,
    PRIMARY KEY (market_id, minute)
) STRICT, WITHOUT ROWID;

-- One row for each market and unbroken connection: from from_us to to_us nothing that the exchange sent was missed.
CREATE TABLE coverage (
    market_id INTEGER NOT NULL,
    from_us   INTEGER NOT NULL,
    to_us     INTEGER NOT NULL,
    PRIMARY KEY (market_id, from_us)
) STRICT, WITHOUT ROWID;

-- One row for each of these numbered files that was carried out on this tape.
CREATE TABLE schema_step (
    step       INTEGER PRIMARY KEY,
    applied_us INTEGER NOT NULL,
    program    TEXT    NOT NULL
) STRICT;

-- For people: sqlite3, pandas, Datasette.  Everything is exact text; CAST(price AS REAL) to calculate.
CREATE VIEW trades AS
SELECT m.exchange, m.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', t.time_us / 1000000, 'unixepoch') || printf('.%06dZ', t.time_us % 1000000) AS time,
       CASE WHEN typeof(t.price) = 'text' THEN t.price
            WHEN t.price & 15 = 0 THEN CAST(t.price >> 4 AS TEXT)
            ELSE printf('%d.%0*d', (t.price >> 4) / CAST(substr('1000000000000000', 1, (t.price & 15) + 1) AS INTEGER),
                        t.price & 15, (t.price >> 4) % CAST(substr('1000000000000000', 1, (t.price & 15) + 1) AS INTEGER))
       END AS price,
       CASE WHEN typeof(t.size) = 'text' THEN ltrim(t.size, '-')
            WHEN abs(t.size) & 15 = 0 THEN CAST(abs(t.size) >> 4 AS TEXT)
            ELSE printf('%d.%0*d', (abs(t.size) >> 4) / CAST(substr('1000000000000000', 1, (abs(t.size) & 15) + 1) AS INTEGER),
                        abs(t.size) & 15, (abs(t.size) >> 4) % CAST(substr('1000000000000000', 1, (abs(t.size) & 15) + 1) AS INTEGER))
       END AS size,
       CASE WHEN CASE WHEN typeof(t.size) = 'text' THEN substr(t.size, 1, 1) = '-' ELSE t.size < 0 END
            THEN 'sell' ELSE 'buy' END AS side,
       CASE typeof(t.id) WHEN 'integer' THEN CAST(t.id + (t.time_us / 1000 - m.id_epoch_ms) * m.id_per_ms AS TEXT)
                         WHEN 'text' THEN substr(t.id, 3)
                         ELSE '' END AS trade_id,
       CASE WHEN t.lag_us IS NULL THEN ''
            ELSE strftime('%Y-%m-%dT%H:%M:%S', (t.time_us + t.lag_us) / 1000000, 'unixepoch')
                 || printf('.%06dZ', (t.time_us + t.lag_us) % 1000000) END AS received
  FROM market m JOIN trade t ON t.market_id = m.market_id;
