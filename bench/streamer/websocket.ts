import { createHash } from 'node:crypto';

/** RFC 6455, 1.3 */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const FINAL_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** The server's half of the handshake (RFC 6455, 4.2.2). */
export function acceptText(key: string): string {
  const accept = createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** Bytes that `writeFrame` takes for a text of so many bytes: unmasked, as a server sends. */
export function frameBytes(textBytes: number): number {
  return textBytes + (textBytes < LENGTH_16 ? 2 : textBytes <= 0xffff ? 4 : 10);
}

/** Writes one whole text frame at `at` (RFC 6455, 5.2) of a text in Latin-1; returns the index behind it. */
export function writeFrame(bytes: Buffer, at: number, text: string): number {
  bytes[at] = FINAL_TEXT;
  let start = at + 2;
  if (text.length < LENGTH_16) {
    bytes[at + 1] = text.length;
  } else if (text.length <= 0xffff) {
    bytes[at + 1] = LENGTH_16;
    start = bytes.writeUInt16BE(text.length, at + 2);
  } else {
    bytes[at + 1] = LENGTH_64;
    start = bytes.writeBigUInt64BE(BigInt(text.length), at + 2);
  }
  return start + bytes.write(text, start, 'latin1');
}
