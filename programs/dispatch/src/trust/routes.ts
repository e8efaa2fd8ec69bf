import {
  addOwnTerminal as addOwnTerminalRoute,
  explainTerminal as explainTerminalRoute,
  explainUnit as explainUnitRoute,
  readTrustCosts as readTrustCostsRoute,
} from '@taika/protocol/dispatch/trust';
import type { TerminalId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { addOwnTerminal } from './add-own-terminal.ts';
import { explainTerminal, readTrustCosts } from './explain.ts';
import { explainUnit } from './explain-unit.ts';

/** Trust: the contractor's own terminals, why results are believed, and what that costs. */
export function registerTrustRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(addOwnTerminalRoute, async ({ params, body }) => {
    const { terminalId, ...added } = await addOwnTerminal(context, { ...params, ...body });
    return { terminalId: terminalId as TerminalId, ...added };
  });

  route(explainUnitRoute, ({ params: { jobId, unit } }) =>
    explainUnit(context, { jobId, unit: Number(unit) }),
  );

  route(explainTerminalRoute, ({ params }) => explainTerminal(context, params.terminalId));

  route(readTrustCostsRoute, () => readTrustCosts(context));
}
