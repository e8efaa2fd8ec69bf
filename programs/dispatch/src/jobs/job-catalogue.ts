import type { Sql } from '@taika/database/connect';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { TrustLevelName } from '@taika/trust/trust-level';
import type { Form } from '@taika/wasm/rewrite';
import { jobIdentity } from '../results/result-identity.ts';
import { readJobDetails } from './detail-queries.ts';

/** A form of the program that terminals run. */
export interface JobArtefact {
  readonly kind: Form;
  readonly sha256: string;
  readonly bytes: number;
  readonly signature: string;
}

/** What never changes of a job once it is split. */
export interface JobDetails {
  readonly number: bigint;
  readonly id: string;
  readonly spec: JobSpecText;
  readonly header: Uint8Array;
  readonly trailer: Uint8Array;
  readonly unitCount: number;
  readonly copies: number;
  /** Null: `copies` members must agree. */
  readonly trust: TrustLevelName | null;
  readonly memoryPages: number;
  /** Round of the job that this is a phase of; else 0. */
  readonly round: number;
  readonly artefact: JobArtefact;
  /** What tells a lie from a NaN's bits, where the job's own is not strict and there are such. */
  readonly judgingForms: readonly JobArtefact[];
  readonly costTable: number;
  /** What the identities of all its results have in common. */
  readonly identity: Uint8Array;
}

/** The memory that a unit of the job may take; who lends less gets none of it. */
export function memoryMiBOf({ memoryPages }: Pick<JobDetails, 'memoryPages'>): number {
  return memoryPages / pagesPerMiB;
}

const pagesPerMiB = 16;

/** Jobs by number, kept in memory: they are read at every call and never change. */
export interface JobCatalogue {
  /** Undefined when there is no such job, or it is not split yet. */
  find(jobNumber: bigint): Promise<JobDetails | undefined>;
}

/** More jobs than run at once on any server; the one that was not asked for longest goes first. */
const entriesMax = 2_000;

/** Creates an empty catalogue. */
export function createJobCatalogue(sql: Sql): JobCatalogue {
  const entries = new Map<bigint, Promise<JobDetails | undefined>>();
  return {
    find(jobNumber) {
      const known = entries.get(jobNumber);
      if (known !== undefined) {
        if (entries.size > entriesMax / 2) {
          // Maps keep the order of insertion: the last used goes to the end. Not worth it at every call while there is room.
          entries.delete(jobNumber);
          entries.set(jobNumber, known);
        }
        return known;
      }
      const found = load(sql, jobNumber);
      entries.set(jobNumber, found);
      found.then(
        (details) => details === undefined && entries.delete(jobNumber),
        () => entries.delete(jobNumber),
      );
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax) {
          break;
        }
        entries.delete(oldest);
      }
      return found;
    },
  };
}

async function load(sql: Sql, jobNumber: bigint): Promise<JobDetails | undefined> {
  const row = await readJobDetails(sql, jobNumber);
  if (row === undefined) {
    return undefined;
  }
  const { artefactKind, artefactSha256, artefactBytes, signature, ...rest } = row;
  const { judgingForms, ...job } = rest;
  return {
    ...job,
    artefact: { kind: artefactKind, sha256: artefactSha256, bytes: Number(artefactBytes), signature },
    judgingForms: artefactKind === 'strict' ? [] : judgingForms,
    identity: jobIdentity(row.spec, row.round, row.costTable),
  };
}
