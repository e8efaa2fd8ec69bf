import { canonicalJson } from '@taika/crypto/canonical-json';
import { sha256Sync } from '@taika/crypto/node-digest';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';

/** How a unit ended, as far as honest terminals agree on it. */
export interface UnitEnd {
  readonly exitCode: number;
  /** Set when the program trapped; the exit code is then of no meaning. */
  readonly trap: string | undefined;
  /** 0 on a trap: what was counted up to one is no exact figure. */
  readonly fuel: number;
}

/**
 * What all results of a job have in common (TRUST.md, rule 1): program, input, and everything else that the program
 * can see, with the version of the cost table. 32 bytes, worked out once a job.
 */
export function jobIdentity(spec: JobSpecText, round: number, costTable: number): Buffer {
  const { program, input, split, files, args, env, seed } = spec;
  const seen = { program, input, split, files, args, env, seed, round, costTable, wasi: 'preview1' };
  return Buffer.from(sha256Sync(canonicalJson(JSON.parse(JSON.stringify(seen)))));
}

/**
 * The identity of one result: SHA-256 over the job's identity, the unit's index (which fixes its input), how it ended,
 * its fuel, and its output's length and bytes; of an output too long to be inline, the digest stands for the bytes.
 * Equality is bitwise; fuel is inside, so inflating it is a wrong answer.
 */
export function resultIdentity(
  job: Uint8Array,
  unit: number,
  end: UnitEnd,
  output: Uint8Array | { readonly sha256: string; readonly bytes: number },
): Uint8Array {
  const isInline = output instanceof Uint8Array;
  const bytes = isInline ? output : Buffer.from(output.sha256, 'hex');
  const trap = end.trap === undefined ? 0 : Buffer.byteLength(end.trap);
  const hashed = Buffer.allocUnsafe(fixedBytes + trap + bytes.length);
  hashed.set(job, 0);
  hashed.writeUInt32LE(unit, 32);
  hashed.writeInt32LE(end.trap === undefined ? end.exitCode : 0, 36);
  hashed.writeDoubleLE(end.trap === undefined ? end.fuel : 0, 40);
  hashed.writeDoubleLE(isInline ? output.length : output.bytes, 48);
  hashed[56] = isInline ? 0 : 1;
  hashed.writeUInt16LE(trap, 57);
  if (end.trap !== undefined) {
    hashed.write(end.trap, fixedBytes);
  }
  hashed.set(bytes, fixedBytes + trap);
  return sha256Sync(hashed);
}

/** Job 32, unit 4, exit code 4, fuel 8, length 8, kind 1, length of the trap's name 2. */
const fixedBytes = 59;
