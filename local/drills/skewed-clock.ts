/** Preloaded (`node --import`) into a program whose host's clock is to be wrong by DRILL_SKEW_MS. */
const skew_ms = Number(process.env['DRILL_SKEW_MS'] ?? 0);
const right = Date.now.bind(Date);
Date.now = () => right() + skew_ms;
