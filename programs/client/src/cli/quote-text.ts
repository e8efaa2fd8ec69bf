import { countText, factorText, fuelText, moneyText } from '@taika/cli/amounts';
import { table } from '@taika/cli/table';
import type { RateCardText } from '@taika/protocol/dispatch/parties';
import type { JobEstimate } from '../quote/job-estimate.ts';
import type { Quote } from '../quote/quote-of.ts';
import { spanText } from './pace.ts';

/** A quote for people. */
export function quoteText(estimate: JobEstimate, rates: RateCardText, quote: Quote): string {
  const { fuel, inputBytes, outputBytes } = estimate;
  const isPart = estimate.covers !== 'all';
  return [
    ...basisLines(estimate),
    `Fuel    ${rangeText(fuel, fuelText)}, at ${moneyText(rates.price)} for ${fuelText(rates.perFuel)}`,
    `Bytes   ${inputBytes} in, ${rangeText(outputBytes, String)} out`,
    `Time    ${isPart ? 'at least ' : ''}${timeText(quote)}`,
    '',
    `Price${isPart ? ` of ${stagesText(estimate)}` : ''}, tax included, by trust level (* is what the job file says):`,
    table(quote.prices, [
      { heading: 'trust', text: ({ level, isOwn }) => `${level}${isOwn ? ' *' : ''}` },
      { heading: 'factor', text: ({ factorThousandths }) => factorText(factorThousandths), right: true },
      { heading: 'from', text: ({ low }) => moneyText(low), right: true },
      { heading: 'likely', text: ({ likely }) => moneyText(likely), right: true },
      { heading: 'to', text: ({ high }) => moneyText(high), right: true },
    ]),
    ...allRoundsLines(quote),
    ...maxPriceLines(quote, isPart),
    '',
    ...rentedLines(quote, rates, isPart ? stagesText(estimate) : undefined),
  ].join('\n');
}

function stagesText({ stages }: JobEstimate): string {
  return stages === 1 ? 'the first stage' : `the first ${stages} stages`;
}

/** What the figures are of, and what they assume. */
function basisLines(estimate: JobEstimate): string[] {
  const { units, unitsSampled, fuel, covers, hasSampledMerge, fuelPerSecondHere } = estimate;
  const isExact = fuel.low === fuel.high;
  const sampled = isExact
    ? `${countText(units, 'unit')}, all computed here.`
    : `${countText(units, 'unit')}, ${unitsSampled} of them computed here. The range holds where the others are like these; one very heavy unit can make it more.`;
  const merge = hasSampledMerge
    ? [
        'The merge program ran once for each level, on outputs of these units; the range takes a level’s other units for half to twice of that.',
      ]
    : [];
  if (covers === 'all') return [sampled, ...merge];
  const span = spanText(Number(fuel.likely) / Math.max(fuelPerSecondHere, 1));
  return [
    `${stagesText(estimate).replace('the', 'The')}: ${sampled}`,
    ...merge,
    'What follows reads all of the results and is not in these figures, so the job costs more than they say.',
    `To know it exactly, compute the whole job here: taika quote JOB --whole. This part alone takes about ${span}; --at-most 10m ends it there.`,
  ];
}

function timeText({ seconds, capacity, deadline }: Quote): string {
  const span = seconds && rangeText(seconds, (value) => spanText(Number(value)));
  const now =
    span === undefined
      ? 'no terminal is asking for work now'
      : `${span} with today’s ${countText(capacity.terminals, 'terminal')}, ${countText(capacity.cores, 'core')}`;
  if (deadline === undefined) return now;
  const wish = spanText(deadline.deadlineMs / 1000);
  switch (deadline.chance) {
    case undefined:
      return `${now}, so nobody can say whether the deadline of ${wish} will be kept`;
    case 'kept':
      return `${now}: within the deadline of ${wish}`;
    case 'perhaps':
      return `${now}: the deadline of ${wish} may be missed`;
    case 'missed':
      return `${now}: the deadline of ${wish} will be missed, unless more terminals come`;
  }
}

function allRoundsLines({ allRounds }: Quote): string[] {
  if (allRounds === undefined) return [];
  return [
    `If all ${allRounds.max} rounds are computed and this part of each is like that of the first, these parts cost ${rangeText(allRounds, moneyText)}.`,
  ];
}

/** Whether the job may pause for its own limit. */
function maxPriceLines({ prices, maxPrice }: Quote, isPart: boolean): string[] {
  const own = prices.find(({ isOwn }) => isOwn);
  if (maxPrice === undefined || own === undefined) return [];
  const max = BigInt(maxPrice.amountMilli);
  if (BigInt(own.high.amountMilli) <= max) {
    return isPart
      ? [
          `Whether the whole job keeps within ${moneyText(maxPrice)} (maxPrice) is not known: it pauses before it costs more.`,
        ]
      : [];
  }
  const sure = BigInt(own.low.amountMilli) > max;
  return [
    `The job ${sure ? 'will' : 'may'} pause before it is done: it may cost at most ${moneyText(maxPrice)} (maxPrice).`,
  ];
}

/** What rented machines would cost, what a core costs here, and why, where that is more. */
function rentedLines(
  { rented, corePerHour, usual }: Quote,
  { demonstration }: RateCardText,
  part: string | undefined,
): string[] {
  if (rented === undefined) {
    return [
      `A core-hour costs ${moneyText(corePerHour)} here, before tax. What a rented one costs you: --rented "4.5 ${corePerHour.currency}"`,
    ];
  }
  const lines = [
    `On rented machines at ${moneyText(rented.corePerHour)} a core-hour, before tax${part === undefined ? '' : `, ${part}`}: ${rangeText(rented, moneyText)}. Your own price: --rented "4.5 ${corePerHour.currency}"`,
  ];
  const here = Number(corePerHour.amountMilli);
  const there = Number(rented.corePerHour.amountMilli);
  if (here < there) {
    lines.push(
      `Here a core-hour costs ${moneyText(corePerHour)}: ${Math.round(100 * (1 - here / there))} % less.`,
    );
  } else if (demonstration !== undefined && usual !== undefined) {
    const { usualPrice, usualPerFuel } = demonstration;
    lines.push(
      `Here a core-hour costs ${moneyText(corePerHour)}: these are the rates of a demonstration, so dear that seconds of work show in whole coins.`,
      `At the rates that a contractor begins with (${moneyText(usualPrice)} for ${fuelText(usualPerFuel)}) ${part ?? 'this job'} would cost ${rangeText(usual, moneyText)}, tax included.`,
    );
  } else if (here > there) {
    lines.push(
      `Here a core-hour costs ${moneyText(corePerHour)}, which is more: rented machines are cheaper for this job.`,
    );
  }
  return lines;
}

function rangeText<Value>(
  { low, high }: { readonly low: Value; readonly high: Value },
  text: (value: Value) => string,
): string {
  const [from, to] = [text(low), text(high)];
  return from === to ? from : `${from} to ${to}`;
}
