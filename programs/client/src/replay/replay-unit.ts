import { readBytes } from '@taika/http/download';
import { unitInput } from '@taika/job/unit-input';
import type { UnitReplayText } from '@taika/protocol/dispatch/units';
import { limits } from '@taika/protocol/limits';
import { openSandbox } from '@taika/runner/open-sandbox';
import type { UnitOutcome } from '@taika/wasm/outcome';
import { fetchSigned } from '../sdk/fetch-signed.ts';

/** A unit with all its bytes here. */
export interface FetchedUnit {
  readonly replay: UnitReplayText;
  /** Exactly what the program reads on standard input. */
  readonly input: Uint8Array;
  readonly artefact: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A program that is run in place of the job's own. */
export interface MendedProgram {
  readonly artefact: Uint8Array;
  readonly programHash: string;
}

/** Fetches a unit's program, files and input. Throws RemoteError, also for bytes that are not those that were promised. */
export async function fetchUnit(replay: UnitReplayText, signal?: AbortSignal): Promise<FetchedUnit> {
  const whole = async ({ url, sha256, bytes }: { url: string; sha256: string; bytes: number }) =>
    readBytes(await fetchSigned(fetch, url, { signal }), { sha256, bytesMax: bytes });
  const files = new Map<string, Uint8Array>();
  for (const file of replay.job.files) files.set(file.name, await whole(file));
  return {
    replay,
    files,
    artefact: await whole(replay.job.artefact),
    input: unitInput(frameOf(replay), await readInput(replay, signal)),
  };
}

/** Computes a unit in the sandbox that terminals use: the same bytes, fuel and end as there. */
export async function replayUnit(
  { replay, input, artefact, files }: FetchedUnit,
  mended?: MendedProgram,
): Promise<UnitOutcome> {
  const { seed, round, unitCount, args, env, limits, programHash } = replay.job;
  await using sandbox = await openSandbox({
    artefact: mended?.artefact ?? artefact,
    limits,
    parallel: 1,
    priority: 'ordinary',
    job: {
      programHash: mended?.programHash ?? programHash,
      ...{ seed: BigInt(seed), round, unitCount, args, env, files },
    },
  });
  for await (const { outcome } of sandbox.run([{ index: replay.unit, input }])) return outcome;
  throw new Error('The sandbox ended a run without its outcome.');
}

function frameOf({ job }: UnitReplayText) {
  return {
    header: Uint8Array.fromBase64(job.header),
    trailer: Uint8Array.fromBase64(job.trailer ?? ''),
  };
}

async function readInput({ input }: UnitReplayText, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (input.kind === 'inline') return Uint8Array.fromBase64(input.bytes);
  const length = input.lengths.reduce((sum, bytes) => sum + bytes, 0);
  if (length === 0) return new Uint8Array(0);
  const range = { offset: input.offset, length };
  return readBytes(await fetchSigned(fetch, input.url, { range, signal }), { bytesMax: limits.blobBytesMax });
}
