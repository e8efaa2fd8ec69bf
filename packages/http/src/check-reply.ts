import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** Where the wire has text a handler may give a bigint (sent in decimal) or a Date (sent as ISO 8601 in UTC). */
export type Sendable<T> = T extends string
  ? string extends T
    ? string | bigint | Date
    : T
  : T extends readonly (infer Item)[]
    ? readonly Sendable<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Sendable<T[Key]> }
      : T;

/**
 * Compiles the writer of a reply. A reply that breaks its own schema is our fault, so it throws instead of being sent.
 * Checking costs a microsecond or two, and callers are typed by the same schema.
 */
export function compileReplyWriter(route: string, schema: TSchema): (value: unknown) => string {
  const validator = Compile(schema);
  return (value) => {
    // The common reply is plain JSON already; only one that is not pays for a copy.
    const plain = validator.Check(value) ? value : toPlain(value);
    if (plain !== value && !validator.Check(plain)) {
      const [first] = validator.Errors(plain);
      throw new Error(
        `The reply of ${route} breaks its schema at "${first?.instancePath}": ${first?.message}.`,
      );
    }
    return toJson(plain);
  };
}

/** What is not covered by a schema (`Type.Unknown`) may still hold a bigint; only such a reply pays for a call per member. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(value, bigintAsText);
  }
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** A copy with bigint and Date as text, and without what is undefined. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value.toString();
  }
  if (value instanceof Date) {
    return value.toISOString();
  }
  if (Array.isArray(value)) {
    return value.map(toPlain);
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(entries.map(([name, member]) => [name, toPlain(member)]));
  }
  return value;
}
