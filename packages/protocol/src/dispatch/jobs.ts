import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { defineRoute } from '../route.ts';
import {
  IdSchema,
  Instant,
  IntegerText,
  type InvoiceId,
  type JobId,
  Money,
  Page,
  PageQuery,
  Reason,
  Sha256Hex,
} from '../schema.ts';
import { PricedLevelSchema } from './priced-level.ts';
import { Merge, Split } from './split-and-merge.ts';

export type { MergeText, SplitText } from './split-and-merge.ts';

const JobIdParams = Type.Object({ jobId: IdSchema<JobId>('job, made by the client') });

const BlobRef = Type.Object({ sha256: Sha256Hex, bytes: Type.Integer({ minimum: 0 }) });

const Args = Type.Optional(Type.Array(Type.String(), { maxItems: limits.jobArgsMax }));

/** A stage after the first: its input is what the stage before it gave. */
export const LaterStage = Type.Object(
  { program: Sha256Hex, split: Split, merge: Merge, args: Args },
  { additionalProperties: false },
);

/** A program that reads what a round gave, and gives the next round's input or the end. docs/JOBS.md says how. */
export const Rounds = Type.Object(
  {
    next: Sha256Hex,
    args: Args,
    /** Rounds at most. */
    max: Type.Integer({ minimum: 1, maximum: limits.roundsMax }),
  },
  { additionalProperties: false },
);
/** What a customer may choose; docs/TRUST.md says what each promises. */
export const TrustLevelNameSchema = Type.Union([
  Type.Literal('economy'),
  Type.Literal('standard'),
  Type.Literal('high'),
  Type.Literal('strict'),
]);

/** Which results must be certain; at least one of these. */
export const Critical = Type.Object(
  {
    /** A unit's output contains this text: a key that was found. */
    contains: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** The first number in a unit's output is beyond all before it: a new record. */
    extreme: Type.Optional(Type.Union([Type.Literal('largest'), Type.Literal('smallest')])),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    description: 'contains (a text), or extreme (largest or smallest)',
  },
);

/** A job as it is submitted: everything the customer's file says, with bytes replaced by their digests. */
export const JobSpec = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    /** Shown to members whose terminals compute this. */
    description: Type.Optional(Type.String({ maxLength: 500 })),
    program: Sha256Hex,
    input: Type.Optional(BlobRef),
    files: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({ minLength: 1, maxLength: 200 }),
          sha256: Sha256Hex,
          bytes: Type.Integer({ minimum: 0 }),
        }),
        { maxItems: limits.jobFilesMax },
      ),
    ),
    split: Split,
    merge: Merge,
    args: Args,
    /** Further stages, each fed by the one before it. */
    laterStages: Type.Optional(Type.Array(LaterStage, { minItems: 1, maxItems: limits.stagesMax - 1 })),
    rounds: Type.Optional(Rounds),
    env: Type.Optional(Type.Record(Type.String(), Type.String())),
    seed: Type.Optional(IntegerText),
    /** How sure results must be: how often they are computed again, and what the end of the job must show. */
    trust: Type.Optional(TrustLevelNameSchema),
    /** Results that must be certain at any level: another member and the reference executor always compute them again. */
    critical: Type.Optional(Critical),
    /** In place of a trust level: different members that must agree on each unit. */
    copies: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.copiesMax })),
    artefact: Type.Optional(Type.Union([Type.Literal('fast'), Type.Literal('strict')])),
    limits: Type.Optional(
      Type.Object(
        {
          // Their bounds (`limits.unit`) are told by the sentence that refuses a job everywhere, and so not here.
          memoryMiB: Type.Optional(Type.Integer({ description: 'from 1 to 4096' })),
          outputBytes: Type.Optional(Type.Integer({ description: 'from 1 to 268435456' })),
          timeMs: Type.Optional(Type.Integer({ description: 'from 100 to 86400000' })),
        },
        { additionalProperties: false },
      ),
    ),
    /** The most that the job may cost, tax included: held at acceptance, and never passed. Default: the contractor's limit. */
    maxPrice: Type.Optional(Money),
    /** A wish, for the scheduler and the quote: by when it is to be done, after its submission. Bounds: `limits.deadlineMs`. */
    deadlineMs: Type.Optional(Type.Integer({ description: 'from 1000 to 31622400000' })),
    /** The customer knows that strangers' terminals read the input and the program. */
    privacy: Type.Literal('public'),
  },
  { additionalProperties: false },
);
export type JobSpecText = Static<typeof JobSpec>;

