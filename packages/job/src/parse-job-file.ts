import type { SplitText } from '@taika/protocol/dispatch/jobs';
import { Value } from 'typebox/value';
import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { findSizeTrouble } from './check-size.ts';
import { JobFile, type JobFileText, StagedJobFile, withoutStages } from './job-file.ts';
import { JobFileError } from './job-file-error.ts';

/**
 * Reads a job file. Throws `JobFileError` with the line and column of the first thing that is wrong and what
 * was expected there: bad YAML, an unknown field (with the nearest known one), a wrong value, a missing field.
 */
export function parseJobFile(text: string, file: string): JobFileText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new JobFileError(place(broken.pos[0]), firstSentence(broken.message), 'valid YAML');
  }
  if (!isMap(document.contents)) {
    throw new JobFileError(
      place(0),
      'This is not a job file.',
      'a map with name, program, split, merge and privacy',
    );
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch {
    // Thousands of references to one another, or one that leads nowhere: the library gives up before the memory does.
    throw new JobFileError(
      place(0),
      'Its anchors and references cannot be followed.',
      'a file that says each thing itself',
    );
  }
  const isStaged = isRecord(value) && value.stages !== undefined;
  const schema = (isStaged ? StagedJobFile : JobFile) as unknown as Schema;
  const trouble = findFieldTrouble(value, schema, []) ?? findSplitTrouble(value);
  if (trouble === undefined) return isStaged ? withoutStages(value as never) : (value as JobFileText);
  throw new JobFileError(
    place(offsetOf(document, trouble.path, trouble.atKey)),
    trouble.what,
    trouble.expected,
  );
}

/** What a schema cannot say of the splits of a file that fits its schema. */
function findSplitTrouble(value: unknown): Trouble | undefined {
  const file = value as { split?: SplitText; stages?: readonly { split: SplitText }[] };
  const splits: [path: string[], split: SplitText][] = [
    ...(file.split === undefined ? [] : [[['split'], file.split] as [string[], SplitText]]),
    ...(file.stages ?? []).map(({ split }, at): [string[], SplitText] => [
      ['stages', String(at), 'split'],
      split,
    ]),
  ];
  for (const [path, split] of splits) {
    const trouble = findSizeTrouble(split);
    if (trouble === undefined) continue;
    const { field, wanted } = trouble;
    const expected = `${wanted}: a whole number of ${wanted} in a unit, or targetSeconds: seconds of the reference machine`;
    return field === undefined
      ? { path, atKey: true, what: `The split does not say how much is in a unit.`, expected }
      : {
          path: [...path, field],
          atKey: true,
          what: `The split says twice how much is in a unit.`,
          expected,
        };
  }
  return undefined;
}

interface Trouble {
  readonly path: readonly string[];
  /** Point at the field's name rather than at its value. */
  readonly atKey: boolean;
  readonly what: string;
  readonly expected: string;
}

/** The parts of a schema that are read here; TypeBox schemas are JSON Schema. */
interface Schema {
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
function findFieldTrouble(value: unknown, schema: Schema, path: readonly string[]): Trouble | undefined {
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

function offsetOf(document: Document.Parsed, path: readonly string[], atKey: boolean): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, key] of path.entries()) {
    if (!isCollection(node)) break;
    if (isSeq(node)) {
      node = node.items[Number(key)] as Node | null;
      offset = node?.range?.[0] ?? offset;
      continue;
    }
    const pair = node.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key,
    );
    if (!isPair(pair)) break;
    const keyOffset = (pair.key as Node).range?.[0] ?? offset;
    node = pair.value as Node | null;
    const last = index === path.length - 1;
    offset = last && atKey ? keyOffset : (node?.range?.[0] ?? keyOffset);
  }
  return offset;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstSentence(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return line.replace(/ at line \d+, column \d+:?$/, '.').replace(/\.?$/, '.');
}
