import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { unpackRun } from '../results/packed-run.ts';

/** What a job says of results that must be certain. */
export type Critical = NonNullable<JobSpecText['critical']>;

/** A result as far as it is looked into. */
export interface LookedInto {
  readonly units: number;
  /** Made by `packRun`. */
  readonly outputs: Uint8Array;
  readonly blobs: readonly unknown[] | null;
}

/**
 * Whether a result must be certain: a unit of it prints the text, or a number beyond all that are certain so far. An
 * output that was uploaded is not here to be looked into; no honest terminal uploads what may have 64 KiB at most.
 */
export function isCritical(critical: Critical, result: LookedInto, extreme: number | null): boolean {
  if ((result.blobs ?? []).length > 0) {
    return true;
  }
  const { contains } = critical;
  const hasText =
    contains !== undefined &&
    unpackRun(result.outputs, result.units).some(({ output }) => bytesOf(output).includes(contains));
  const value = extremeOf(critical, result);
  return hasText || (value !== undefined && (extreme === null || isBeyond(critical, value, extreme)));
}

/** The most extreme of the units' first numbers; undefined where none prints a number, or the job asks for none. */
export function extremeOf(critical: Critical, { units, outputs }: LookedInto): number | undefined {
  if (critical.extreme === undefined) {
    return undefined;
  }
  return unpackRun(outputs, units)
    .map(({ output }) => firstNumber(output))
    .filter((value) => value !== undefined)
    .reduce<number | undefined>(
      (most, value) => (most === undefined || isBeyond(critical, value, most) ? value : most),
      undefined,
    );
}

/** True for a new record; as good as the last one is none. */
export function isBeyond({ extreme }: Critical, value: number, than: number): boolean {
  return extreme === 'smallest' ? value < than : value > than;
}

function firstNumber(output: Uint8Array): number | undefined {
  const [text] = /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(bytesOf(output).toString('latin1')) ?? [];
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? undefined : value;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
