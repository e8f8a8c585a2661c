-- While a deployment runs, the old streamer and the new one record the same markets side by side, each as a session of its
-- own: what both heard is in the tables twice. Here the doubled time is measured, and each instant is told by one session.

-- As before, and doubled_sec: what the sessions recorded of the market in the window, added up, less what they recorded
-- together (recorded_sec). An instant with two sessions counts once, one with three twice, whether it is suspect or clean.
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
    (SELECT intervalLengthSum(a, b) FROM pieces WHERE b > a AND recording > 0 AND doubtful = 0) AS clean_us,
    (SELECT sum(b - a) FROM recorded) - recorded_us AS doubled_us
SELECT
    (t - f) / 1e6 AS window_sec,
    recorded_us / 1e6 AS recorded_sec,
    (recorded_us - clean_us) / 1e6 AS suspect_sec,
    clean_us / 1e6 AS clean_sec,
    round(100 * clean_us / greatest(t - f, 1), 3) AS clean_pct,
    (SELECT uniqExact(gap_id) FROM holes WHERE session_id IN (SELECT session_id FROM recorded)) AS gaps,
    doubled_us / 1e6 AS doubled_sec;

-- The views below read a window of receive time, whatever the exchange's clock says. Parts that are older than the index
-- get it with their next merge and are read until then.
ALTER TABLE ${DATABASE}.tickers ${ON_CLUSTER}
    ADD INDEX IF NOT EXISTS recv_ts_range recv_ts TYPE minmax GRANULARITY 1;

