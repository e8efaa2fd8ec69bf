import type { Transaction } from '@taika/database/connect';
import { faultPoint } from '@taika/runtime/fault-points';
import { applyEffect } from '@taika/trust/apply-effect';
import { decide } from '@taika/trust/decide';
import { drawFor } from '@taika/trust/draw';
import type { Effect } from '@taika/trust/effect';
import type { TrustEvent } from '@taika/trust/event';
import type { TerminalTrust } from '@taika/trust/state';
import { insertAudits, type NewAudit } from './audit-queries.ts';
import { extremeOf, isBeyond, type LookedInto } from './critical.ts';
import { type DecisionRow, insertDecisions } from './decision-queries.ts';
import { finalizeRuns } from './final-queries.ts';
import {
  type CursorChange,
  readTrustJobs,
  type TrustJobRow,
  updateCursors,
  writeExtreme,
} from './job-queries.ts';
import { runMsOf } from './partner-wait.ts';
import { type RecordedPool, readRecordedPool } from './pool.ts';
import { updateAwaiting, updateQuarantined } from './run-queries.ts';
import { addShares, type ShareChange } from './share-queries.ts';
import {
  insertNewTerminals,
  type KnownTerminal,
  readTerminals,
  type TerminalTrustRow,
  updateTerminals,
} from './terminal-queries.ts';

/** What an event is about. */
export interface Subject {
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly assignmentId: bigint;
  readonly commitHash: Uint8Array;
  readonly formerMembers: readonly bigint[];
}

/**
 * What one deciding step knows and changes, within one transaction: rows are read once, decisions change them here, and
 * what is alike is written together. One replica decides at a time, so nothing here can be out of date.
 */
export class Desk {
  readonly tx: Transaction;
  readonly now: Date;
  /** Terminals that lost their right in this step: what they hold goes to others once it is committed. */
  readonly revoked = new Set<bigint>();
  readonly #secret: Uint8Array;
  #pool: RecordedPool;
  readonly #terminals = new Map<number, KnownTerminal>();
  readonly #jobs = new Map<bigint, TrustJobRow>();
  readonly #changed = new Set<number>();
  readonly #passed = new Set<number>();
  readonly #cursors = new Map<bigint, CursorChange>();
  #quarantined: { jobNumber: bigint; firstUnit: number; finalAfter: number; awaits: boolean }[] = [];
  #awaiting: { jobNumber: bigint; firstUnit: number }[] = [];
  #audits: NewAudit[] = [];
  readonly #shares = new Map<string, ShareChange>();
  #decisions: DecisionRow[] = [];

  constructor(options: {
    readonly tx: Transaction;
    readonly now: Date;
    readonly pool: RecordedPool;
    readonly secret: Uint8Array;
  }) {
    this.tx = options.tx;
    this.now = options.now;
    this.#pool = options.pool;
    this.#secret = options.secret;
  }

  static async open(tx: Transaction, { now, secret }: { readonly now: Date; readonly secret: Uint8Array }) {
    return new Desk({ tx, now, secret, pool: await readRecordedPool(tx, now) });
  }

  /** Somebody has lost its right in this step: nobody asks it for a copy that it will not compute. */
  async readPoolAnew(): Promise<void> {
    this.#pool = await readRecordedPool(this.tx, this.now);
  }

