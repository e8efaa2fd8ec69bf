import { type Static, Type } from 'typebox';

/** An error on the wire: RFC 9457 problem+json with our code, who is at fault, and what to do. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  code: Type.String(),
  fault: Type.String(),
  retryable: Type.Boolean(),
  remedy: Type.String(),
  requestId: Type.Optional(Type.String()),
  /** Fields that did not fit, each with its path and what was expected. */
  fields: Type.Optional(Type.Array(Type.Object({ path: Type.String(), expected: Type.String() }))),
});
export type ProblemText = Static<typeof Problem>;
