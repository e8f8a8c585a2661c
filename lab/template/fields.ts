import type { TemplateFault } from './error.ts';
import { isObject, type Json, type JsonObject } from './document.ts';

/** Reads the resolved properties of one resource; what is wrong is a fault with its path, never an exception. */
export class Fields {
  readonly #logicalId: string;
  readonly #path: string;
  readonly #object: JsonObject;
  readonly #faults: TemplateFault[];

  constructor(logicalId: string, object: JsonObject, faults: TemplateFault[], path = '') {
    this.#logicalId = logicalId;
    this.#object = object;
    this.#faults = faults;
    this.#path = path;
  }

  fault(property: string, problem: string): void {
    this.#faults.push({ logicalId: this.#logicalId, property: `${this.#path}${property}`, problem });
  }

  has(property: string): boolean {
    return this.#object[property] !== undefined;
  }

  text(property: string): string | undefined {
    const value = this.#object[property];
    if (value === undefined) return undefined;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    this.fault(property, 'must be text');
    return undefined;
  }

  requiredText(property: string): string {
    if (!this.has(property)) this.fault(property, 'is missing');
    return this.text(property) ?? '';
  }

  /** CloudFormation takes numbers as text too. */
  number(property: string): number | undefined {
    const value = this.#object[property];
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    this.fault(property, `must be a number, it is ${JSON.stringify(value)}`);
    return undefined;
  }

  requiredNumber(property: string): number {
    if (!this.has(property)) this.fault(property, 'is missing');
    return this.number(property) ?? Number.NaN;
  }

  boolean(property: string, otherwise: boolean): boolean {
    const value = this.#object[property];
    if (value === undefined) return otherwise;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    this.fault(property, 'must be true or false');
    return otherwise;
  }

  oneOf<T extends string>(property: string, allowed: readonly T[], otherwise: T): T {
    const text = this.text(property);
    if (text === undefined) return otherwise;
    const found = allowed.find((value) => value === text);
    if (found === undefined)
      this.fault(property, `must be one of ${allowed.join(', ')}, it is ${JSON.stringify(text)}`);
    return found ?? otherwise;
  }

  texts(property: string): string[] {
    const value = this.#object[property];
    if (value === undefined) return [];
    const items = Array.isArray(value) ? (value as readonly Json[]) : [value];
    if (!items.every((item) => typeof item === 'string')) this.fault(property, 'must be a list of texts');
    return items.filter((item) => typeof item === 'string');
  }

  inner(property: string): Fields | undefined {
    const value = this.#object[property];
    if (value === undefined) return undefined;
    if (isObject(value)) return new Fields(this.#logicalId, value, this.#faults, `${this.#path}${property}.`);
    this.fault(property, 'must be an object');
    return undefined;
  }

  each(property: string): Fields[] {
    const value = this.#object[property];
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.fault(property, 'must be a list');
      return [];
    }
    return (value as readonly Json[]).flatMap((item, index) => {
      const path = `${this.#path}${property}[${index}].`;
      if (isObject(item)) return [new Fields(this.#logicalId, item, this.#faults, path)];
      this.fault(`${property}[${index}]`, 'must be an object');
      return [];
    });
  }
}
