import { canonicalJson } from '@taika/crypto/canonical-json';
import type { Transaction } from '@taika/database/connect';
import fc from 'fast-check';
import { balancesUnder } from '../src/balance.ts';
import * as events from '../src/events.ts';
import type { Posting } from '../src/journal.ts';
import type { Held, HoldOutcome, PostOutcome, ReleaseOutcome } from '../src/outcome.ts';
import { placeHold } from '../src/place-hold.ts';
import { type PostCommand, post } from '../src/post.ts';
import { pointsRefunded } from '../src/refund-events.ts';
import { captureHold, expireHolds, releaseHold } from '../src/resolve-hold.ts';
import { reverse } from '../src/reverse.ts';
import { header, noon } from './books.ts';

/** One random thing that happens in a contractor's business; `of` points at an earlier step by its number. */
export type Step =
  | { kind: 'top-up'; customer: string; amount: bigint }
  | { kind: 'earn'; member: string; points: bigint }
  | { kind: 'finalise'; member: string; month: string; points: bigint }
  | { kind: 'forfeit'; member: string; points: bigint }
  | { kind: 'license'; vendor: string; net: bigint }
  | { kind: 'job'; customer: string; amount: bigint; minutes: number }
  | { kind: 'checkout'; member: string; points: bigint; minutes: number }
  | { kind: 'capture'; of: number; percent: number; minute: number }
  | { kind: 'release'; of: number }
  | { kind: 'refund'; of: number; percent: number; debt: bigint }
  | { kind: 'expire'; minute: number }
  | { kind: 'reverse'; of: number };

/** What earlier steps gave, shared by all writers of a run. */
export interface Memory {
  readonly holds: Map<number, Held>;
  readonly journals: Map<number, bigint>;
}

const customer = fc.constantFrom('c1', 'c2');
const member = fc.constantFrom('m1', 'm2');
const month = fc.constantFrom('2027-01', '2027-02', '2027-03');
const amount = fc.bigInt(1n, 1_000n);
const of = fc.nat(60);
const minutes = fc.integer({ min: 1, max: 60 });

/** Steps in proportions that make shortages, expiries and races likely. */
export const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('top-up' as const), customer, amount }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('earn' as const), member, points: amount }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('finalise' as const), member, month, points: amount }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forfeit' as const), member, points: amount }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('license' as const),
      vendor: fc.constantFrom('v1', 'v2'),
      net: amount,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('job' as const), customer, amount, minutes }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('checkout' as const), member, points: amount, minutes }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('capture' as const),
      of,
      percent: fc.integer({ min: 1, max: 110 }),
      minute: fc.integer({ min: 0, max: 30 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), of }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      of,
      percent: fc.integer({ min: 1, max: 100 }),
      debt: fc.bigInt(0n, 40n),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), minute: minutes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reverse' as const), of }) },
);

/** Something to spend, so that not every step that follows is refused. */
const opening: readonly Step[] = [
  { kind: 'top-up', customer: 'c1', amount: 2_000n },
  { kind: 'top-up', customer: 'c2', amount: 1_000n },
  { kind: 'earn', member: 'm1', points: 3_000n },
  { kind: 'finalise', member: 'm1', month: '2027-01', points: 1_500n },
  { kind: 'finalise', member: 'm1', month: '2027-02', points: 500n },
];

/** The opening and the same steps, with each capture, release and reversal pointing at an earlier step that can have a hold or a journal. */
export function linked(random: readonly Step[]): Step[] {
  const steps = [...opening, ...random];
  return steps.map((step, number) => {
    if (!('of' in step)) return step;
    const wanted =
      step.kind === 'reverse'
        ? ['top-up', 'finalise', 'license', 'capture', 'refund']
        : step.kind === 'refund'
          ? ['checkout']
          : ['job', 'checkout'];
    const earlier = [...steps.entries()].filter(
      ([other, { kind }]) => other < number && wanted.includes(kind),
    );
    // A target close by is more likely to be raced for.
    const target = earlier.at(-1 - (step.of % 4))?.[0] ?? number;
    return { ...step, of: target };
  });
}

