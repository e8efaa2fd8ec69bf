import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { needsProgram, planSplit, type SplitSource } from '@taika/job/plan-split';
import { readFrame } from '@taika/job/split';
import { SplitError } from '@taika/job/split-error';
import type { UnitRange } from '@taika/job/splitter';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { Blobs } from '../blobs/blobs.ts';
import type { DispatchContext } from '../context.ts';
import type { JobAttempts } from './job-attempts.ts';
import { type JobMove, moveJob } from './move-job.ts';
import { createOpenProgram } from './open-job-program.ts';
import { eachJobIn, type JobRow, readJobState, recordSplit } from './queries.ts';
import { lockJobWork, openUnitCopy } from './work-queries.ts';

/** Which jobs a loop splits: those that need no program for it; those that do and have little input; and those that may take hours. */
export type SplitLane = 'plain' | 'by-program' | 'by-program-long';

/** Little input: four parts, each of which takes a minute at most. */
const littleBytesMax = 16 * 1024 * 1024;

/**
 * A step of a loop: splits jobs into units (step 302), those that run a program for it apart from the others, which need
 * not wait for it. The input is streamed, never held; units, header and the move to
 * `running` are one transaction, so a crash leaves nothing and the next step begins anew. A job that fails unexpectedly
 * waits for its next attempt, and the others go on.
 */
export async function splitJobsStep(
  context: DispatchContext,
  blobs: Blobs,
  signal: AbortSignal,
  lane: SplitLane,
  attempts: JobAttempts,
): Promise<StepOutcome> {
  for await (const job of eachJobIn(context.sql, 'splitting', attempts.waiting())) {
    if (!isIn(lane, job)) {
      continue;
    }
    signal.throwIfAborted();
    const jobNumber = job.number;
    const work = () => splitJob(context, blobs, job, signal);
    const endForMissing = (detail: string) =>
      refuse(context, { jobNumber, detail, reasonCode: 'data-missing' });
    await attempts.run({ jobNumber, work, endForMissing }, signal);
  }
  return 'idle';
}

function isIn(lane: SplitLane, { spec }: JobRow): boolean {
  if (!needsProgram(spec)) {
    return lane === 'plain';
  }
  return lane === ((spec.input?.bytes ?? 0) > littleBytesMax ? 'by-program-long' : 'by-program');
}

async function splitJob(
  context: DispatchContext,
  blobs: Blobs,
  job: JobRow,
  signal: AbortSignal,
): Promise<void> {
  const { sql, clock } = context;
  const jobNumber = job.number;
  const isCancelled = async () => (await readJobState(sql, jobNumber)) !== 'splitting';
  const wanted = abortedWhenLeft(clock, isCancelled, signal);
  try {
    await inTransaction(sql, async (tx) => {
      if (!(await lockJobWork(tx, jobNumber)) || (await isCancelled())) {
        return;
      }
      const openProgram = createOpenProgram(context, blobs, job, wanted.signal);
      const parts = await planSplit(job.spec, sourceOf(blobs, job), openProgram);
      const unitCount = await copyUnits(tx, jobNumber, parts, async () => {
        wanted.signal.throwIfAborted();
        if (await isCancelled()) {
          throw new JobLeft();
        }
      });
      const frame = await readFrame(job.spec.split, parts, (range) =>
        blobs.read(job.spec.input?.sha256 ?? '', range),
      );
      await recordSplit(tx, {
        jobNumber,
        ...frame,
        unitCount,
        copies: job.spec.copies ?? 1,
        trust: job.spec.trust ?? null,
      });
      faultPoint('split-written');
      if (!(await moveJob(tx, { jobNumber, event: 'split', now: clock.now() }))) {
        throw new JobLeft();
      }
    });
  } catch (error) {
    if (wanted.isLeft() || error instanceof JobLeft) {
      return;
    }
    if (!(error instanceof SplitError)) {
      throw error;
    }
    await refuse(context, { jobNumber, detail: error.message });
  } finally {
    wanted.stop();
  }
}

/** A part of a split by a program takes up to a minute: one that nobody wants any more ends within this, and its program with it. */
const lookForCancelMs = 1_000;

/** A signal that is aborted with `signal`, and when the customer has cancelled. */
function abortedWhenLeft(
  clock: DispatchContext['clock'],
  isCancelled: () => Promise<boolean>,
  signal: AbortSignal,
) {
  const left = new AbortController();
  const stopped = new AbortController();
  const ends = AbortSignal.any([signal, stopped.signal]);
  const watch = async () => {
    while (!ends.aborted) {
      await clock.sleep(lookForCancelMs, ends);
      if (await isCancelled()) {
        return left.abort(new JobLeft());
      }
    }
  };
  // It ends by an error when it is stopped, and one that cannot ask is asked again by whoever writes the units.
  watch().catch(() => {});
  return {
    signal: AbortSignal.any([signal, left.signal]),
    isLeft: () => left.signal.aborted,
    stop: () => stopped.abort(),
  };
}

async function refuse(
  { sql, clock }: DispatchContext,
  refusal: Pick<JobMove, 'jobNumber' | 'detail' | 'reasonCode'>,
): Promise<void> {
  await inTransaction(sql, (tx) => moveJob(tx, { ...refusal, event: 'split-refused', now: clock.now() }));
}

function sourceOf(blobs: Blobs, { spec: { input } }: JobRow): SplitSource | undefined {
  return (
    input && {
      bytes: input.bytes,
      open: () => blobs.open(input.sha256),
      read: async (range) => (range.length === 0 ? new Uint8Array(0) : blobs.read(input.sha256, range)),
    }
  );
}

/** The customer cancelled meanwhile: the transaction is rolled back, and that is all. */
class JobLeft extends Error {
  override readonly name = 'JobLeft';
}

/** Rows written between two looks at whether the job is still wanted. */
const rowsBetweenChecks = 100_000;
const copyBytes = 64 * 1024;

async function copyUnits(
  tx: Transaction,
  jobNumber: bigint,
  units: AsyncIterable<UnitRange>,
  check: () => Promise<void>,
): Promise<number> {
  const copy = await openUnitCopy(tx);
  // Whoever waits for the stream is told; without a listener Node would end the process.
  copy.on('error', () => {});
  try {
    let text = '';
    let count = 0;
    for await (const { offset, length, name } of units) {
      text += `${jobNumber}\t${count}\t${offset}\t${length}\t${copyText(name)}\n`;
      count += 1;
      if (text.length >= copyBytes) {
        await write(copy, text);
        text = '';
      }
      if (count % rowsBetweenChecks === 0) {
        await check();
        await nextTurn();
      }
    }
    await check();
    await write(copy, text);
    copy.end();
    await once(copy, 'finish');
    return count;
  } catch (error) {
    copy.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** A text in `COPY`'s own spelling; `\\N` stands for none. */
function copyText(text: string | undefined): string {
  return text === undefined
    ? '\\N'
    : text.replace(/[\\\t\n\r]/g, (character) => copyEscapes[character] ?? character);
}

const copyEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

async function write(copy: Writable, text: string): Promise<void> {
  if (text !== '' && !copy.write(text)) {
    await once(copy, 'drain');
  }
}
