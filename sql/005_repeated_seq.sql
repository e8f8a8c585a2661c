-- As before, and a sequence number counts once: what the exchange sends again changes no book.
--
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
        SELECT groupArray((frame_no, recv_ts, yes, no, seq))
        FROM
        (
            SELECT frame_no, recv_ts, yes, no, seq
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
    SELECT side, price, change
    FROM
    (
        SELECT toString(side) AS side, price, delta AS change, seq, frame_no
        FROM ${DATABASE}.orderbook_deltas FINAL
        WHERE market_ticker = {market:String}
          AND recv_ts >= start.2
          AND recv_ts <= at
          AND session_id = followed.1
          AND sid = followed.2
          AND frame_no > start.1
          AND seq > start.5
        ORDER BY frame_no
        LIMIT 1 BY seq
    )
)
GROUP BY side, price
HAVING count != 0
ORDER BY side DESC, price;
