-- The book of a market as the recorder knew it at a receive time: a snapshot received by then and every delta that followed
-- it on the same subscription. Snapshots carry no exchange time, so what comes first is told by frame_no, never by ts.
-- Where several sessions recorded the market, the one that had the newest word on it by then is believed, so that a session
-- that ended does not hide one that went on. What a session did not receive it cannot show: see coverage and gaps_of.
-- market: the ticker. time: text with or without an offset, UTC without; or an expression, which the server hands over as
-- its text in the expression's own zone, so write now64(6, 'UTC') where the server's zone is another.
CREATE OR REPLACE VIEW ${DATABASE}.book_at ${ON_CLUSTER} AS
WITH
    parseDateTime64BestEffort(toString({time:String}), 6, 'UTC') AS at,
    (
        SELECT max(recv_ts) FROM ${DATABASE}.orderbook_snapshots WHERE market_ticker = {market:String} AND recv_ts <= at
    ) AS newest_snapshot_ts,
    (
        SELECT groupArray((session_id, sid))
        FROM
        (
            SELECT session_id, sid
            FROM
            (
                SELECT toString(session_id) AS session_id, sid, recv_ts, frame_no
                FROM ${DATABASE}.orderbook_snapshots
                WHERE market_ticker = {market:String} AND recv_ts = newest_snapshot_ts
                UNION ALL
                SELECT toString(session_id) AS session_id, sid, recv_ts, frame_no
                FROM ${DATABASE}.orderbook_deltas
                WHERE market_ticker = {market:String} AND recv_ts >= newest_snapshot_ts AND recv_ts <= at
                  AND (session_id, sid) IN
                  (
                      SELECT session_id, sid FROM ${DATABASE}.orderbook_snapshots
                      WHERE market_ticker = {market:String} AND recv_ts <= at
                  )
            )
            ORDER BY recv_ts DESC, session_id DESC, frame_no DESC
            LIMIT 1
        )
    )[1] AS followed,
    (
        SELECT groupArray((frame_no, recv_ts, yes, no))
        FROM
        (
            SELECT frame_no, recv_ts, yes, no
            FROM ${DATABASE}.orderbook_snapshots
            WHERE market_ticker = {market:String} AND recv_ts <= at AND session_id = followed.1 AND sid = followed.2
            ORDER BY recv_ts DESC, frame_no DESC
            LIMIT 1
        )
    )[1] AS start
SELECT side, price, sum(change) AS count
FROM
(
    SELECT 'yes' AS side, level.1 AS price, level.2 AS change FROM (SELECT arrayJoin(start.3) AS level)
    UNION ALL
    SELECT 'no' AS side, level.1 AS price, level.2 AS change FROM (SELECT arrayJoin(start.4) AS level)
    UNION ALL
    SELECT toString(side) AS side, price, delta AS change
    FROM ${DATABASE}.orderbook_deltas FINAL
    WHERE market_ticker = {market:String}
      AND recv_ts >= start.2
      AND recv_ts <= at
      AND session_id = followed.1
      AND sid = followed.2
      AND frame_no > start.1
)
GROUP BY side, price
HAVING count != 0
ORDER BY side DESC, price;

-- Trades by minute, in yes dollars. A trade that two sessions recorded is one trade. Trades of one instant (the exchange
-- gives milliseconds) count in the order they were received.
CREATE OR REPLACE VIEW ${DATABASE}.trades_1m ${ON_CLUSTER} AS
SELECT
    market_ticker,
    toStartOfMinute(ts) AS minute,
    argMin(yes_price, (ts, recv_ts, trade_id)) AS open,
    max(yes_price) AS high,
    min(yes_price) AS low,
    argMax(yes_price, (ts, recv_ts, trade_id)) AS close,
    sum(count) AS volume,
    sum(toDecimal128(yes_price, 6) * count) AS yes_dollars,
    count() AS trades
FROM ${DATABASE}.trades FINAL
GROUP BY market_ticker, minute;

-- Holes that touch a market: every gap that names it, or that names no market and so means all of its session.
-- to_ts NULL: never repaired; such a hole ends with its session.
CREATE OR REPLACE VIEW ${DATABASE}.gaps_of ${ON_CLUSTER} AS
SELECT gap_id, cause, attribution, channel, from_ts, to_ts, missing, session_id, repair
FROM ${DATABASE}.gaps FINAL
WHERE has(markets, {market:String}) OR empty(markets)
ORDER BY from_ts, gap_id;

