import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is handed on in pieces of this length, characters. */
const MAX_LINE_CHARS = 1_048_576;

/** Cuts a byte stream into lines exactly as printed, without their line ends (\n or \r\n). */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #maxChars: number;
  #rest = '';

  constructor(maxChars = MAX_LINE_CHARS) {
    this.#maxChars = maxChars;
  }

  push(chunk: Buffer): string[] {
    const parts = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = parts.pop() ?? '';
    const lines = parts.flatMap((part) => this.#pieces(part.endsWith('\r') ? part.slice(0, -1) : part));
    while (this.#rest.length > this.#maxChars) {
      lines.push(this.#rest.slice(0, this.#maxChars));
      this.#rest = this.#rest.slice(this.#maxChars);
    }
    return lines;
  }

  /** What was printed last without a line end, if anything. */
  end(): string[] {
    const last = this.#rest + this.#decoder.end();
    this.#rest = '';
    return last === '' ? [] : this.#pieces(last);
  }

  #pieces(line: string): string[] {
    if (line.length <= this.#maxChars) return [line];
    const count = Math.ceil(line.length / this.#maxChars);
    return Array.from({ length: count }, (_, i) => line.slice(i * this.#maxChars, (i + 1) * this.#maxChars));
  }
}
