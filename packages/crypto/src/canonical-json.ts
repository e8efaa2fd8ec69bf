/** What can be written as canonical JSON. A bigint becomes a decimal string; a property that is undefined is left out. */
export type CanonicalValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined };

/** JSON in the one spelling of RFC 8785, so that equal values have equal digests. Throws a TypeError for what JSON cannot say (NaN, infinity, half a surrogate pair). */
export function canonicalJson(value: CanonicalValue): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
      return `"${value}"`;
    case 'number':
      if (!Number.isFinite(value)) {
        throw new TypeError(`${value} cannot be written as JSON.`);
      }
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : isList(value) ? list(value) : object(value);
    default:
      throw new TypeError(`A ${typeof value} cannot be written as JSON.`);
  }
}

function list(values: readonly CanonicalValue[]): string {
  return `[${values.map(canonicalJson).join(',')}]`;
}

/** RFC 8785 orders names by their UTF-16 units, which is how JavaScript compares strings. */
function object(value: { readonly [key: string]: CanonicalValue | undefined }): string {
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) {
      members.push(`${quote(key)}:${canonicalJson(member)}`);
    }
  }
  return `{${members.join(',')}}`;
}

function quote(text: string): string {
  if (!text.isWellFormed()) {
    throw new TypeError('Text with half a surrogate pair cannot be written as JSON.');
  }
  return JSON.stringify(text);
}

function isList(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}
