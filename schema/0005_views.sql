-- For people: sqlite3, pandas, DuckDB, Datasette.  All numbers are exact text; CAST(price AS REAL) to calculate.  The outermost
-- CAST is for the tools: SQLite from 3.41 on tells them that such a column is TEXT (3.40 tells no type of an expression).

-- As before, and time_us, by which the tape finds a range without reading all: WHERE time_us >= ...  (CROSS: markets come first.)
DROP VIEW trades;
CREATE VIEW trades AS
SELECT m.exchange, m.symbol,
       CAST(strftime('%Y-%m-%dT%H:%M:%S', t.time_us / 1000000, 'unixepoch')
            || printf('.%06dZ', t.time_us % 1000000) AS TEXT) AS time,
       CAST(CASE WHEN typeof(t.price) = 'text' THEN t.price
            WHEN t.price & 15 = 0 THEN t.price >> 4
            ELSE printf('%d.%0*d', (t.price >> 4) / CAST(substr('1000000000000000', 1, (t.price & 15) + 1) AS INTEGER),
                        t.price & 15, (t.price >> 4) % CAST(substr('1000000000000000', 1, (t.price & 15) + 1) AS INTEGER))
       END AS TEXT) AS price,
       CAST(CASE WHEN typeof(t.size) = 'text' THEN ltrim(t.size, '-')
            WHEN abs(t.size) & 15 = 0 THEN abs(t.size) >> 4
            ELSE printf('%d.%0*d', (abs(t.size) >> 4) / CAST(substr('1000000000000000', 1, (abs(t.size) & 15) + 1) AS INTEGER),
                        abs(t.size) & 15, (abs(t.size) >> 4) % CAST(substr('1000000000000000', 1, (abs(t.size) & 15) + 1) AS INTEGER))
       END AS TEXT) AS size,
       CAST(CASE WHEN CASE WHEN typeof(t.size) = 'text' THEN substr(t.size, 1, 1) = '-' ELSE t.size < 0 END
            THEN 'sell' ELSE 'buy' END AS TEXT) AS side,
       CAST(CASE typeof(t.id) WHEN 'integer' THEN t.id + (t.time_us / 1000 - m.id_epoch_ms) * m.id_per_ms
                              WHEN 'text' THEN substr(t.id, 3)
                              ELSE '' END AS TEXT) AS trade_id,
       CAST(CASE WHEN t.lag_us IS NULL THEN ''
            ELSE strftime('%Y-%m-%dT%H:%M:%S', (t.time_us + t.lag_us) / 1000000, 'unixepoch')
                 || printf('.%06dZ', (t.time_us + t.lag_us) % 1000000)
       END AS TEXT) AS received,
       t.time_us
  FROM market m CROSS JOIN trade t ON t.market_id = m.market_id;

