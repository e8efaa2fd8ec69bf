import type { Transaction } from '@taika/database/connect';
import { type Phase, type PhaseInput, phaseSpec } from '@taika/job/phases';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { uuidv7 } from '@taika/runtime/identifiers';
import type { DispatchContext } from '../context.ts';
import { insertPhase } from './phase-queries.ts';

/** Which phase of which job begins, with what. */
export interface PhaseBeginning extends PhaseInput {
  readonly jobNumber: bigint;
  readonly jobSpec: JobSpecText;
  readonly phase: Phase;
  readonly place: number;
}

/** Stores a phase as a job of its own, to be split next; part of the transaction that makes it the current one. */
export async function beginPhase(
  { clock, random }: Pick<DispatchContext, 'clock' | 'random'>,
  tx: Transaction,
  { jobNumber, jobSpec, phase, place, ...given }: PhaseBeginning,
): Promise<void> {
  const now = clock.now();
  await insertPhase(tx, {
    ...phase,
    id: uuidv7(now, random),
    parentNumber: jobNumber,
    place,
    spec: phaseSpec(jobSpec, phase, given),
    now,
  });
}
