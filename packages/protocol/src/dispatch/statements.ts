import { Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { Day } from '../schema.ts';
import { Statement } from '../statements.ts';

const Part = Type.String({ pattern: '^[1-9][0-9]{0,3}$' });

export const exchangeStatement = defineRoute({
  name: 'exchangeStatement',
  method: 'PUT',
  path: '/v1/statements/:day/:part',
  access: ['vendor'],
  summary:
    'Hand in the vendor’s signed statement of a day that is over, and get the contractor’s. What was handed in stays.',
  params: Type.Object({ day: Day, part: Part }),
  body: Statement,
  /** The contractor's first part; `parts` says how many there are. */
  reply: Statement,
});

export const readStatementPart = defineRoute({
  name: 'readStatementPart',
  method: 'GET',
  path: '/v1/statements/:day/:part',
  access: ['vendor'],
  summary: 'A part of the contractor’s signed statement of a day that is over.',
  params: Type.Object({ day: Day, part: Part }),
  reply: Statement,
});
