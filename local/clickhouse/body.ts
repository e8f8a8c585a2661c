import { PassThrough, Transform, Writable, type Duplex, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { fault } from './errors.ts';

/** Rows of one insert after decompression; they go to a file. */
export const ROWS_MAX_BYTES = 1_073_741_824;
/** A body that holds the statement itself, which is read into memory. */
const STATEMENT_MAX_BYTES = 67_108_864;

/**
 * Reads a body to its true end into a sink, decompressed. Throws ClickHouseFault if it was cut short anywhere, is larger
 * than `maxBytes`, cannot be decompressed, or goes on behind its compressed end: then not one row of it may be used.
 * Leaves the request readable to its end, so that an answer can still be sent.
 */
export async function receiveBody(
  request: Readable,
  encoding: string | undefined,
  maxBytes: number,
  openSink: () => Writable | Promise<Writable>,
): Promise<void> {
  const decoder = decoderFor(encoding);
  const sink = await openSink();
  let receivedBytes = 0;
  request.on('data', (chunk: Buffer) => (receivedBytes += chunk.length));
  const ended = wholeBody(request);
  // pipe(), not pipeline(): that would destroy the request, and with it the socket the answer needs.
  request.pipe(decoder);
  ended.catch((error: unknown) => decoder.destroy(error as Error));
  try {
    await pipeline(decoder, limit(maxBytes), sink);
    await ended;
  } catch (error) {
    request.unpipe(decoder);
    request.resume();
    throw asBodyFault(error, encoding);
  }
  // Node stops at the end of the first zstd frame, brotli or deflate stream and says nothing about the rest.
  if (!(decoder instanceof PassThrough) && decoder.bytesWritten !== receivedBytes) {
    throw fault('ZLIB_INFLATE_FAILED', 'Data after the end of the compressed body; nothing was executed');
  }
}

/** A body in memory. */
export async function receiveBuffer(request: Readable, encoding: string | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  await receiveBody(request, encoding, STATEMENT_MAX_BYTES, () => sink);
  return Buffer.concat(chunks);
}

type Decoder = PassThrough | (Duplex & { readonly bytesWritten: number });

function decoderFor(encoding: string | undefined): Decoder {
  switch (encoding?.toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return new PassThrough();
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      return createInflate();
    case 'zstd':
      return createZstdDecompress();
    default:
      throw fault(
        'NOT_IMPLEMENTED',
        `Unknown compression method '${encoding}'. Only gzip, br, deflate, zstd are offered here`,
      );
  }
}

/** Resolves at the body's end; rejects if the client went away before it. */
function wholeBody(request: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = (): void =>
      reject(fault('UNEXPECTED_END_OF_FILE', 'Unexpected end of the request body; nothing was executed'));
    if (request.readableEnded) resolve();
    else if (request.destroyed) cut();
    request.once('end', resolve);
    request.once('error', cut);
    request.once('close', cut);
  });
}

function limit(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        done(fault('TOO_MANY_BYTES', `The request body is larger than ${maxBytes} bytes; nothing was executed`));
      else done(null, chunk);
    },
  });
}

function asBodyFault(error: unknown, encoding: string | undefined): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || !/^(Z_|ERR_|ERR__|ZSTD_)/.test(code)) return error;
  return fault(
    'ZLIB_INFLATE_FAILED',
    `The ${encoding} request body is broken or cut short (${code}); nothing was executed`,
    error,
  );
}
