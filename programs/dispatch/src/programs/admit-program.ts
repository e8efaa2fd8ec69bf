import { signToken } from '@taika/crypto/token';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { unitLimitsOf } from '@taika/job/unit-limits';
import { limits } from '@taika/protocol/limits';
import { tokenTypes } from '@taika/protocol/tokens';
import type { Blobs } from '../blobs/blobs.ts';
import { isStored } from '../blobs/is-stored.ts';
import { findOwnedBlobs } from '../blobs/queries.ts';
import { recordBlob } from '../blobs/record-blob.ts';
import type { DispatchContext } from '../context.ts';
import { type ArtefactRow, findProgram, insertArtefact, insertProgram, listArtefacts } from './queries.ts';
import { rewriteInWorker } from './rewrite-in-worker.ts';
import type { ProgramRefusal, RewrittenArtefact } from './rewritten.ts';

/** Pages of 64 KiB that a unit may have; what a job does not say is enough for most programs, and little enough for most terminals. */
export function memoryPagesOf(memoryMiB: number | undefined): number {
  return unitLimitsOf({ limits: memoryMiB === undefined ? {} : { memoryMiB } }).memoryPagesMax;
}

/** A program that terminals may run. */
export interface AdmittedForms {
  readonly costTable: number;
  readonly artefacts: readonly ArtefactRow[];
}

/** Which program, whose, and the bound on its memory that is written into what terminals run. */
export interface ProgramWanted {
  readonly sha256: string;
  readonly customerNumber: bigint;
  readonly memoryPages: number;
}

/**
 * Checks, meters and signs a program that the customer uploaded; once for each bound on its memory. Throws ApiError
 * `not-found` (not uploaded by this customer), `too-large`, or `program-refused` with function, offset, reason and remedy.
 */
export async function admitProgram(
  context: DispatchContext,
  blobs: Blobs,
  { sha256, customerNumber, memoryPages }: ProgramWanted,
): Promise<AdmittedForms> {
  const { sql } = context;
  const bytes = (await findOwnedBlobs(sql, [sha256], { kind: 'customer', customerNumber })).get(sha256);
  if (bytes === undefined) {
    throw new ApiError('not-found', `Upload the program ${sha256} as a blob first.`);
  }
  if (bytes > limits.programBytesMax) {
    throw new ApiError(
      'too-large',
      `A program has at most ${limits.programBytesMax} bytes, this one ${bytes}.`,
    );
  }
  const known = await findProgram(sql, sha256);
  const artefacts = await listArtefacts(sql, { program: sha256, memoryPages });
  if (known !== undefined && areComplete(artefacts) && (await areStored(blobs, artefacts))) {
    return { ...known, artefacts };
  }
  const program = await blobs.read(sha256, { offset: 0, length: bytes });
  const answer = await rewriteInWorker({ program, memoryPagesMax: memoryPages });
  if (answer.kind === 'refused') {
    throw refused(answer.refusal);
  }
  return storeForms(context, blobs, { sha256, memoryPages, ...answer });
}

/** A server before migration 0102 made `fast` and `strict` only. */
function areComplete(artefacts: readonly ArtefactRow[]): boolean {
  return artefacts.length === 1 || artefacts.some(({ kind }) => kind === 'mixed');
}

/** Forms that the store has lost are made anew: they come out the same. */
async function areStored(blobs: Blobs, artefacts: readonly ArtefactRow[]): Promise<boolean> {
  for (const { sha256, bytes } of artefacts) {
    if (!(await isStored(blobs, { sha256, bytes: Number(bytes) }))) {
      return false;
    }
  }
  return true;
}

async function storeForms(
  { sql, clock, contractor }: DispatchContext,
  blobs: Blobs,
  program: {
    readonly sha256: string;
    readonly memoryPages: number;
    readonly costTable: number;
    readonly artefacts: readonly RewrittenArtefact[];
  },
): Promise<AdmittedForms> {
  const { sha256: programHash, memoryPages, costTable } = program;
  const now = clock.now();
  const rows: ArtefactRow[] = [];
  for (const { kind, bytes } of program.artefacts) {
    const stored = await blobs.put(oneChunk(bytes), { bytesMax: Number.MAX_SAFE_INTEGER });
    const claims = {
      programHash,
      sha256: stored.sha256,
      kind,
      costTable,
      iat: Math.floor(now.getTime() / 1000),
    };
    const signature = await signToken(claims, { type: tokenTypes.artefact, key: contractor.key.privateKey });
    rows.push({ kind, sha256: stored.sha256, bytes: BigInt(stored.bytes), signature });
  }
  await inTransaction(sql, async (tx) => {
    await insertProgram(tx, { sha256: programHash, costTable, now });
    for (const row of rows) {
      const blob = { sha256: row.sha256, bytes: Number(row.bytes) };
      await recordBlob(tx, blobs, blob, { owner: undefined, now });
      await insertArtefact(tx, { program: programHash, memoryPages, ...row });
    }
  });
  return { costTable, artefacts: await listArtefacts(sql, { program: programHash, memoryPages }) };
}

function refused({ reason, remedy, functionIndex, functionName, offset }: ProgramRefusal): ApiError {
  const name = functionName === undefined ? '' : ` "${functionName}"`;
  const inFunction = functionIndex === undefined ? [] : [`function ${functionIndex}${name}`];
  const atOffset = offset === undefined ? [] : [`offset 0x${offset.toString(16)}`];
  const place = [...inFunction, ...atOffset].join(', ');
  return new ApiError('program-refused', `${reason}${place === '' ? '' : ` (${place})`} ${remedy}`, {
    extra: { program: { reason, remedy, functionIndex, functionName, offset } },
  });
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
