-- The book of a market as the recorder knew it at a receive time: the newest snapshot received by then and every delta
-- that followed it on the same subscription. Snapshots carry no exchange time, so the order is frame_no, never ts.
-- market: the ticker. time: a DateTime64 or its text, UTC.
CREATE OR REPLACE VIEW ${DATABASE}.book_at ${ON_CLUSTER} AS
WITH
    parseDateTime64BestEffort(toString({time:String}), 6, 'UTC') AS at,
    newest AS
    (
        SELECT session_id, sid, frame_no, yes, no
        FROM ${DATABASE}.orderbook_snapshots
        WHERE market_ticker = {market:String} AND recv_ts <= at
        ORDER BY recv_ts DESC, frame_no DESC
        LIMIT 1
    )
SELECT side, price, sum(change) AS count
FROM
(
    SELECT 'yes' AS side, level.1 AS price, level.2 AS change FROM newest ARRAY JOIN yes AS level
    UNION ALL
    SELECT 'no' AS side, level.1 AS price, level.2 AS change FROM newest ARRAY JOIN no AS level
    UNION ALL
    SELECT toString(side) AS side, price, delta AS change
    FROM ${DATABASE}.orderbook_deltas FINAL
    WHERE market_ticker = {market:String}
      AND (session_id, sid) IN (SELECT session_id, sid FROM newest)
      AND frame_no > (SELECT max(frame_no) FROM newest)
      AND recv_ts <= at
)
GROUP BY side, price
HAVING count != 0
ORDER BY side DESC, price;

-- Trades by minute, in yes dollars. A trade that two sessions recorded is one trade.
CREATE OR REPLACE VIEW ${DATABASE}.trades_1m ${ON_CLUSTER} AS
SELECT
    market_ticker,
    toStartOfMinute(ts) AS minute,
    argMin(yes_price, (ts, trade_id)) AS open,
    max(yes_price) AS high,
    min(yes_price) AS low,
    argMax(yes_price, (ts, trade_id)) AS close,
    sum(count) AS volume,
    sum(yes_price * count) AS yes_dollars,
    count() AS trades
FROM ${DATABASE}.trades FINAL
GROUP BY market_ticker, minute;

-- Holes of a market in a window: every gap that names it, or that names no market and so means all of its session.
CREATE OR REPLACE VIEW ${DATABASE}.gaps_of ${ON_CLUSTER} AS
SELECT gap_id, cause, attribution, channel, from_ts, to_ts, missing, session_id, repair
FROM ${DATABASE}.gaps FINAL
WHERE has(markets, {market:String}) OR empty(markets)
ORDER BY from_ts;

-- How much of a window was recorded of a market's book, and how much of that is beyond doubt. Seconds.
-- market: the ticker; from, to: DateTime64 or text, UTC.
CREATE OR REPLACE VIEW ${DATABASE}.coverage ${ON_CLUSTER} AS
WITH
    parseDateTime64BestEffort(toString({from:String}), 6, 'UTC') AS window_from,
    parseDateTime64BestEffort(toString({to:String}), 6, 'UTC') AS window_to,
    toUnixTimestamp64Micro(window_from) AS f,
    toUnixTimestamp64Micro(window_to) AS t,
    subscribed AS
    (
        SELECT
            greatest(f, toUnixTimestamp64Micro(s.since)) AS a,
            least(t, toUnixTimestamp64Micro(coalesce(e.closed_ts, e.last_recv_ts, s.since))) AS b
        FROM
        (
            SELECT session_id, min(ts) AS since
            FROM ${DATABASE}.subscriptions
            WHERE channel = 'orderbook_delta' AND has(markets, {market:String})
            GROUP BY session_id
        ) AS s
        LEFT JOIN
        (
            SELECT session_id, max(closed_ts) AS closed_ts, max(seen) AS last_recv_ts
            FROM
            (
                SELECT session_id, closed_ts, NULL AS seen FROM ${DATABASE}.sessions FINAL
                UNION ALL
                SELECT session_id, NULL AS closed_ts, max(last_recv_ts) AS seen FROM ${DATABASE}.blocks GROUP BY session_id
            )
            GROUP BY session_id
        ) AS e ON e.session_id = s.session_id
    ),
    doubtful AS
    (
        SELECT greatest(f, toUnixTimestamp64Micro(from_ts)) AS a, least(t, toUnixTimestamp64Micro(coalesce(to_ts, window_to))) AS b
        FROM ${DATABASE}.gaps FINAL
        WHERE (has(markets, {market:String}) OR empty(markets)) AND channel IN ('', 'orderbook_delta')
    ),
    (SELECT intervalLengthSum(a, b) FROM subscribed WHERE b > a) AS recorded_us,
    (SELECT intervalLengthSum(a, b) FROM (SELECT a, b FROM subscribed UNION ALL SELECT a, b FROM doubtful) WHERE b > a) AS both_us,
    (SELECT intervalLengthSum(a, b) FROM doubtful WHERE b > a) AS doubtful_us
SELECT
    (t - f) / 1e6 AS window_sec,
    recorded_us / 1e6 AS recorded_sec,
    (recorded_us + doubtful_us - both_us) / 1e6 AS suspect_sec,
    (both_us - doubtful_us) / 1e6 AS clean_sec,
    round(100 * (both_us - doubtful_us) / greatest(t - f, 1), 3) AS clean_pct,
    (SELECT count() FROM doubtful WHERE b > a) AS gaps;
