import type { RecordedDecisionRow } from './decision-queries.ts';
import { describeEffects, describeEvent, type NameOf, revocationCauses } from './describe-decision.ts';
import type { DroppedResult, JobCorrection, ReturnedUnit, UnitRun } from './explain-queries.ts';

/** What is recorded of one unit and of what decided about it. */
export interface UnitRecord {
  readonly jobNumber: bigint;
  /** Decisions about its results, oldest first. */
  readonly decisions: readonly RecordedDecisionRow[];
  /** Decisions by which one of its authors lost its right. */
  readonly revocations: readonly RecordedDecisionRow[];
  /** Decisions at the instant at which it became final, of its authors. */
  readonly finals: readonly RecordedDecisionRow[];
  readonly dropped: readonly DroppedResult[];
  readonly returns: readonly ReturnedUnit[];
  readonly corrections: readonly JobCorrection[];
  readonly run: UnitRun | undefined;
}

/** One thing that happened to it. */
export interface UnitStep {
  readonly at: Date;
  readonly kind: 'decision' | 'elsewhere' | 'returned' | 'dropped';
  readonly happened: string;
  readonly done: readonly string[];
  readonly decision?: RecordedDecisionRow;
}

/**
 * All that happened to a unit, oldest first. Its fate is often decided about another result: that of a terminal which
 * loses its right, or the last audit that made the terminal's earlier results final. These decisions are told too, with
 * what they mean here. Pure.
 */
export function unitLife(record: UnitRecord, nameOf: NameOf): UnitStep[] {
  const notes = [...revocationNotes(record), ...finalNotes(record), ...correctionNotes(record)];
  const own = new Set(record.decisions.map(({ id }) => id));
  const elsewhere = new Map(
    notes
      .map(({ by }) => by)
      .filter(({ id }) => !own.has(id))
      .map((row) => [row.id, row]),
  );
  const steps = [...record.decisions, ...elsewhere.values()].map((row): UnitStep => {
    const here = notes.filter(({ by }) => by.id === row.id).map(({ sentence }) => sentence);
    return own.has(row.id)
      ? {
          at: row.at,
          kind: 'decision',
          happened: describeEvent(row),
          done: [...describeEffects(row, nameOf), ...here],
          decision: row,
        }
      : {
          at: row.at,
          kind: 'elsewhere',
          happened: `${placeOf(row)}: ${describeEvent(row)}`,
          done: here,
          decision: row,
        };
  });
  return [...steps, ...returnSteps(record), ...orphanDrops(record)].sort(
    (one, other) =>
      one.at.getTime() - other.at.getTime() || Number((one.decision?.id ?? 0n) - (other.decision?.id ?? 0n)),
  );
}

/** What a decision means for this unit. */
interface Note {
  readonly by: RecordedDecisionRow;
  readonly sentence: string;
}

function revocationNotes(record: UnitRecord): Note[] {
  return record.revocations.flatMap((by) =>
    by.effects.flatMap((effect) => {
      if (effect.kind !== 'revoke') {
        return [];
      }
      const author = BigInt(effect.terminal);
      const fate = fateAt(record, author, by);
      const name = nameOfAuthor(record, author);
      return fate === undefined
        ? []
        : [
            {
              by,
              sentence: `Terminal ${name} lost its right for ${revocationCauses[effect.cause]}, and its result of this unit ${fate}.`,
            },
          ];
    }),
  );
}

/** What became of an author's result when its right was taken; undefined where it had none then. */
function fateAt(record: UnitRecord, author: bigint, by: RecordedDecisionRow): string | undefined {
  const { decisions, dropped, run } = record;
  const isHere = decisions.some(
    ({ terminalNumber, event, id }) => terminalNumber === author && event.kind === 'committed' && id < by.id,
  );
  const drops = dropped.filter(({ terminalNumber }) => terminalNumber === author);
  const now = drops.find(({ droppedAt }) => isSame(droppedAt, by.at));
  if (now !== undefined) {
    return `was dropped with all that it had open: the units were put out again${comparedText(now)}`;
  }
  if (!isHere || drops.some(({ droppedAt }) => droppedAt < by.at)) {
    return undefined;
  }
  const isPicked = decisions.some(
    ({ event, at, terminalNumber }) =>
      event.kind === 'picked' && terminalNumber === author && isSame(at, by.at),
  );
  if (isPicked) {
    return 'is computed again';
  }
  if (
    run?.state === 'abandoned' ||
    decisions.some(({ id, effects }) => id <= by.id && effects.some(({ kind }) => kind === 'settle'))
  ) {
    return undefined;
  }
  return run?.terminalNumber === author && run.finalAt !== null && run.finalAt <= by.at
    ? 'is final all the same: the reference executor had found it right'
    : 'is decided about when the copy is in that it waits for';
}

