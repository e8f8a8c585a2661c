/** Preloaded (`node --import`) into a function that is to stand still as soon as it is invoked, before it does anything. */
process.on('message', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0);
});
