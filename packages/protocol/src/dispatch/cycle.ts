import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { defineRoute } from '../route.ts';
import { Base64, DurationMs, Fuel, IdSchema, type JobId, Reason, Sha256Hex, Token } from '../schema.ts';

/**
 * The one call of an agent's cycle: report what is done, return what is not, ask for more.
 * Columns rather than objects, because thousands of units a second pass here.
 */

/** Assignment ids are numbers made by a replica, as text. 18 digits fit the database's 64 bits. */
const AssignmentId = Type.String({ pattern: '^[1-9][0-9]{0,17}$' });

/** What a WebAssembly program can fail of, the same on every machine. */
const TrapName = Type.Union([
  Type.Literal('unreachable'),
  Type.Literal('memory-out-of-bounds'),
  Type.Literal('table-out-of-bounds'),
  Type.Literal('division-by-zero'),
  Type.Literal('integer-overflow'),
  Type.Literal('invalid-conversion'),
  Type.Literal('indirect-call'),
  Type.Literal('output-limit'),
  Type.Literal('fuel-limit'),
]);

/** A unit that failed: the exit code or the trap, and the log's last bytes. Its output is empty. */
const UnitFailure = Type.Object({
  /** Which unit of the run, from 0. */
  at: Type.Integer({ minimum: 0 }),
  exitCode: Type.Optional(Type.Integer()),
  trap: Type.Optional(TrapName),
  stderr: Type.Optional(Base64),
});

/** An output that was too long to travel inline and was uploaded before. */
const UnitBlob = Type.Object({
  at: Type.Integer({ minimum: 0 }),
  sha256: Sha256Hex,
  bytes: Type.Integer({ minimum: 0 }),
});

/**
 * The results of a run or of a prefix of it. Arrays have one entry for each unit computed; fewer than the
 * run's units means that the rest is returned, for the reason `restCause`.
 */
export const Report = Type.Object({
  assignmentId: AssignmentId,
  fuels: Type.Array(Fuel, { maxItems: limits.runUnitsMax }),
  /** Base64 of each output; empty for a failed unit and for one in `blobs`. */
  outputs: Type.Array(Type.String(), { maxItems: limits.runUnitsMax }),
  failures: Type.Optional(Type.Array(UnitFailure)),
  blobs: Type.Optional(Type.Array(UnitBlob)),
  restCause: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'paused, stopped, stack-exhausted, time-limit, host-memory, runner-lost, input-damaged',
    }),
  ),
});
export type ReportText = Static<typeof Report>;

export const CycleRequest = Type.Object({
  /** Made by the agent. A repeated call with the same id gets the same assignments, as far as they are out still. */
  cycleId: Type.String({ minLength: 8, maxLength: 64 }),
  /** True when the answer to an earlier call with this id was not received: another replica does not know of it. */
  retry: Type.Optional(Type.Boolean()),
  /** True until the first call of an agent that has just started is answered: what it held before is lost, and goes to others. */
  begins: Type.Optional(Type.Boolean()),
  reports: Type.Array(Report, { maxItems: limits.reportsMax }),
  /** Absent: ask for nothing. */
  want: Type.Optional(
    Type.Object({
      /** Most units wanted; the server also bounds a run by its estimated time. */
      unitsMax: Type.Integer({ minimum: 1, maximum: 1024 }),
      /** Workers of this terminal. */
      parallel: Type.Integer({ minimum: 1, maximum: 1024 }),
      memoryMiB: Type.Integer({ minimum: 1 }),
    }),
  ),
  /** Jobs whose description the agent still has; others are described in the reply. */
  knownJobs: Type.Optional(Type.Array(Type.String(), { maxItems: 64 })),
  /** Why nothing is wanted, where nothing is: the license's evidence shows it. */
  state: Type.Optional(
    Type.Union([Type.Literal('computing'), Type.Literal('paused'), Type.Literal('draining')]),
  ),
  agentVersion: Type.Optional(Type.String({ maxLength: 40 })),
  isolationLevel: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })),
});
export type CycleRequestText = Static<typeof CycleRequest>;

export const Acknowledgement = Type.Object({
  assignmentId: AssignmentId,
  /** accepted: counted now; already: counted before; late: went to another terminal meanwhile, earns nothing. */
  verdict: Type.Union([
    Type.Literal('accepted'),
    Type.Literal('already'),
    Type.Literal('late'),
    Type.Literal('refused'),
  ]),
  detail: Type.Optional(Type.String()),
});

