import { ApiError } from '@taika/http/api-error';
import { readAll } from '@taika/http/read-all';
import { type ClaimDocumentText, listClaimDocuments } from '@taika/protocol/dispatch/claim-documents';
import type { VendorContext } from '../context.ts';
import { upstreamError } from '../dispatch-client.ts';
import { findKnownEvents, upsertDispute } from './queries.ts';

type Line = ClaimDocumentText['lines'][number];

/**
 * Notes that the operator disputes an event, which is then answered so. Throws `not-found` for what neither our book nor any
 * claim of the contractor has, `wrong-state` for a line that was answered otherwise, and `upstream-unreachable`.
 */
export async function disputeEvent(
  context: VendorContext,
  { event, reason }: { readonly event: string; readonly reason: string },
): Promise<Awaited<ReturnType<typeof upsertDispute>>> {
  const { sql, clock } = context;
  const line = await findLine(context, event);
  if (line === undefined) {
    await checkKnown(context, event);
  } else if (line.state !== 'open' && line.state !== 'disputed') {
    throw new ApiError('wrong-state', sentences[line.state](event));
  } else if (line.state === 'disputed' && line.reason !== reason) {
    throw new ApiError(
      'wrong-state',
      `${event} is disputed already: ${line.reason ?? ''} Agree with the contractor, who settles it.`,
    );
  }
  const dispute = await upsertDispute(sql, { event, reason, now: clock.now() });
  context.kick('claim documents');
  return dispute;
}

const sentences = {
  confirmed: (event: string) =>
    `${event} was confirmed already and is invoiced, so it cannot be disputed any more. Ask the contractor to correct it.`,
  cancelled: (event: string) =>
    `${event} was cancelled: nothing is owed for it, so there is nothing to dispute.`,
} as const;

/** The line that a claim of the contractor has for an event; an event is on one document at most. */
async function findLine({ dispatch }: VendorContext, event: string): Promise<Line | undefined> {
  const documents = await readAll((after) =>
    dispatch.call(listClaimDocuments, { query: { ...after } }),
  ).catch((error: unknown) => {
    throw upstreamError(error);
  });
  return documents.flatMap(({ lines }) => lines).find((line) => line.event === event);
}

/** An event that no claim has yet can be disputed before one has it, but our book must know it. */
async function checkKnown({ sql }: VendorContext, event: string): Promise<void> {
  const known = (await findKnownEvents(sql, [event])).get(event);
  if (known === undefined || known.amount === null) {
    throw new ApiError(
      'not-found',
      `Neither our book nor any claim of the contractor has ${event}. \`taika books claims --number NUMBER\` lists the events of a claim.`,
    );
  }
}
