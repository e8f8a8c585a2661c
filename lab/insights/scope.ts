/** Where a name's value is: in a slot of the row, and below it where it is a map or a list. */
export interface Place {
  readonly slot: number;
  readonly below: readonly string[];
}

/** The names that a stage sees, and the slots of its rows. */
export class Scope {
  /** Events have any field that a name asks for; the lines of a stats have its columns only. */
  readonly ofEvents: boolean;
  readonly #defined = new Map<string, number>();
  readonly #discovered = new Map<string, number>();
  #width = 0;

  constructor(ofEvents: boolean) {
    this.ofEvents = ofEvents;
  }

  get width(): number {
    return this.#width;
  }

  /** Fields that are read from events, by name: their slots. */
  get discovered(): ReadonlyMap<string, number> {
    return this.#discovered;
  }

  /** From now on the name means a new slot. */
  define(name: string): number {
    const slot = this.#width++;
    this.#defined.set(name, slot);
    return slot;
  }

  /** A slot without a name. */
  reserve(): number {
    return this.#width++;
  }

  isDefined(name: string): boolean {
    return this.#defined.has(name);
  }

  /** undefined: no column has this name. */
  resolve(path: readonly string[]): Place | undefined {
    for (let parts = path.length; parts > 0; parts--) {
      const slot = this.#defined.get(path.slice(0, parts).join('.'));
      if (slot !== undefined) return { slot, below: path.slice(parts) };
    }
    return this.ofEvents ? { slot: this.field(path.join('.')), below: [] } : undefined;
  }

  /** The slot of a field of the event itself, whatever the name means by now. */
  field(name: string): number {
    const known = this.#discovered.get(name);
    if (known !== undefined) return known;
    const slot = this.#width++;
    this.#discovered.set(name, slot);
    return slot;
  }

  /** A column as the query writes it: `COUNT( * )` finds `count(*)`. */
  written(text: string): number | undefined {
    if (this.ofEvents) return undefined;
    const wanted = normalized(text);
    for (const [name, slot] of this.#defined) if (normalized(name) === wanted) return slot;
    return undefined;
  }
}

function normalized(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase();
}