/** What the units of a run read. */
export const RunInput = Type.Union([
  /** All units' bytes one after the other; `lengths` cuts them. */
  Type.Object({
    kind: Type.Literal('inline'),
    bytes: Base64,
    lengths: Type.Array(Type.Integer({ minimum: 0 })),
  }),
  /** The same bytes, to be fetched as one range of a blob. */
  Type.Object({
    kind: Type.Literal('range'),
    url: Type.String(),
    offset: Type.Integer({ minimum: 0 }),
    lengths: Type.Array(Type.Integer({ minimum: 0 })),
    /** Bytes of the range before each unit that belong to none; absent where there are none at all. */
    gaps: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
  }),
]);

/** A form of a program that is run where a lie must be told from the bits of a NaN. */
export const JudgingForm = Type.Union([
  Type.Literal('strict'),
  Type.Literal('positive'),
  Type.Literal('negative'),
  Type.Literal('mixed'),
]);
export type JudgingFormText = Static<typeof JudgingForm>;

export const Assignment = Type.Object({
  assignmentId: AssignmentId,
  jobId: IdSchema<JobId>('job'),
  /** Index of the first unit in its round; the run is `lengths.length` units long. */
  firstUnit: Type.Integer({ minimum: 0 }),
  input: RunInput,
  /** Duration from receipt after which the run goes to another terminal. */
  deadlineMs: DurationMs,
  /** To the reference executor only: run this one of the brief's `judgingForms` and not `artefact`. */
  artefact: Type.Optional(JudgingForm),
});
export type AssignmentText = Static<typeof Assignment>;

/** A rewritten form of a program. */
const Artefact = Type.Object({
  url: Type.String(),
  sha256: Sha256Hex,
  bytes: Type.Integer(),
  kind: Type.Union([Type.Literal('fast'), JudgingForm]),
  /** Signed by the contractor: {programHash, artefact sha256, kind, costTable}; checked before it is run. */
  signature: Token,
});

/** What an agent must know of a job to compute its units, and what it shows to the member. */
export const JobBrief = Type.Object({
  jobId: IdSchema<JobId>('job'),
  /** The customer's public description, shown to the member. */
  description: Type.String(),
  programHash: Sha256Hex,
  artefact: Artefact,
  /** To the reference executor only, where the job runs `fast`: what tells a lie from a NaN's bits, a form of each kind. */
  judgingForms: Type.Optional(Type.Array(Artefact)),
  seed: Type.String(),
  round: Type.Integer({ minimum: 0 }),
  unitCount: Type.Integer({ minimum: 0 }),
  args: Type.Array(Type.String()),
  env: Type.Record(Type.String(), Type.String()),
  files: Type.Array(
    Type.Object({ name: Type.String(), url: Type.String(), sha256: Sha256Hex, bytes: Type.Integer() }),
  ),
  /** The input's header, put before each unit's bytes where the split says so. */
  header: Base64,
  /** Put after each unit's bytes. */
  trailer: Type.Optional(Base64),
  limits: Type.Object({
    memoryPagesMax: Type.Integer({ minimum: 1 }),
    outputBytesMax: Type.Integer({ minimum: 0 }),
    logBytesMax: Type.Integer({ minimum: 0 }),
    durationMsMax: DurationMs,
  }),
});
export type JobBriefText = Static<typeof JobBrief>;

export const CycleReply = Type.Object({
  acknowledgements: Type.Array(Acknowledgement),
  assignments: Type.Array(Assignment),
  /** Descriptions of the jobs in `assignments` that the agent did not name as known. */
  jobs: Type.Array(JobBrief),
  /** Jobs that ended: units of theirs that are still held are dropped, briefs forgotten. */
  endedJobs: Type.Array(Type.String()),
  /** When to call again if nothing is done before: a duration with jitter. */
  comeBackMs: DurationMs,
  /** Why there is no work, where there is none. */
  reason: Type.Optional(Reason),
});
export type CycleReplyText = Static<typeof CycleReply>;

export const cycle = defineRoute({
  name: 'cycle',
  method: 'POST',
  path: '/v1/cycle',
  access: ['terminal'],
  summary: 'Report results, return units, ask for more (steps 303–305).',
  body: CycleRequest,
  reply: CycleReply,
});
