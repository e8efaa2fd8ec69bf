import { type Static, Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { IntegerText } from '../schema.ts';

/** What could be computed now, and what is waiting already. */
export const Capacity = Type.Object({
  /** Terminals that called within the last minute and take work. */
  terminals: Type.Integer(),
  /** Cores that their members agreed to lend. */
  cores: Type.Integer(),
  /** One core of the reference machine. */
  referenceFuelPerSecond: IntegerText,
  /** Fuel of all units of running jobs that are not computed yet, as far as their first results tell. */
  fuelWaiting: IntegerText,
});
export type CapacityText = Static<typeof Capacity>;

export const readCapacity = defineRoute({
  name: 'readCapacity',
  method: 'GET',
  path: '/v1/capacity',
  access: ['customer'],
  summary: 'Terminals at work now and the work that waits for them: how long another job would take.',
  reply: Capacity,
});
