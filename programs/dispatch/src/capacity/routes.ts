import { readCapacity } from '@taika/protocol/dispatch/capacity';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { readCurrentRateCard } from '../rates/queries.ts';
import { countCapacity, sumFuelWaiting } from './queries.ts';

/** How much could be computed now: for quotes. */
export function registerCapacityRoutes(route: DispatchRouter, { sql }: DispatchContext): void {
  route(readCapacity, async () => ({
    ...(await countCapacity(sql)),
    referenceFuelPerSecond: (await readCurrentRateCard(sql)).referenceFuelPerSecond,
    fuelWaiting: await sumFuelWaiting(sql),
  }));
}