-- Which session tells a market in each instant of a window of receive time: from_ts belongs to its slice, to_ts does not.
-- The session that began to record the market first is believed until it ends, then the next; in its holes any session
-- that has none there. Where all that record are in a hole, again the first: a row is never left out for a doubt alone.
-- Where two sessions meet, a message that was on its way may be told by both or by neither: each heard it at its own time.
-- channel: 'orderbook_delta' or 'ticker'. market, from, to: as of coverage.
CREATE OR REPLACE VIEW ${DATABASE}.told_by ${ON_CLUSTER} AS
WITH
    toUnixTimestamp64Micro(parseDateTime64BestEffort(toString({from:String}), 6, 'UTC')) AS f,
    toUnixTimestamp64Micro(parseDateTime64BestEffort(toString({to:String}), 6, 'UTC')) AS t,
    -- Every session that has a word of the market: (session, first, last). A book begins with its snapshot; deltas of the
    -- window are asked as well, for those that have none before them. A ticker has no such beginning.
    (
        SELECT groupArray((session_id, since_us, last_us))
        FROM
        (
            SELECT session_id, toUnixTimestamp64Micro(min(heard_ts)) AS since_us, toUnixTimestamp64Micro(max(heard_ts)) AS last_us
            FROM
            (
                SELECT toString(session_id) AS session_id, recv_ts AS heard_ts
                FROM ${DATABASE}.orderbook_snapshots
                WHERE {channel:String} = 'orderbook_delta' AND market_ticker = {market:String}
                UNION ALL
                SELECT toString(session_id) AS session_id, recv_ts AS heard_ts
                FROM ${DATABASE}.orderbook_deltas
                WHERE {channel:String} = 'orderbook_delta' AND market_ticker = {market:String}
                  AND recv_ts >= fromUnixTimestamp64Micro(f, 'UTC') AND recv_ts < fromUnixTimestamp64Micro(t, 'UTC')
                UNION ALL
                SELECT toString(session_id) AS session_id, recv_ts AS heard_ts
                FROM ${DATABASE}.tickers
                WHERE {channel:String} = 'ticker' AND market_ticker = {market:String}
            )
            GROUP BY session_id
        )
    ) AS heard,
    -- A session that never said it closed ends with the last block that landed of it.
    ended AS
    (
        SELECT session_id, toUnixTimestamp64Micro(coalesce(max(closed_ts), max(seen_ts), toDateTime64(0, 6, 'UTC'))) AS end_us
        FROM
        (
            SELECT session_id, closed_ts, NULL AS seen_ts
            FROM ${DATABASE}.sessions FINAL WHERE session_id IN (SELECT arrayJoin(heard.1))
            UNION ALL
            SELECT toString(session_id) AS session_id, NULL AS closed_ts, max(last_recv_ts) AS seen_ts
            FROM ${DATABASE}.blocks WHERE session_id IN (SELECT arrayJoin(heard.1)) GROUP BY session_id
        )
        GROUP BY session_id
    ),
    -- (session, since, from, to). Its last row belongs to it, and so do rows whose block is not all there yet.
    (
        SELECT groupArray((session_id, since_us, a, b))
        FROM
        (
            SELECT
                h.1 AS session_id,
                h.2 AS since_us,
                greatest(f, since_us) AS a,
                least(t, greatest(h.3, e.end_us) + 1) AS b
            FROM (SELECT arrayJoin(heard) AS h) AS s
            LEFT JOIN ended AS e ON e.session_id = h.1
            WHERE b > a
        )
    ) AS recorded,
    -- (session, from, to). A hole begins behind the last good frame, which is its session's own.
    (
        SELECT groupArray((session_id, a, b))
        FROM
        (
            SELECT
                arrayJoin(arrayDistinct([session_id, previous_session_id])) AS session_id,
                greatest(f, toUnixTimestamp64Micro(from_ts) + 1) AS a,
                if(to_ts IS NULL, t, least(t, toUnixTimestamp64Micro(assumeNotNull(to_ts)))) AS b
            FROM ${DATABASE}.gaps FINAL
            WHERE (has(markets, {market:String}) OR empty(markets)) AND channel IN ('', {channel:String}) AND b > a
        )
        WHERE has(heard.1, session_id)
    ) AS holes,
    slices AS
    (
        SELECT us AS a, leadInFrame(us) OVER (ORDER BY us ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS b
        FROM (SELECT DISTINCT arrayJoin(arrayConcat(recorded.3, recorded.4, holes.2, holes.3)) AS us)
    )
SELECT
    fromUnixTimestamp64Micro(a, 'UTC') AS from_ts,
    fromUnixTimestamp64Micro(b, 'UTC') AS to_ts,
    arraySort(
        r -> (arrayExists(h -> h.1 = r.1 AND h.2 <= a AND a < h.3, holes), r.2, r.1),
        arrayFilter(r -> r.3 <= a AND a < r.4, recorded)
    )[1].1 AS session_id
FROM slices
WHERE b > a AND session_id != ''
ORDER BY a;

-- The changes of a market's book that were received from `from` until before `to`, each instant told by one session (see
-- told_by). Windows that adjoin have no row in common. The rows come in no order: ORDER BY recv_ts, frame_no.
CREATE OR REPLACE VIEW ${DATABASE}.deltas_of ${ON_CLUSTER} AS
SELECT market_ticker, ts, recv_ts, session_id, sid, seq, frame_no, side, price, delta, ts_source
FROM
(
    SELECT market_ticker, ts, recv_ts, toString(session_id) AS session_id, sid, seq, frame_no, side, price, delta, ts_source
    FROM ${DATABASE}.orderbook_deltas FINAL
    WHERE market_ticker = {market:String}
      AND recv_ts >= parseDateTime64BestEffort(toString({from:String}), 6, 'UTC')
      AND recv_ts < parseDateTime64BestEffort(toString({to:String}), 6, 'UTC')
) AS row
ASOF INNER JOIN
(
    SELECT session_id AS teller, from_ts, to_ts
    FROM ${DATABASE}.told_by(market = {market:String}, channel = 'orderbook_delta', from = {from:String}, to = {to:String})
) AS slice ON slice.teller = row.session_id AND row.recv_ts >= slice.from_ts
WHERE recv_ts < to_ts;

-- The tickers of a market, likewise.
CREATE OR REPLACE VIEW ${DATABASE}.tickers_of ${ON_CLUSTER} AS
SELECT * EXCEPT (teller, from_ts, to_ts)
FROM
(
    SELECT * REPLACE (toString(session_id) AS session_id)
    FROM ${DATABASE}.tickers FINAL
    WHERE market_ticker = {market:String}
      AND recv_ts >= parseDateTime64BestEffort(toString({from:String}), 6, 'UTC')
      AND recv_ts < parseDateTime64BestEffort(toString({to:String}), 6, 'UTC')
) AS row
ASOF INNER JOIN
(
    SELECT session_id AS teller, from_ts, to_ts
    FROM ${DATABASE}.told_by(market = {market:String}, channel = 'ticker', from = {from:String}, to = {to:String})
) AS slice ON slice.teller = row.session_id AND row.recv_ts >= slice.from_ts
WHERE recv_ts < to_ts;
