import { Type } from 'typebox';

/** A trust level, `plain` for a job without one, or `copies` for one that names copies in its place. */
export const PricedLevelSchema = Type.Union([
  Type.Literal('plain'),
  Type.Literal('economy'),
  Type.Literal('standard'),
  Type.Literal('high'),
  Type.Literal('strict'),
  Type.Literal('copies'),
]);
