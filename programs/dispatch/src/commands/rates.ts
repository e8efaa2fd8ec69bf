import { moneyText, pointsText } from '@taika/cli/amounts';
import { readCount, readMoneyIn, readThousandths } from '@taika/cli/read-amounts';
import type { Caller } from '@taika/http/call';
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
    ...(flags.perFuel === undefined ? {} : { perFuel: String(readCount(flags.perFuel, '--per-fuel', 18)) }),
    ...(flags.price === undefined
      ? {}
      : { price: readMoneyIn({ amount: flags.price, currency: present.price.currency }, '--price') }),
    ...(flags.points === undefined ? {} : { pointsMilli: String(readThousandths(flags.points, '--points')) }),
    ...(flags.tax === undefined ? {} : { taxBasisPoints: Number(readThousandths(flags.tax, '--tax') / 10n) }),
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