-- How much of a window was recorded of a market's book, and how much of that is beyond doubt. Seconds.
-- A session records the market from its first snapshot to its end; what its own holes cover is suspect. An instant that
-- any session has clean is clean. market: the ticker; from, to: as the time of book_at.
CREATE OR REPLACE VIEW ${DATABASE}.coverage ${ON_CLUSTER} AS
WITH
    toUnixTimestamp64Micro(parseDateTime64BestEffort(toString({from:String}), 6, 'UTC')) AS f,
    toUnixTimestamp64Micro(parseDateTime64BestEffort(toString({to:String}), 6, 'UTC')) AS t,
    first_snapshots AS
    (
        SELECT toString(session_id) AS session_id, toUnixTimestamp64Micro(min(recv_ts)) AS since_us
        FROM ${DATABASE}.orderbook_snapshots WHERE market_ticker = {market:String} GROUP BY session_id
    ),
    -- A session that never said it closed ends with the last block that landed of it.
    ended AS
    (
        SELECT session_id, toUnixTimestamp64Micro(coalesce(max(closed_ts), max(seen_ts), toDateTime64(0, 6, 'UTC'))) AS end_us
        FROM
        (
            SELECT session_id, closed_ts, NULL AS seen_ts
            FROM ${DATABASE}.sessions FINAL WHERE session_id IN (SELECT session_id FROM first_snapshots)
            UNION ALL
            SELECT toString(session_id) AS session_id, NULL AS closed_ts, max(last_recv_ts) AS seen_ts
            FROM ${DATABASE}.blocks WHERE session_id IN (SELECT session_id FROM first_snapshots) GROUP BY session_id
        )
        GROUP BY session_id
    ),
    recorded AS
    (
        SELECT s.session_id AS session_id, greatest(f, s.since_us) AS a, least(t, e.end_us) AS b
        FROM first_snapshots AS s
        INNER JOIN ended AS e ON e.session_id = s.session_id
        WHERE b > a
    ),
    -- A hole between two sessions reaches back to the last good instant of the one before, which may be before its end.
    -- It counts only where its session records, so one that was never closed ends with its session.
    holes AS
    (
        SELECT
            gap_id,
            arrayJoin(arrayDistinct([session_id, previous_session_id])) AS session_id,
            greatest(f, toUnixTimestamp64Micro(from_ts)) AS a,
            if(to_ts IS NULL, t, least(t, toUnixTimestamp64Micro(assumeNotNull(to_ts)))) AS b
        FROM ${DATABASE}.gaps FINAL
        WHERE (has(markets, {market:String}) OR empty(markets)) AND channel IN ('', 'orderbook_delta') AND b > a
    ),
    pieces AS
    (
        SELECT
            us AS a,
            leadInFrame(us) OVER (PARTITION BY session_id ORDER BY us ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS b,
            sum(recorders) OVER (PARTITION BY session_id ORDER BY us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS recording,
            sum(doubts) OVER (PARTITION BY session_id ORDER BY us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS doubtful
        FROM
        (
            SELECT session_id, us, sum(recorder) AS recorders, sum(doubt) AS doubts
            FROM
            (
                SELECT session_id, a AS us, 1 AS recorder, 0 AS doubt FROM recorded
                UNION ALL SELECT session_id, b AS us, -1 AS recorder, 0 AS doubt FROM recorded
                UNION ALL SELECT session_id, a AS us, 0 AS recorder, 1 AS doubt FROM holes
                UNION ALL SELECT session_id, b AS us, 0 AS recorder, -1 AS doubt FROM holes
            )
            GROUP BY session_id, us
        )
    ),
    (SELECT intervalLengthSum(a, b) FROM pieces WHERE b > a AND recording > 0) AS recorded_us,
    (SELECT intervalLengthSum(a, b) FROM pieces WHERE b > a AND recording > 0 AND doubtful = 0) AS clean_us
SELECT
    (t - f) / 1e6 AS window_sec,
    recorded_us / 1e6 AS recorded_sec,
    (recorded_us - clean_us) / 1e6 AS suspect_sec,
    clean_us / 1e6 AS clean_sec,
    round(100 * clean_us / greatest(t - f, 1), 3) AS clean_pct,
    (SELECT uniqExact(gap_id) FROM holes WHERE session_id IN (SELECT session_id FROM recorded)) AS gaps;
