import { addOwnTerminal as addOwnTerminalRoute } from '@taika/protocol/dispatch/trust';
import type { TerminalId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { addOwnTerminal } from './add-own-terminal.ts';

/** Trust: the contractor's own terminals. */
export function registerTrustRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(addOwnTerminalRoute, async ({ params, body }) => {
    const { terminalId, ...added } = await addOwnTerminal(context, { ...params, ...body });
    return { terminalId: terminalId as TerminalId, ...added };
  });
}