  /** Reads what is known of terminals and jobs, those only that were not read before. */
  async load(terminals: Iterable<bigint>, jobs: Iterable<bigint> = []): Promise<void> {
    const unknown = [...new Set(terminals)].filter((number) => !this.#terminals.has(Number(number)));
    if (unknown.length > 0) {
      await insertNewTerminals(this.tx, unknown, this.now);
      for (const row of await readTerminals(this.tx, unknown)) {
        this.#terminals.set(Number(row.terminalNumber), row);
      }
    }
    const newJobs = [...new Set(jobs)].filter((number) => !this.#jobs.has(number));
    if (newJobs.length > 0) {
      for (const row of await readTrustJobs(this.tx, newJobs)) {
        this.#jobs.set(row.number, row);
      }
    }
  }

  terminal(number: bigint | number): KnownTerminal {
    return found(this.#terminals.get(Number(number)), `terminal ${number}`);
  }

  trustOf(number: bigint | number): TerminalTrust {
    return toTrust(this.terminal(number));
  }

  job(number: bigint): TrustJobRow {
    return found(this.#jobs.get(number), `job ${number}`);
  }

  /** Where no form tells a NaN's bits from a lie, the job's is as strict as can be: another result is then a lie. */
  artefactOf(number: bigint): 'fast' | 'strict' {
    return this.job(number).judgingForms.length > 0 ? 'fast' : 'strict';
  }

  /** What one core of the reference machine needs for a result; more fuel than a program's usual says nothing of its copy. */
  runMs({ jobNumber, units, fuel }: { jobNumber: bigint; units: number; fuel: bigint }): number {
    const { typicalFuel, referenceFuelPerSecond } = this.job(jobNumber);
    const usual = typicalFuel === null ? fuel : BigInt(Math.round(typicalFuel * units));
    return runMsOf(fuel > 5n * usual ? usual : fuel, referenceFuelPerSecond);
  }

  /** The job is over by what this step did. */
  closeJob(number: bigint): void {
    this.#jobs.set(number, { ...this.job(number), isOpen: false });
  }

  /** A result is certain: a record that it holds is one from now on. */
  async noteCertain(jobNumber: bigint, result: LookedInto): Promise<void> {
    const job = this.job(jobNumber);
    const { critical, extreme } = job;
    const value = critical === null ? undefined : extremeOf(critical, result);
    if (
      critical !== null &&
      value !== undefined &&
      (extreme === null || isBeyond(critical, value, extreme))
    ) {
      this.#jobs.set(jobNumber, { ...job, extreme: value });
      await writeExtreme(this.tx, jobNumber, value);
    }
  }

  /** Changes what is known of a terminal. */
  change(number: bigint | number, changes: Partial<TerminalTrustRow>): void {
    this.#terminals.set(Number(number), { ...this.terminal(number), ...changes });
    this.#changed.add(Number(number));
  }

  /** Asks decide() and records what it says. */
  consult(
    event: TrustEvent,
    subject: Subject,
    {
      author,
      partner = null,
      occasion,
      differing,
    }: {
      readonly author: bigint;
      readonly partner?: bigint | null;
      readonly occasion: string;
      /** Units of the job, for the record only. */
      readonly differing?: readonly number[] | undefined;
    },
  ): readonly Effect[] {
    const job = this.job(subject.jobNumber);
    const state = {
      terminal: this.trustOf(author),
      partner: partner === null ? null : this.trustOf(partner),
      job: {
        level: job.trust,
        artefact: this.artefactOf(subject.jobNumber),
        runs: job.unitCount,
        newcomerRuns: 0,
        memberRuns: 0,
      },
      formerMembers: subject.formerMembers.map(Number),
    };
    const { assignmentId, commitHash } = subject;
    const draw = drawFor(this.#secret, { assignment: assignmentId, commitHash, occasion });
    const effects = decide({ ...state, pool: this.#pool }, event, draw);
    this.#decisions.push({
      ...subject,
      occasion,
      terminalNumber: author,
      partnerNumber: partner ?? undefined,
      poolVersion: this.#pool.version,
      state,
      event,
      effects,
      differing,
    });
    return effects;
  }

  /** Does to a terminal's row what an effect says. */
  applyToTerminal(effect: Extract<Effect, { terminal: number }>): void {
    const row = this.terminal(effect.terminal);
    const before = toTrust(row);
    const after = applyEffect(before, effect);
    if (after !== before) {
      const { standing, probationPassed, passed, drawn, reentries } = after;
      this.change(effect.terminal, { standing, probationPassed, passed, drawn, reentries });
    }
  }

  /** Chance for a choice that is not decide()'s own, such as which results a flush samples. */
  drawFor(subject: Subject, occasion: string) {
    const { assignmentId, commitHash } = subject;
    return drawFor(this.#secret, { assignment: assignmentId, commitHash, occasion });
  }

  quarantine(run: { jobNumber: bigint; firstUnit: number; finalAfter: number }): void {
    this.#quarantined.push({ ...run, awaits: false });
  }

  /** Orders a copy or a judgement; a run that is being put under quarantine awaits it from the start. */
  order(audit: NewAudit): void {
    this.#audits.push(audit);
    const { jobNumber, firstUnit } = audit;
    const last = this.#quarantined.at(-1);
    if (last?.jobNumber === jobNumber && last.firstUnit === firstUnit) {
      last.awaits = true;
    } else {
      this.#awaiting.push({ jobNumber, firstUnit });
    }
  }

  /** What this terminal's passed audits make final is looked for when the step writes. */
  notePassed(terminal: number): void {
    this.#passed.add(terminal);
  }

  /** Adds a result to its member's share of the job. */
  addToShare(jobNumber: bigint, { memberNumber, standing }: TerminalTrustRow, units: number): void {
    const key = `${jobNumber} ${memberNumber}`;
    const known = this.#shares.get(key);
    const newcomerUnits = standing === 'trusted' ? 0 : units;
    this.#shares.set(key, {
      jobNumber,
      memberNumber,
      units: (known?.units ?? 0) + units,
      newcomerUnits: (known?.newcomerUnits ?? 0) + newcomerUnits,
    });
  }

  /** Adds to a job's counts. */
  changeCursor(jobNumber: bigint, change: Partial<Omit<CursorChange, 'jobNumber'>>): void {
    const known = this.#cursors.get(jobNumber) ?? { jobNumber, ...noChange };
    const added = Object.fromEntries(
      sumNames.map((name) => [name, known[name] + (change[name] ?? 0)]),
    ) as Record<(typeof sumNames)[number], number>;
    this.#cursors.set(jobNumber, {
      jobNumber,
      ...added,
      fuel: known.fuel + (change.fuel ?? 0n),
      failedResult: known.failedResult ?? change.failedResult,
    });
  }

  /** Writes what was gathered, so that what follows can be asked of the database. */
  async flush(): Promise<void> {
    const { tx, now } = this;
    if (this.#changed.size > 0) {
      await updateTerminals(
        tx,
        [...this.#changed].sort((a, b) => a - b).map((number) => this.terminal(number)),
      );
      this.#changed.clear();
    }
    if (this.#quarantined.length > 0) {
      await updateQuarantined(tx, this.#quarantined);
      this.#quarantined = [];
    }
    if (this.#awaiting.length > 0) {
      await updateAwaiting(tx, this.#awaiting);
      this.#awaiting = [];
    }
    if (this.#audits.length > 0) {
      await insertAudits(tx, this.#audits, now);
      this.#audits = [];
    }
    if (this.#shares.size > 0) {
      await addShares(tx, [...this.#shares.values()]);
      this.#shares.clear();
    }
    if (this.#passed.size > 0) {
      const terminalNumbers = [...this.#passed].map(BigInt);
      this.#passed.clear();
      for (const { jobNumber, units } of await finalizeRuns(tx, { kind: 'passed', terminalNumbers }, now)) {
        this.changeCursor(jobNumber, { unitsFinal: units });
      }
    }
    if (this.#decisions.length > 0) {
      await insertDecisions(tx, this.#decisions, now);
      this.#decisions = [];
    }
  }

  /** Writes everything; the counts of jobs last, because reports wait for these rows. */
  async close(): Promise<void> {
    await this.flush();
    faultPoint('trust-decided');
    const changes = [...this.#cursors.values()].sort((a, b) => (a.jobNumber < b.jobNumber ? -1 : 1));
    if (changes.length > 0) {
      await updateCursors(this.tx, changes);
    }
    faultPoint('trust-counted');
  }
}

const noChange = {
  unitsDone: 0,
  unitsFinal: 0,
  unitsChecked: 0,
  unitsByReference: 0,
  unitsDropped: 0,
  checksDrawn: 0,
  checksFailed: 0,
  fuel: 0n,
  failedResult: undefined,
};

const sumNames = [
  'unitsDone',
  'unitsFinal',
  'unitsChecked',
  'unitsByReference',
  'unitsDropped',
  'checksDrawn',
  'checksFailed',
] as const satisfies readonly (keyof CursorChange)[];

function toTrust(row: TerminalTrustRow): TerminalTrust {
  const { network, week, standing, isDecoy, probationPassed, passed, drawn, reentries } = row;
  return {
    terminal: Number(row.terminalNumber),
    member: Number(row.memberNumber),
    network,
    week,
    standing,
    isDecoy,
    probationPassed,
    passed,
    drawn,
    reentries,
  };
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new Error(`The ${name} was not read before it was decided about.`);
  }
  return value;
}
