import { type Static, Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { Base64, IdSchema, Instant, type JobId } from '../schema.ts';
import { JobBrief, RunInput } from './cycle.ts';

/** What a customer sees of a job's single units: outputs as they come, failures, and a unit to compute again at home. */

const JobParams = Type.Object({ jobId: IdSchema<JobId>('job') });

/** How a unit failed: its program ended or broke off, or a terminal could not finish it. */
export const UnitFailureEntry = Type.Object({
  unit: Type.Integer({ minimum: 0 }),
  exitCode: Type.Optional(Type.Integer()),
  trap: Type.Optional(Type.String()),
  /** What ran out where a terminal gave the unit back: stack-exhausted, time-limit, host-memory. */
  returned: Type.Optional(Type.String()),
  stderr: Type.Optional(Type.String()),
  at: Instant,
});
export type UnitFailureText = Static<typeof UnitFailureEntry>;

export const listFailures = defineRoute({
  name: 'listFailures',
  method: 'GET',
  path: '/v1/jobs/:jobId/failures',
  access: ['customer'],
  summary:
    'Units on which the program failed or that a terminal could not finish: which, how, and what they wrote; the first thousand.',
  params: JobParams,
  reply: Type.Object({ items: Type.Array(UnitFailureEntry) }),
});

/** All that a terminal is given for one unit, so that it can be computed again with its exact input. */
export const UnitReplay = Type.Object({
  unit: Type.Integer({ minimum: 0 }),
  job: JobBrief,
  input: RunInput,
});
export type UnitReplayText = Static<typeof UnitReplay>;

export const readUnit = defineRoute({
  name: 'readUnit',
  method: 'GET',
  path: '/v1/jobs/:jobId/units/:unit',
  access: ['customer'],
  summary:
    'One unit as a terminal is given it: program, files and exact input, for computing it again elsewhere.',
  params: Type.Object({
    jobId: IdSchema<JobId>('job'),
    unit: Type.String({ pattern: '^[0-9]{1,9}$', description: 'index of the unit, from 0' }),
  }),
  reply: UnitReplay,
});

/** One unit's output: inline, or by an address where it is long. */
export const UnitOutputEvent = Type.Object({
  unit: Type.Integer({ minimum: 0 }),
  output: Type.Optional(Base64),
  blob: Type.Optional(Type.Object({ url: Type.String(), sha256: Type.String() })),
});
export type UnitOutputText = Static<typeof UnitOutputEvent>;

export const watchOutputs = defineRoute({
  name: 'watchOutputs',
  method: 'GET',
  path: '/v1/jobs/:jobId/outputs',
  access: ['customer'],
  summary:
    'Outputs of accepted units in the order of the input, as server-sent events (`event: output`, its id the unit), from after `Last-Event-ID`; `event: end` when the job has ended. What is streamed before the end is charged even if the job fails or is cancelled; from then on nothing is given.',
  params: JobParams,
  stream: 'reply-events',
});
