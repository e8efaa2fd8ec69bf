import { callerOf } from '@taika/http/access';
import { admitProgram as admitProgramRoute } from '@taika/protocol/dispatch/jobs';
import type { DispatchRouter } from '../access/router.ts';
import type { Blobs } from '../blobs/blobs.ts';
import type { DispatchContext } from '../context.ts';
import { admitProgram, memoryPagesOf } from './admit-program.ts';

/** Programs: admitted for the customer that uploaded them. */
export function registerProgramRoutes(route: DispatchRouter, context: DispatchContext, blobs: Blobs): void {
  route(admitProgramRoute, async ({ params: { sha256 }, body: { memoryMiB }, caller }) => {
    const { customerNumber } = callerOf('customer', caller);
    const wanted = { sha256, customerNumber, memoryPages: memoryPagesOf(memoryMiB) };
    const { costTable, artefacts } = await admitProgram(context, blobs, wanted);
    return {
      programHash: sha256,
      costTable,
      // What only judges is no matter of the customer's.
      artefacts: artefacts
        .filter(({ kind }) => kind === 'fast' || kind === 'strict')
        .map(({ kind, sha256, bytes }) => ({ kind, sha256, bytes: Number(bytes) })),
    };
  });
}
