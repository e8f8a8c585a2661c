/** Preloaded (`node --import`) into a program that is to end by an error that nobody caught, after DRILL_THROW_AFTER_MS. */
setTimeout(
  () => {
    throw new Error('a mistake of ours that nobody caught');
  },
  Number(process.env['DRILL_THROW_AFTER_MS'] ?? 0),
);
