import { moneyText, pointsText } from '@taika/cli/amounts';
import { CommandError } from '@taika/cli/command-error';
import type { Caller } from '@taika/http/call';
import { parseMoney } from '@taika/ledger/money';
import { parsePoints } from '@taika/ledger/points';
import { readRates, setRates as setRatesRoute } from '@taika/protocol/dispatch/parties';
import type { ReplyOf } from '@taika/protocol/route';
import type { Answer } from './contractor.ts';

type RateCard = ReplyOf<typeof readRates>;

/** Shows the rate card in force. */
export async function showRates(server: Caller, answer: Answer): Promise<void> {
  print(await server.call(readRates), answer);
}

/** Flags of `set-rates`. */
export interface RateFlags {
  readonly price?: string;
  readonly points?: string;
  readonly perFuel?: string;
  readonly tax?: string;
}

/** Publishes the next version: the present card with what the flags change. */
export async function setRates(server: Caller, answer: Answer, flags: RateFlags): Promise<void> {
  const { version, ...present } = await server.call(readRates);
  const body = {
    ...present,
    ...(flags.perFuel === undefined ? {} : { perFuel: read('--per-fuel', flags.perFuel, wholeNumber) }),
    ...(flags.price === undefined
      ? {}
      : {
          price: {
            currency: present.price.currency,
            amountMilli: read('--price', flags.price, (text) => parseMoney(text, present.price.currency)),
          },
        }),
    ...(flags.points === undefined ? {} : { pointsMilli: read('--points', flags.points, parsePoints) }),
    ...(flags.tax === undefined
      ? {}
      : { taxBasisPoints: Number(read('--tax', flags.tax, (text) => parsePoints(text) / 10n)) }),
  };
  print(await server.call(setRatesRoute, { params: { version: String(version + 1) }, body }), answer);
}

function print(card: RateCard, { json }: Answer): void {
  if (json) {
    console.log(JSON.stringify({ rates: card }));
    return;
  }
  console.log(`Rate card ${card.version}: for each ${card.perFuel} fuel`);
  console.log(`  a customer pays ${moneyText(card.price)} and ${card.taxBasisPoints / 100} % tax`);
  console.log(`  a member earns ${pointsText(card.pointsMilli)} points`);
}

function read(flag: string, text: string, parse: (text: string) => bigint): string {
  try {
    return String(parse(text));
  } catch {
    throw new CommandError(`${flag} is "${text}".`, {
      code: 'usage',
      remedy: 'Give a number such as 12 or 0.5.',
    });
  }
}

function wholeNumber(text: string): bigint {
  if (!/^[1-9][0-9]{0,17}$/.test(text)) {
    throw new RangeError('A whole number is wanted.');
  }
  return BigInt(text);
}
