import { Value } from 'typebox/value';

/** The first thing that does not fit a schema, and what would. */
export interface Trouble {
  readonly path: readonly string[];
  /** Point at the field's name rather than at its value. */
  readonly atKey: boolean;
  readonly what: string;
  readonly expected: string;
}

/** The parts of a schema that are read here; TypeBox schemas are JSON Schema. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Of a map with names of the writer's own choice. */
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Of a list: what each of its entries is. */
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
}

/** Walks value and schema together, because a union's own errors would name every branch that did not fit. */
export function findFieldTrouble(
  value: unknown,
  schema: Schema,
  path: readonly string[],
): Trouble | undefined {
  if (Value.Check(schema as never, value)) return undefined;
  const branch = chooseBranch(value, schema);
  if (branch === undefined) {
    const given = isRecord(value) && value.by !== undefined;
    const what = given
      ? `There is no such way for ${nameOf(path)}.`
      : `The field ${nameOf(path)}.by is missing.`;
    return { path: given ? [...path, 'by'] : path, atKey: false, what, expected: listForms(schema) };
  }
  if (branch.items !== undefined && Array.isArray(value)) {
    const { items } = branch;
    const inner = value.map((item, index) => findFieldTrouble(item, items, [...path, String(index)]));
    const first = inner.find((trouble) => trouble !== undefined);
    if (first !== undefined) return first;
  }
  const entry = isRecord(value) ? findEntryTrouble(value, branch, path) : undefined;
  if (entry !== undefined) return entry;
  if (branch.properties === undefined || !isRecord(value)) {
    return {
      path,
      atKey: false,
      what: `This value of ${nameOf(path)} does not fit.`,
      expected: describe(branch),
    };
  }
  const known = Object.keys(branch.properties);
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      const what = `There is no field ${key}${path.length > 0 ? ` in ${nameOf(path)}` : ''}.`;
      return { path: [...path, key], atKey: true, what, expected: `one of ${known.join(', ')}` };
    }
  }
  for (const [key, inner] of Object.entries(branch.properties)) {
    if (value[key] === undefined) {
      if (!(branch.required ?? []).includes(key)) continue;
      const what = `The field ${[...path, key].join('.')} is missing.`;
      return { path, atKey: path.length > 0, what, expected: `${key}: ${describe(inner)}` };
    }
    const found = findFieldTrouble(value[key], inner, [...path, key]);
    if (found !== undefined) return found;
  }
  return {
    path,
    atKey: false,
    what: `This value of ${nameOf(path)} does not fit.`,
    expected: describe(branch),
  };
}

/** The first entry of a map whose name or value does not fit; a schema of another kind has none. */
function findEntryTrouble(
  value: Readonly<Record<string, unknown>>,
  { patternProperties = {}, description }: Schema,
  path: readonly string[],
): Trouble | undefined {
  const [entry] = Object.entries(patternProperties);
  if (entry === undefined) return undefined;
  const [pattern, inner] = entry;
  for (const [key, each] of Object.entries(value)) {
    if (!new RegExp(pattern).test(key)) {
      const what = `The name ${key} in ${nameOf(path)} does not fit.`;
      return { path: [...path, key], atKey: true, what, expected: description ?? 'another name' };
    }
    const found = findFieldTrouble(each, inner, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In `split` and `merge` the field `by` says which form is meant; undefined where it names none. */
function chooseBranch(value: unknown, schema: Schema): Schema | undefined {
  if (schema.anyOf === undefined || !schema.anyOf.every((form) => form.properties?.by !== undefined))
    return schema;
  const by = isRecord(value) ? value.by : undefined;
  return schema.anyOf.find((form) => form.properties?.by?.const === by);
}

function listForms(schema: Schema): string {
  return `one of ${(schema.anyOf ?? []).map((branch) => String(branch.properties?.by?.const)).join(', ')}`;
}

function describe(schema: Schema): string {
  if (schema.description !== undefined) return schema.description;
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map(describe).join(' or ');
  if (schema.properties !== undefined) return `a map with ${Object.keys(schema.properties).join(', ')}`;
  return (
    { string: 'text', integer: 'a whole number', boolean: 'true or false', array: 'a list' }[
      schema.type ?? ''
    ] ?? 'another value'
  );
}

function nameOf(path: readonly string[]): string {
  return path.length === 0 ? 'the file' : path.join('.');
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
