import { callerOf } from '@taika/http/access';
import { readReceipt, readTerminalReceipt } from '@taika/protocol/dispatch/registrations';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { issueReceipt, issueTerminalReceipt } from './issue-receipt.ts';

/** Receipts: signed evidence of work. */
export function registerReceiptRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(readReceipt, async ({ params, caller }) => ({
    receipt: await issueReceipt(context, callerOf('vendor', caller), params.registrationId),
  }));

  route(readTerminalReceipt, async ({ caller }) => ({
    receipt: await issueTerminalReceipt(context, callerOf('terminal', caller)),
  }));
}
