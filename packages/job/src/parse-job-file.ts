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
import { findFieldTrouble, isRecord, type Schema } from './field-trouble.ts';
import { findDraftRefusal } from './find-job-refusal.ts';
import { JobFile, type JobFileText, StagedJobFile, withoutStages } from './job-file.ts';
import { JobFileError } from './job-file-error.ts';
import { pathInFile } from './job-refusal.ts';
import { draftOf } from './spec-of-file.ts';

/**
 * Reads a job file. Throws `JobFileError` with the line and column of the first thing that is wrong and what
 * was expected there: bad YAML, an unknown field (with the nearest known one), a wrong value, a missing field.
 */
export function parseJobFile(text: string, file: string): JobFileText {
  const lines = new LineCounter();
  const document = parseDocument(withQuotedDash(text), { lineCounter: lines, uniqueKeys: true });
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
  const trouble = findFieldTrouble(value, schema, []);
  if (trouble !== undefined) {
    const at = offsetOf(document, trouble.path, trouble.atKey);
    throw new JobFileError(place(at), trouble.what, trouble.expected);
  }
  const exact = withExactSeed(value as { readonly seed?: number | string }, document);
  const job = isStaged ? withoutStages(exact as never) : (exact as JobFileText);
  const refusal = findDraftRefusal(draftOf(job));
  if (refusal === undefined) return job;
  const at = offsetOf(document, pathInFile(refusal.path, isStaged), true);
  throw new JobFileError(place(at), refusal.sentence);
}

/** To YAML a lone dash begins a list, and to everybody else it is standard input. Nothing but a remark stands behind it. */
function withQuotedDash(text: string): string {
  return text.replace(/^(input:[ \t]+)-(?=[ \t]*(?:#.*)?\r?$)/m, '$1"-"');
}

/** The file's own digits, where a number holds fewer: seeds have 64 bits. */
function withExactSeed<File extends { readonly seed?: number | string }>(
  file: File,
  document: Document.Parsed,
): File {
  if (typeof file.seed !== 'number' || Number.isSafeInteger(file.seed)) return file;
  const node = document.get('seed', true);
  const source = isScalar(node) ? (node.source ?? '') : '';
  return { ...file, seed: /^[-+]?\d+$|^0[xo][0-9A-Fa-f]+$/.test(source) ? String(BigInt(source)) : source };
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

function firstSentence(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return line.replace(/ at line \d+, column \d+:?$/, '.').replace(/\.?$/, '.');
}
