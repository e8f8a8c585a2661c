-- The warehouse. Names and meanings are a contract; see README, "The tables".
-- ts: when it happened at the exchange. recv_ts: when the recorder received it. Both in UTC, microseconds.
-- A row's identity is (session_id, frame_no): given once at the socket, never by the warehouse.

CREATE TABLE IF NOT EXISTS ${DATABASE}.frames ${ON_CLUSTER}
(
    session_id LowCardinality(String) CODEC(ZSTD(1)),
    frame_no   UInt64                 CODEC(Delta(8), ZSTD(1)),
    recv_ts    DateTime64(6, 'UTC')   CODEC(Delta(8), ZSTD(1)),
    kind       Enum8('text' = 0, 'binary' = 1) CODEC(ZSTD(1)),
    type       LowCardinality(String) CODEC(ZSTD(1)),
    sid        UInt64                 CODEC(ZSTD(1)),
    seq        UInt64                 CODEC(Delta(8), ZSTD(1)),
    raw        String                 CODEC(ZSTD(3))
)
ENGINE = ${REPLICATED}ReplacingMergeTree
PARTITION BY toYYYYMMDD(recv_ts)
ORDER BY (session_id, frame_no)
SETTINGS ${DEDUPLICATION};

CREATE TABLE IF NOT EXISTS ${DATABASE}.orderbook_snapshots ${ON_CLUSTER}
(
    market_ticker LowCardinality(String) CODEC(ZSTD(1)),
    market_id     LowCardinality(String) CODEC(ZSTD(1)),
    session_id    LowCardinality(String) CODEC(ZSTD(1)),
    sid           UInt64               CODEC(ZSTD(1)),
    seq           UInt64               CODEC(Delta(8), ZSTD(1)),
    frame_no      UInt64               CODEC(Delta(8), ZSTD(1)),
    recv_ts       DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    yes           Array(Tuple(Decimal(9, 6), Decimal(18, 2))) CODEC(ZSTD(1)),
    no            Array(Tuple(Decimal(9, 6), Decimal(18, 2))) CODEC(ZSTD(1))
)
ENGINE = ${REPLICATED}ReplacingMergeTree
PARTITION BY toYYYYMM(recv_ts)
ORDER BY (market_ticker, recv_ts, session_id, frame_no)
SETTINGS index_granularity = 256, ${DEDUPLICATION};

-- frame_no and recv_ts are computed from their distance to seq and ts: 8.5 bytes a row where stored columns take 10.6 (200
-- markets), 9.7 where they take 12.6 (2,000 markets), measured as in test/integration/warehouse/compact.test.ts. They are
-- columns like any other, in WHERE and ORDER BY and with FINAL, but `SELECT *` shows them only with
-- `SETTINGS asterisk_include_alias_columns = 1`.
CREATE TABLE IF NOT EXISTS ${DATABASE}.orderbook_deltas ${ON_CLUSTER}
(
    market_ticker LowCardinality(String) CODEC(ZSTD(1)),
    ts            DateTime64(6, 'UTC')   CODEC(Delta(8), ZSTD(1)),
    session_id    LowCardinality(String) CODEC(ZSTD(1)),
    sid           UInt64                 CODEC(Delta(8), ZSTD(1)),
    seq           UInt64                 CODEC(Delta(8), ZSTD(1)),
    frame_offset  Int64                  CODEC(Delta(8), ZSTD(1)),
    frame_no      UInt64                 ALIAS toUInt64(seq + frame_offset),
    side          Enum8('yes' = 1, 'no' = 2) CODEC(ZSTD(1)),
    price         Decimal(9, 6)          CODEC(ZSTD(1)),
    delta         Decimal(18, 2)         CODEC(T64, ZSTD(1)),
    recv_lag_us   Int64                  CODEC(T64, ZSTD(1)),
    recv_ts       DateTime64(6, 'UTC')   ALIAS addMicroseconds(ts, recv_lag_us),
    ts_source     Enum8('exchange' = 0, 'recv' = 1) CODEC(ZSTD(1)),
    -- The book at a time reads only what was received between its snapshot and that time, whatever the exchange's clock says.
    INDEX recv_ts_range addMicroseconds(ts, recv_lag_us) TYPE minmax GRANULARITY 1,
    CONSTRAINT price_in_range CHECK price >= 0 AND price <= 1
)
ENGINE = ${REPLICATED}ReplacingMergeTree
PARTITION BY toYYYYMMDD(ts)
PRIMARY KEY (market_ticker, ts)
ORDER BY (market_ticker, ts, session_id, sid, seq, frame_offset)
SETTINGS ${DEDUPLICATION};

