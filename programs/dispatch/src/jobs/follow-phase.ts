import { afterNext, type BlobRefText, type Phase, phaseAfterStage, placeText } from '@taika/job/phases';
import { noInputText, readVerdict, verdictBytesMax, verdictExpected } from '@taika/job/verdict';
import type { ReasonCode } from '@taika/protocol/reasons';
import type { Blobs } from '../blobs/blobs.ts';
import type { EndedPhase } from './phase-queries.ts';
import type { JobFailure } from './queries.ts';

/** What comes after a phase. `stored` are blobs that were cut out of what a `next` program printed. */
export type Following =
  | {
      readonly kind: 'phase';
      readonly phase: Phase;
      readonly input: BlobRefText;
      /** What a `next` phase is given, or what the one that just ended kept. */
      readonly state: BlobRefText | undefined;
      readonly stored: readonly BlobRefText[];
    }
  | {
      readonly kind: 'done';
      readonly result: BlobRefText;
      readonly reasonCode: ReasonCode;
      readonly stored: readonly BlobRefText[];
    }
  | {
      readonly kind: 'failed';
      readonly reasonCode: ReasonCode;
      readonly detail: string;
      readonly failure: JobFailure | undefined;
    };

/**
 * Works out what follows an ended phase, and stores the blobs that it needs. Changes nothing else and is the same every
 * time, so a crash after it costs a repetition.
 */
export async function followPhase(blobs: Blobs, ended: EndedPhase): Promise<Following> {
  if (ended.state === 'failed' || ended.result === null) {
    const what = [placeText(ended.jobSpec, ended), ended.reasonDetail].filter(Boolean).join(' ');
    const { reasonCode, failure } = ended;
    return { kind: 'failed', reasonCode, detail: what, failure: failure ?? undefined };
  }
  return ended.kind === 'next'
    ? followNext(blobs, ended, ended.result)
    : followStage(blobs, ended, ended.result);
}

async function followStage(blobs: Blobs, ended: EndedPhase, result: BlobRefText): Promise<Following> {
  const phase = phaseAfterStage(ended.jobSpec, ended, ended.unitCount);
  if (phase === undefined) {
    return { kind: 'done', result, reasonCode: 'done', stored: [] };
  }
  if (phase.kind !== 'next') {
    return { kind: 'phase', phase, input: result, state: undefined, stored: [] };
  }
  // The file is there in the first round too, so that a program need not ask.
  const state = ended.nextState ?? (await store(blobs, []));
  return { kind: 'phase', phase, input: result, state, stored: ended.nextState === null ? [state] : [] };
}

async function followNext(blobs: Blobs, ended: EndedPhase, printed: BlobRefText): Promise<Following> {
  const { sha256, bytes } = printed;
  const head = await blobs.read(sha256, { offset: 0, length: Math.min(bytes, verdictBytesMax) });
  const verdict = readVerdict(head, bytes);
  if (verdict === undefined) {
    return notUnderstood(ended, `Expected ${verdictExpected}.`);
  }
  const stateEnd = verdict.lineBytes + verdict.stateBytes;
  const body = { offset: stateEnd, length: bytes - stateEnd };
  const after = afterNext(ended.jobSpec, ended, verdict, body.length);
  if (after.kind === 'no-input') {
    return notUnderstood(ended, noInputText(after.round));
  }
  if (after.kind === 'merged') {
    const merged = ended.spec.input;
    if (merged === undefined) {
      throw new Error(`Phase ${ended.number} has no input.`);
    }
    return { kind: 'done', result: merged, reasonCode: after.isCut ? 'rounds-cut' : 'done', stored: [] };
  }
  const cut = async (range: { offset: number; length: number }) =>
    store(blobs, range.length === 0 ? [] : await blobs.open(sha256, range));
  const input = await cut(body);
  if (after.kind === 'printed') {
    return { kind: 'done', result: input, reasonCode: 'done', stored: [input] };
  }
  const state = await cut({ offset: verdict.lineBytes, length: verdict.stateBytes });
  return { kind: 'phase', phase: after.phase, input, state, stored: [input, state] };
}

function notUnderstood(ended: EndedPhase, what: string): Following {
  const detail = `${placeText(ended.jobSpec, ended)} ${what}`;
  return { kind: 'failed', reasonCode: 'next-not-understood', detail, failure: undefined };
}

async function store(
  blobs: Blobs,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<BlobRefText> {
  const stored = await blobs.put(toAsync(source), { bytesMax: Number.MAX_SAFE_INTEGER });
  return { sha256: stored.sha256 as BlobRefText['sha256'], bytes: stored.bytes };
}

async function* toAsync(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* source;
}