function comparedText({ comparedUnits, units, isWrong }: DroppedResult): string {
  if (isWrong) {
    return '; what came in its place was different';
  }
  return comparedUnits < units ? '' : '; what came in its place was the same';
}

/** Its author's audits, or the flush of the job, may have made it final in a decision about another result. */
function finalNotes({ run, finals, jobNumber, decisions }: UnitRecord): Note[] {
  if (run === undefined || run.finalAt === null) {
    return [];
  }
  const { finalAt, finalAfter } = run;
  if (
    decisions.some(({ at, effects }) => isSame(at, finalAt) && effects.some(({ kind }) => kind === 'settle'))
  ) {
    // By the reference executor's word, as that decision says itself.
    return [];
  }
  const authors = new Set(
    decisions.filter(({ event }) => event.kind === 'committed').map(({ terminalNumber }) => terminalNumber),
  );
  const byAudits = finals.find(({ effects }) =>
    effects.some(
      (effect) =>
        effect.kind === 'finalize' &&
        authors.has(BigInt(effect.terminal)) &&
        effect.passed >= (finalAfter ?? Number.POSITIVE_INFINITY),
    ),
  );
  if (byAudits !== undefined) {
    return [
      {
        by: byAudits,
        sentence: `This unit’s result is final by that: its terminal has passed ${finalAfter} audits.`,
      },
    ];
  }
  const byFlush = finals.find(
    (row) =>
      row.jobNumber === jobNumber &&
      row.effects.some((effect) => effect.kind === 'finalize-job' && authors.has(BigInt(effect.terminal))),
  );
  return byFlush === undefined
    ? []
    : [
        {
          by: byFlush,
          sentence: 'This unit’s result is final by that: the job’s flush is settled for its terminal.',
        },
      ];
}

/** A wrong result of a job that was over. */
function correctionNotes({ decisions, corrections }: UnitRecord): Note[] {
  return decisions.flatMap((by) => {
    const isSettled = by.differing !== null && by.effects.some(({ kind }) => kind === 'settle');
    const correction = corrections.find(
      ({ foundAt, mergedAt }) => foundAt <= by.at && (mergedAt === null || mergedAt >= by.at),
    );
    if (!isSettled || correction === undefined) {
      return [];
    }
    const { revision, mergedAt, creditNumber } = correction;
    const published = mergedAt === null ? 'its merge is still to be published' : 'its merge is published';
    const credited = creditNumber === null ? '' : `, and it is credited by ${creditNumber}`;
    return [
      { by, sentence: `The job was over: this is its correction ${revision}; ${published}${credited}.` },
    ];
  });
}

function returnSteps({ returns }: UnitRecord): UnitStep[] {
  return returns.map(({ at, terminalId, cause }) => ({
    at,
    kind: 'returned',
    happened: `Terminal ${terminalId} gave the unit back uncomputed: ${cause}.`,
    done: [],
  }));
}

/** Whatever was dropped is told, also where the decision is gone with its job's data. */
function orphanDrops({ dropped, revocations, decisions }: UnitRecord): UnitStep[] {
  const isTold = ({ droppedAt }: DroppedResult) =>
    [...revocations, ...decisions].some(({ at }) => isSame(at, droppedAt));
  return dropped
    .filter((one) => !isTold(one))
    .map((one) => ({
      at: one.droppedAt,
      kind: 'dropped',
      happened: `The result of terminal ${one.terminalId} was dropped, and its units were put out again.`,
      done: [],
    }));
}

function placeOf({ jobId, firstUnit, units }: RecordedDecisionRow): string {
  return units === 1
    ? `Job ${jobId}, unit ${firstUnit}`
    : `Job ${jobId}, units ${firstUnit}–${firstUnit + units - 1}`;
}

function nameOfAuthor({ decisions, dropped }: UnitRecord, author: bigint): string {
  const row = [...decisions, ...dropped].find(({ terminalNumber }) => terminalNumber === author);
  return row?.terminalId ?? String(author);
}

function isSame(one: Date, other: Date): boolean {
  return one.getTime() === other.getTime();
}