CREATE TABLE IF NOT EXISTS ${DATABASE}.trades ${ON_CLUSTER}
(
    trade_id           String               CODEC(ZSTD(1)),
    market_ticker      LowCardinality(String) CODEC(ZSTD(1)),
    ts                 DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    yes_price          Decimal(9, 6)        CODEC(ZSTD(1)),
    no_price           Decimal(9, 6)        CODEC(ZSTD(1)),
    count              Decimal(18, 2)       CODEC(T64, ZSTD(1)),
    taker_outcome_side Enum8('' = 0, 'yes' = 1, 'no' = 2) CODEC(ZSTD(1)),
    taker_book_side    Enum8('' = 0, 'bid' = 1, 'ask' = 2) CODEC(ZSTD(1)),
    is_block_trade     Bool                 CODEC(ZSTD(1)),
    session_id         LowCardinality(String) CODEC(ZSTD(1)),
    sid                UInt64               CODEC(ZSTD(1)),
    seq                UInt64               CODEC(Delta(8), ZSTD(1)),
    frame_no           UInt64               CODEC(Delta(8), ZSTD(1)),
    recv_ts            DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ts_source          Enum8('exchange' = 0, 'recv' = 1) CODEC(ZSTD(1))
)
ENGINE = ${REPLICATED}ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (market_ticker, ts, trade_id)
SETTINGS ${DEDUPLICATION};

CREATE TABLE IF NOT EXISTS ${DATABASE}.tickers ${ON_CLUSTER}
(
    market_ticker        LowCardinality(String) CODEC(ZSTD(1)),
    ts                   DateTime64(6, 'UTC')   CODEC(Delta(8), ZSTD(1)),
    price                Nullable(Decimal(9, 6)) CODEC(ZSTD(1)),
    yes_bid              Decimal(9, 6)          CODEC(ZSTD(1)),
    yes_ask              Decimal(9, 6)          CODEC(ZSTD(1)),
    yes_bid_size         Nullable(Decimal(18, 2)) CODEC(ZSTD(1)),
    yes_ask_size         Nullable(Decimal(18, 2)) CODEC(ZSTD(1)),
    last_trade_size      Nullable(Decimal(18, 2)) CODEC(ZSTD(1)),
    volume               Decimal(18, 2)         CODEC(Delta(8), ZSTD(1)),
    open_interest        Decimal(18, 2)         CODEC(Delta(8), ZSTD(1)),
    dollar_volume        Nullable(Int64)        CODEC(ZSTD(1)),
    dollar_open_interest Nullable(Int64)        CODEC(ZSTD(1)),
    session_id           LowCardinality(String) CODEC(ZSTD(1)),
    sid                  UInt64                 CODEC(ZSTD(1)),
    frame_no             UInt64                 CODEC(Delta(8), ZSTD(1)),
    recv_ts              DateTime64(6, 'UTC')   CODEC(Delta(8), ZSTD(1)),
    ts_source            Enum8('exchange' = 0, 'recv' = 1) CODEC(ZSTD(1))
)
ENGINE = ${REPLICATED}ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (market_ticker, ts, session_id, frame_no)
SETTINGS ${DEDUPLICATION};