-- The minute candles; turnover is the sum of price * size, so that turnover / volume is the mean price.
CREATE VIEW candles AS
SELECT m.exchange, m.symbol,
       CAST(strftime('%Y-%m-%dT%H:%M:%S', c.minute * 60, 'unixepoch') || '.000000Z' AS TEXT) AS time,
       CAST(CASE WHEN typeof(c.open) = 'text' THEN c.open
            WHEN c.open & 15 = 0 THEN c.open >> 4
            ELSE printf('%d.%0*d', (c.open >> 4) / CAST(substr('1000000000000000', 1, (c.open & 15) + 1) AS INTEGER),
                        c.open & 15, (c.open >> 4) % CAST(substr('1000000000000000', 1, (c.open & 15) + 1) AS INTEGER))
       END AS TEXT) AS open,
       CAST(CASE WHEN typeof(c.high) = 'text' THEN c.high
            WHEN c.high & 15 = 0 THEN c.high >> 4
            ELSE printf('%d.%0*d', (c.high >> 4) / CAST(substr('1000000000000000', 1, (c.high & 15) + 1) AS INTEGER),
                        c.high & 15, (c.high >> 4) % CAST(substr('1000000000000000', 1, (c.high & 15) + 1) AS INTEGER))
       END AS TEXT) AS high,
       CAST(CASE WHEN typeof(c.low) = 'text' THEN c.low
            WHEN c.low & 15 = 0 THEN c.low >> 4
            ELSE printf('%d.%0*d', (c.low >> 4) / CAST(substr('1000000000000000', 1, (c.low & 15) + 1) AS INTEGER),
                        c.low & 15, (c.low >> 4) % CAST(substr('1000000000000000', 1, (c.low & 15) + 1) AS INTEGER))
       END AS TEXT) AS low,
       CAST(CASE WHEN typeof(c.close) = 'text' THEN c.close
            WHEN c.close & 15 = 0 THEN c.close >> 4
            ELSE printf('%d.%0*d', (c.close >> 4) / CAST(substr('1000000000000000', 1, (c.close & 15) + 1) AS INTEGER),
                        c.close & 15, (c.close >> 4) % CAST(substr('1000000000000000', 1, (c.close & 15) + 1) AS INTEGER))
       END AS TEXT) AS close,
       CAST(CASE WHEN typeof(c.volume) = 'text' THEN c.volume
            WHEN c.volume & 15 = 0 THEN c.volume >> 4
            ELSE printf('%d.%0*d', (c.volume >> 4) / CAST(substr('1000000000000000', 1, (c.volume & 15) + 1) AS INTEGER),
                        c.volume & 15, (c.volume >> 4) % CAST(substr('1000000000000000', 1, (c.volume & 15) + 1) AS INTEGER))
       END AS TEXT) AS volume,
       c.trades,
       CAST(CASE WHEN typeof(c.buy_volume) = 'text' THEN c.buy_volume
            WHEN c.buy_volume & 15 = 0 THEN c.buy_volume >> 4
            ELSE printf('%d.%0*d', (c.buy_volume >> 4) / CAST(substr('1000000000000000', 1, (c.buy_volume & 15) + 1) AS INTEGER),
                        c.buy_volume & 15, (c.buy_volume >> 4) % CAST(substr('1000000000000000', 1, (c.buy_volume & 15) + 1) AS INTEGER))
       END AS TEXT) AS buy_volume,
       CAST(CASE WHEN typeof(c.turnover) = 'text' THEN c.turnover
            WHEN c.turnover & 15 = 0 THEN c.turnover >> 4
            ELSE printf('%d.%0*d', (c.turnover >> 4) / CAST(substr('1000000000000000', 1, (c.turnover & 15) + 1) AS INTEGER),
                        c.turnover & 15, (c.turnover >> 4) % CAST(substr('1000000000000000', 1, (c.turnover & 15) + 1) AS INTEGER))
       END AS TEXT) AS turnover,
       c.minute * 60000000 AS time_us
  FROM market m CROSS JOIN candle_1m c ON c.market_id = m.market_id;

-- The ledger of holes.  One that is not over ends at the recorder's last sign of life.
CREATE VIEW gaps AS
SELECT exchange, symbol,
       CAST(strftime('%Y-%m-%dT%H:%M:%S', from_us / 1000000, 'unixepoch')
            || printf('.%06dZ', from_us % 1000000) AS TEXT) AS "from",
       CAST(strftime('%Y-%m-%dT%H:%M:%S', until_us / 1000000, 'unixepoch')
            || printf('.%06dZ', until_us % 1000000) AS TEXT) AS "to",
       CAST(coalesce(from_id, '') AS TEXT) AS from_id, CAST(coalesce(to_id, '') AS TEXT) AS to_id,
       reason, state, filled, note, from_us, until_us AS to_us
  FROM (SELECT m.exchange, m.symbol, g.*,
               coalesce(g.to_us, max(g.from_us, coalesce((SELECT beat_us FROM recorder), 0))) AS until_us
          FROM market m JOIN gap g ON g.market_id = m.market_id);
