import { factorText, fuelText, moneyText, pointsText } from '@taika/cli/amounts';
import { connectGrid } from '@taika/client/sdk/grid';
import type { InvoiceText } from '@taika/protocol/dispatch/money';
import { listVendorClaims, type VendorClaimText } from '@taika/protocol/vendor/services';
import type { Companies } from './companies.ts';
import { type AgentStatus, agentStatus, type Member } from './member.ts';
import { poll } from './poll.ts';
import type { Story } from './story.ts';
import type { WeatherResult } from './weather-job.ts';

/** What everybody got out of the job. */
export interface Settlement {
  readonly invoice: InvoiceText;
  readonly claims: readonly VendorClaimText[];
  readonly points: readonly {
    readonly member: string;
    readonly pendingMilli: string;
    readonly availableMilli: string;
    readonly evidenceMilli: string;
  }[];
  readonly license: { readonly member: string; readonly product: string; readonly state: string };
}

const withinMs = 60_000;

/** Steps 307, 706 and 211: waits for the invoice, the points and the vendor's claim, which loops of the servers make. */
export async function settle(
  companies: Companies,
  { job }: WeatherResult,
  members: readonly Member[],
  pointsBefore: bigint,
  signal: AbortSignal,
): Promise<Settlement> {
  const grid = connectGrid({ dispatchUrl: companies.dispatchUrl, customerKey: companies.customerKey });
  const invoice = await poll(
    'The invoice',
    async () => {
      const { invoiceId } = await grid.job(job.jobId).view();
      return invoiceId === undefined ? undefined : grid.invoice(invoiceId);
    },
    { timeoutMs: withinMs, signal },
  );
  const claims = await poll(
    'The vendor’s claim',
    async () => {
      const { items } = await companies.vendor.call(listVendorClaims);
      return items.some((claim) => claim.state !== 'pending') ? items : undefined;
    },
    { timeoutMs: withinMs, signal },
  );
  const statuses = await waitForPoints(members, pointsBefore, signal);
  const points = statuses.map((status, index) => ({
    member: members[index]?.name ?? '',
    pendingMilli: status.points?.pendingMilli ?? '0',
    availableMilli: status.points?.availableMilli ?? '0',
    evidenceMilli: status.points?.evidenceMilli ?? '0',
  }));
  const license = statuses[0]?.registrations[0];
  return {
    invoice,
    claims,
    points,
    license: {
      member: members[0]?.name ?? '',
      product: license?.product ?? '',
      state: license?.license.state ?? 'unknown',
    },
  };
}

/** All points that the members' agents know of, pending and available, in thousandths. */
export async function pointsOf(members: readonly Member[]): Promise<bigint> {
  return sumOf(await Promise.all(members.map(agentStatus)));
}

/** Agents hear of their points at their next call, so the first answer after a job can be old. */
async function waitForPoints(
  members: readonly Member[],
  before: bigint,
  signal: AbortSignal,
): Promise<AgentStatus[]> {
  return poll(
    'The points',
    async () => {
      const statuses = await Promise.all(members.map(agentStatus));
      return sumOf(statuses) > before ? statuses : undefined;
    },
    { timeoutMs: withinMs, signal },
  );
}

function sumOf(statuses: readonly AgentStatus[]): bigint {
  return statuses.reduce(
    (sum, { points }) =>
      sum +
      BigInt(points?.pendingMilli ?? 0) +
      BigInt(points?.availableMilli ?? 0) +
      BigInt(points?.evidenceMilli ?? 0),
    0n,
  );
}

export function showSettlement({ invoice, claims, points, license }: Settlement, story: Story): void {
  story.step(
    '307',
    `Customer Sora is invoiced ${moneyText(invoice.total)} (${moneyText(invoice.tax)} of it tax): invoice ${invoice.number}`,
  );
  for (const { fuel, price, perFuel, level, factorThousandths } of invoice.lines) {
    story.show(
      `${fuelText(fuel)} fuel at ${moneyText(price)} for ${fuelText(perFuel)}, trust level ${level ?? 'plain'}: times ${factorText(factorThousandths)}`,
    );
  }
  for (const { member, availableMilli, pendingMilli, evidenceMilli } of points) {
    const pending = pendingMilli === '0' ? '' : `, ${pointsText(pendingMilli)} pending`;
    const evidence =
      evidenceMilli === '0' ? '' : `, and ${pointsText(evidenceMilli)} that keep a license in force`;
    story.step('706', `${member} has ${pointsText(availableMilli)} points to spend${pending}${evidence}.`);
  }
  story.step('', `The license of ${license.member} for ${license.product}: ${license.state}`);
  for (const claim of claims) {
    story.step(
      '211',
      `The vendor claims ${moneyText(claim.amount)} from the contractor (${claim.kind}, ${claim.state}).`,
    );
  }
}