export const JobState = Type.Union([
  Type.Literal('splitting'),
  Type.Literal('running'),
  /** Nothing further is handed out: it would cost more than it may. */
  Type.Literal('paused'),
  /** All results are in, and not all are final. */
  Type.Literal('provisional'),
  Type.Literal('merging'),
  Type.Literal('done'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
]);

export const UnitFailureView = Type.Object({
  unit: Type.Integer(),
  exitCode: Type.Optional(Type.Integer()),
  trap: Type.Optional(Type.String()),
  stderr: Type.Optional(Type.String()),
});

export const JobView = Type.Object({
  jobId: IdSchema<JobId>('job'),
  name: Type.String(),
  state: JobState,
  /** Why it is where it is. */
  reason: Reason,
  /** Of a job with stages or rounds: where it is now. `units` are those of this phase until the job ends. */
  phase: Type.Optional(
    Type.Object({
      /** `merge`: the program that merges; `next`: the program that decides on another round. */
      kind: Type.Union([Type.Literal('stage'), Type.Literal('merge'), Type.Literal('next')]),
      /** From 1, for people. */
      round: Type.Integer(),
      roundsMax: Type.Integer(),
      stage: Type.Integer(),
      stages: Type.Integer(),
    }),
  ),
  units: Type.Object({ total: Type.Optional(Type.Integer()), done: Type.Integer(), out: Type.Integer() }),
  /** Of a job with a trust level. */
  trust: Type.Optional(
    Type.Object({
      level: TrustLevelNameSchema,
      /** Units whose results are final; the others in `done` are provisional. */
      final: Type.Integer(),
      /** What was done to be sure, in one sentence. */
      sentence: Type.String(),
    }),
  ),
  /** What was checked and what may still be wrong, in a sentence or two for people. Of every job, also without a level. */
  assurance: Type.Object({
    level: PricedLevelSchema,
    en: Type.String(),
    ja: Type.String(),
  }),
  /** Results that were found wrong after the job was done: the merge was published again. The oldest first. */
  corrections: Type.Optional(
    Type.Array(
      Type.Object({
        foundAt: Instant,
        /** Units whose right results are others. */
        units: Type.Integer(),
        result: Type.Optional(Sha256Hex),
        /** What the invoice was credited, tax included, where the right results took less fuel. */
        creditNote: Type.Optional(Type.Object({ number: Type.String(), total: Money })),
        /** What was found and what became of it, for people. */
        en: Type.String(),
        ja: Type.String(),
      }),
    ),
  ),
  fuel: IntegerText,
  /** Units, from the first on, whose outputs were streamed before the job ended. They are charged even if it fails or is cancelled. */
  delivered: Type.Optional(Type.Integer({ minimum: 1 })),
  /**
   * Price so far, before tax. After a correction the price of the right results, and never more than was invoiced. Of a job
   * that failed or was cancelled the price of what was delivered.
   */
  price: Money,
  /** The most that it may cost, tax included. Absent where the work is free of charge. */
  maxPrice: Type.Optional(Money),
  /** Of a job with a deadline. */
  deadline: Type.Optional(
    Type.Object({
      at: Instant,
      outlook: Type.Union([
        Type.Literal('unknown'),
        Type.Literal('in-time'),
        Type.Literal('late'),
        Type.Literal('missed'),
        Type.Literal('met'),
      ]),
      sentence: Type.String(),
    }),
  ),
  terminals: Type.Integer(),
  createdAt: Instant,
  startedAt: Type.Optional(Instant),
  endedAt: Type.Optional(Instant),
  result: Type.Optional(BlobRef),
  failure: Type.Optional(UnitFailureView),
  invoiceId: Type.Optional(IdSchema<InvoiceId>('invoice')),
  /** Since when its data is gone. */
  dataDeletedAt: Type.Optional(Instant),
});
export type JobViewText = Static<typeof JobView>;

export const admitProgram = defineRoute({
  name: 'admitProgram',
  method: 'PUT',
  path: '/v1/programs/:sha256',
  access: ['customer'],
  summary: 'Admit a program that was uploaded as a blob: it is checked, metered and signed once.',
  params: Type.Object({ sha256: Sha256Hex }),
  body: Type.Object(
    {
      name: Type.Optional(Type.String({ maxLength: 200 })),
      /** Memory of each unit, as the job will ask for it. */
      memoryMiB: Type.Optional(
        Type.Integer({ minimum: limits.unit.memoryMiB.min, maximum: limits.unit.memoryMiB.max }),
      ),
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({
    programHash: Sha256Hex,
    costTable: Type.Integer(),
    artefacts: Type.Array(Type.Object({ kind: Type.String(), sha256: Sha256Hex, bytes: Type.Integer() })),
  }),
});

export const submitJob = defineRoute({
  name: 'submitJob',
  method: 'PUT',
  path: '/v1/jobs/:jobId',
  access: ['customer'],
  summary: 'Submit a job (step 301). The id is the client’s, so a repeated call submits once.',
  params: JobIdParams,
  body: JobSpec,
  reply: JobView,
  status: 201,
});

export const listJobs = defineRoute({
  name: 'listJobs',
  method: 'GET',
  path: '/v1/jobs',
  access: ['customer'],
  summary: 'This customer’s jobs, newest first.',
  query: PageQuery,
  reply: Page(JobView),
});

export const readJob = defineRoute({
  name: 'readJob',
  method: 'GET',
  path: '/v1/jobs/:jobId',
  access: ['customer'],
  summary: 'A job’s state, with the reason for it, progress and price so far.',
  params: JobIdParams,
  reply: JobView,
});

export const watchJob = defineRoute({
  name: 'watchJob',
  method: 'GET',
  path: '/v1/jobs/:jobId/events',
  access: ['customer'],
  summary:
    'The same view as server-sent events (`event: job`), at the start and at each change until the job ends. Who comes back with `Last-Event-ID` is not sent the view that it has.',
  params: JobIdParams,
  stream: 'reply-events',
});

export const cancelJob = defineRoute({
  name: 'cancelJob',
  method: 'POST',
  path: '/v1/jobs/:jobId/cancel',
  access: ['customer'],
  summary:
    'Cancel a job. Terminals drop its units at their next call. Units whose outputs were streamed are charged; without any it costs nothing.',
  params: JobIdParams,
  reply: JobView,
});

export const setMaxPrice = defineRoute({
  name: 'setMaxPrice',
  method: 'PUT',
  path: '/v1/jobs/:jobId/max-price',
  access: ['customer'],
  summary: 'Change what a job may cost, tax included. A job that paused for it goes on when it may.',
  params: JobIdParams,
  body: Type.Object({ maxPrice: Money }, { additionalProperties: false }),
  reply: JobView,
});

export const deleteJobData = defineRoute({
  name: 'deleteJobData',
  method: 'DELETE',
  path: '/v1/jobs/:jobId/data',
  access: ['customer'],
  summary:
    'Delete an ended job’s input, program, units, outputs and result. Its line, price and invoice stay. It is done within moments.',
  params: JobIdParams,
  reply: JobView,
});

export const readResult = defineRoute({
  name: 'readResult',
  method: 'GET',
  path: '/v1/jobs/:jobId/result',
  access: ['customer'],
  summary: 'The merged result (step 306). Ranges are served.',
  params: JobIdParams,
  stream: 'reply-bytes',
});