-- Market and event lifecycle. ts is the determination or settlement instant where the message has one, else recv_ts.
-- msg keeps the whole message: the exchange adds event types and fields.
CREATE TABLE IF NOT EXISTS ${DATABASE}.lifecycle ${ON_CLUSTER}
(
    market_ticker         String CODEC(ZSTD(1)),
    event_ticker          String CODEC(ZSTD(1)),
    type                  LowCardinality(String) CODEC(ZSTD(1)),
    event_type            LowCardinality(String) CODEC(ZSTD(1)),
    ts                    DateTime64(6, 'UTC')   CODEC(Delta(8), ZSTD(1)),
    open_ts               Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    close_ts              Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    determination_ts      Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    settled_ts            Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    result                LowCardinality(String) CODEC(ZSTD(1)),
    settlement_value      Nullable(Decimal(9, 6)) CODEC(ZSTD(1)),
    is_deactivated        Nullable(Bool)         CODEC(ZSTD(1)),
    exchange_index        Nullable(Int64)        CODEC(ZSTD(1)),
    title                 String                 CODEC(ZSTD(1)),
    price_level_structure LowCardinality(String) CODEC(ZSTD(1)),
    price_ranges          Array(Tuple(Decimal(9, 6), Decimal(9, 6), Decimal(9, 6))) CODEC(ZSTD(1)),
    msg                   String                 CODEC(ZSTD(3)),
    session_id            LowCardinality(String) CODEC(ZSTD(1)),
    sid                   UInt64                 CODEC(ZSTD(1)),
    seq                   UInt64                 CODEC(ZSTD(1)),
    frame_no              UInt64                 CODEC(Delta(8), ZSTD(1)),
    recv_ts               DateTime64(6, 'UTC')   CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${REPLICATED}ReplacingMergeTree
PARTITION BY toYYYYMM(recv_ts)
ORDER BY (market_ticker, recv_ts, session_id, frame_no)
SETTINGS ${DEDUPLICATION};

-- One row per connection; read with FINAL: the closing row replaces the opening one. closed_ts NULL: open, or died.
CREATE TABLE IF NOT EXISTS ${DATABASE}.sessions ${ON_CLUSTER}
(
    session_id    String,
    recorder_id   LowCardinality(String),
    connection    UInt32,
    url           LowCardinality(String),
    channels      Array(LowCardinality(String)),
    markets_count UInt32,
    use_yes_price Bool,
    version       LowCardinality(String),
    previous_run  Enum8('same' = 0, 'clean' = 1, 'crashed' = 2, 'unknown' = 3),
    opened_ts     DateTime64(6, 'UTC'),
    closed_ts     Nullable(DateTime64(6, 'UTC')),
    close_reason  LowCardinality(String),
    close_code    UInt16,
    frames        UInt64,
    row_version   UInt8
)
ENGINE = ${REPLICATED}ReplacingMergeTree(row_version)
ORDER BY session_id
SETTINGS ${DEDUPLICATION};

-- Which markets a session's subscription (sid) covers, from when. markets empty: all markets of the channel.
CREATE TABLE IF NOT EXISTS ${DATABASE}.subscriptions ${ON_CLUSTER}
(
    session_id     String,
    sid            UInt64,
    channel        LowCardinality(String),
    markets        Array(String) CODEC(ZSTD(1)),
    ts             DateTime64(6, 'UTC'),
    after_frame_no UInt64
)
ENGINE = ${REPLICATED}ReplacingMergeTree
ORDER BY (session_id, sid, after_frame_no)
SETTINGS ${DEDUPLICATION};

-- One row per hole; read with FINAL. markets empty: every market of the channel. to_ts NULL: not repaired yet.
-- missing: messages known to be lost, 0 where nobody can know. first/last_frame_no: frames received and dropped by us.
CREATE TABLE IF NOT EXISTS ${DATABASE}.gaps ${ON_CLUSTER}
(
    gap_id              String,
    session_id          String,
    recorder_id         LowCardinality(String),
    cause               LowCardinality(String),
    attribution         Enum8('exchange' = 1, 'network' = 2, 'recorder' = 3),
    channel             LowCardinality(String),
    sid                 UInt64,
    markets             Array(String) CODEC(ZSTD(1)),
    from_ts             DateTime64(6, 'UTC'),
    to_ts               Nullable(DateTime64(6, 'UTC')),
    expected_seq        UInt64,
    got_seq             UInt64,
    missing             UInt64,
    first_frame_no      UInt64,
    last_frame_no       UInt64,
    previous_session_id String,
    repair              LowCardinality(String),
    row_version         UInt8
)
ENGINE = ${REPLICATED}ReplacingMergeTree(row_version)
ORDER BY gap_id
SETTINGS ${DEDUPLICATION};

-- What could not become a row, with its bytes and why. frame_no 0: a marker, or (table '') a whole record that is no block.
CREATE TABLE IF NOT EXISTS ${DATABASE}.rejects ${ON_CLUSTER}
(
    block_id    String,
    session_id  String,
    frame_no    UInt64,
    recv_ts     DateTime64(6, 'UTC'),
    table       LowCardinality(String),
    reason      LowCardinality(String),
    detail      String CODEC(ZSTD(1)),
    raw         String CODEC(ZSTD(3)),
    rejected_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${REPLICATED}ReplacingMergeTree
ORDER BY (block_id, frame_no, recv_ts, table, reason)
SETTINGS ${DEDUPLICATION};

-- One row per block landed, written last: a block that is here is whole in every table.
CREATE TABLE IF NOT EXISTS ${DATABASE}.blocks ${ON_CLUSTER}
(
    block_id        String CODEC(ZSTD(1)),
    recorder_id     LowCardinality(String) CODEC(ZSTD(1)),
    session_id      LowCardinality(String) CODEC(ZSTD(1)),
    first_frame_no  UInt64 CODEC(Delta(8), ZSTD(1)),
    last_frame_no   UInt64 CODEC(Delta(8), ZSTD(1)),
    frames          UInt32 CODEC(ZSTD(1)),
    markers         UInt32 CODEC(ZSTD(1)),
    first_recv_ts   DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    last_recv_ts    DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    raw_bytes       UInt32 CODEC(ZSTD(1)),
    record_bytes    UInt32 CODEC(ZSTD(1)),
    cut_reason      LowCardinality(String) CODEC(ZSTD(1)),
    cut_ts          DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    rejects         UInt32 CODEC(ZSTD(1)),
    unknown_types   UInt32 CODEC(ZSTD(1)),
    drift           Array(String) CODEC(ZSTD(1)),
    shard_id        LowCardinality(String) CODEC(ZSTD(1)),
    sequence_number String CODEC(ZSTD(1)),
    arrival_ts      DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    landed_at       DateTime64(6, 'UTC') DEFAULT now64(6) CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${REPLICATED}ReplacingMergeTree(landed_at)
ORDER BY (session_id, first_frame_no, block_id)
SETTINGS index_granularity = 1024, ${DEDUPLICATION};