/** Carries out one step under the key of its number; `undefined` when what it points at does not exist yet. */
export async function carryOut(
  tx: Transaction,
  memory: Memory,
  number: number,
  step: Step,
): Promise<string | undefined> {
  const key = header(`step:${number}`, describe(step));
  const postStep = async (postings: Posting[]) =>
    remember(memory, number, await post(tx, { ...key, postings }));
  switch (step.kind) {
    case 'top-up':
    case 'earn':
    case 'finalise':
    case 'forfeit':
    case 'license':
      return postStep(postingsOf(step));
    case 'job': {
      const from = [`deposit:customer:${step.customer}`];
      return hold(tx, memory, number, {
        ...key,
        from,
        commodity: 'JPY',
        amount: step.amount,
        expiresAt: minute(step.minutes),
      });
    }
    case 'checkout': {
      const from = (await balancesUnder(tx, `points:member:${step.member}:`)).map((bucket) => bucket.account);
      return hold(tx, memory, number, {
        ...key,
        from,
        commodity: 'PTS',
        amount: step.points,
        expiresAt: minute(step.minutes),
      });
    }
    case 'capture': {
      const held = memory.holds.get(step.of);
      if (!held) return undefined;
      const postings = capturePostings(held, step.percent);
      const command = { ...key, at: minute(step.minute), holdId: held.holdId, postings };
      return remember(memory, number, await captureHold(tx, command));
    }
    case 'release': {
      const held = memory.holds.get(step.of);
      return held && answer(await releaseHold(tx, { ...key, holdId: held.holdId }));
    }
    case 'refund': {
      const held = memory.holds.get(step.of);
      return (
        held && remember(memory, number, await post(tx, { ...key, postings: refundPostings(held, step) }))
      );
    }
    case 'expire':
      await expireHolds(tx, { at: minute(step.minute) });
      return undefined;
    case 'reverse': {
      const journalId = memory.journals.get(step.of);
      return journalId === undefined
        ? undefined
        : remember(memory, number, await reverse(tx, { ...key, journalId }));
    }
  }
}

/** Postings of the steps that are one journal and nothing else. */
export function postingsOf(step: Step): Posting[] {
  switch (step.kind) {
    case 'top-up':
      return events.customerToppedUp({ ...step, currency: 'JPY' });
    case 'earn':
      return events.pointsPending(step);
    case 'finalise':
      return events.pointsFinal({ ...step, currency: 'JPY' });
    case 'forfeit':
      return events.pointsForfeited(step);
    case 'license':
      return events.licenseFeeAccrued({ ...step, tax: step.net / 10n, currency: 'JPY' });
    default:
      throw new Error(`A ${step.kind} is not just a journal.`);
  }
}

/** The command of a step that is one journal. */
export function journalCommand(number: number, step: Step): PostCommand {
  return { ...header(`step:${number}`, describe(step)), postings: postingsOf(step) };
}

async function hold(
  tx: Transaction,
  memory: Memory,
  number: number,
  command: Parameters<typeof placeHold>[1],
) {
  const outcome = await placeHold(tx, command);
  if (outcome.kind === 'held') memory.holds.set(number, outcome);
  return answer(outcome);
}

function capturePostings(held: Held, percent: number): Posting[] {
  const share = (part: bigint) => (part * BigInt(percent)) / 100n || 1n;
  const parts = held.parts.map((part) => ({ ...part, amount: share(part.amount) }));
  const [first] = held.parts;
  if (first?.account.startsWith('points:'))
    return events.checkoutCaptured({ vendor: 'v1', parts, currency: 'JPY' });
  const customerId = first?.account.split(':')[2] ?? '';
  const net = parts.reduce((sum, part) => sum + part.amount, 0n);
  return events.jobInvoicedFromHold({
    customer: customerId,
    net,
    tax: 0n,
    currency: 'JPY',
    fromDeposit: net,
  });
}

/** Of a checkout's points a share goes back, and what of it is owed for wrong results settles that. */
function refundPostings(
  held: Held,
  { percent, debt }: { readonly percent: number; readonly debt: bigint },
): Posting[] {
  const shares = held.parts.map((part) => ({
    ...part,
    amount: (part.amount * BigInt(percent)) / 100n || 1n,
  }));
  const parts = shares.map((part) => ({ ...part, amount: part.amount > debt ? part.amount - debt : 0n }));
  const sum = (list: typeof shares) => list.reduce((total, { amount }) => total + amount, 0n);
  const member = held.parts[0]?.account.split(':')[2] ?? '';
  return pointsRefunded({
    member,
    vendor: 'v1',
    parts,
    debtRepaid: sum(shares) - sum(parts),
    currency: 'JPY',
  });
}

function remember(memory: Memory, number: number, outcome: PostOutcome): string {
  if (outcome.kind === 'posted') memory.journals.set(number, outcome.journalId);
  return answer(outcome);
}

/** An answer without the mark of a replay: what must be equal whenever the command is repeated. */
function answer(outcome: PostOutcome | HoldOutcome | ReleaseOutcome): string {
  return canonicalJson({ ...outcome, replayed: undefined });
}

function describe(step: Step): Record<string, string> {
  return Object.fromEntries(Object.entries(step).map(([name, value]) => [name, `${value}`]));
}

function minute(count: number): Date {
  return new Date(noon.getTime() + count * 60_000);
}
