import { factorText, moneyText, pointsText } from '@taika/cli/amounts';
import { misused, readCount, readMoneyIn, readThousandths } from '@taika/cli/read-amounts';
import type { Caller } from '@taika/http/call';
import { readRates, setRates as setRatesRoute } from '@taika/protocol/dispatch/parties';
import type { ReplyOf } from '@taika/protocol/route';
import {
  factorBounds,
  type LevelFactors,
  type PricedLevel,
  pricedLevels,
} from '@taika/protocol/trust-prices';
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
  /** `standard=1.1,strict=2`: what levels cost. */
  readonly levels?: string;
}

/** Publishes the next version: the present card with what the flags change. */
export async function setRates(server: Caller, answer: Answer, flags: RateFlags): Promise<void> {
  const { version, demonstration: _, ...present } = await server.call(readRates);
  const body = {
    ...present,
    ...(flags.perFuel === undefined ? {} : { perFuel: String(readCount(flags.perFuel, '--per-fuel', 18)) }),
    ...(flags.price === undefined
      ? {}
      : { price: readMoneyIn({ amount: flags.price, currency: present.price.currency }, '--price') }),
    ...(flags.points === undefined ? {} : { pointsMilli: String(readThousandths(flags.points, '--points')) }),
    ...(flags.tax === undefined ? {} : { taxBasisPoints: Number(readThousandths(flags.tax, '--tax') / 10n) }),
    ...(flags.levels === undefined ? {} : { levelFactors: readLevels(flags.levels, present.levelFactors) }),
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
  if (card.levelFactors === undefined) {
    console.log(
      '  every trust level costs the same; `set-rates --levels standard=1.1,strict=2` changes that',
    );
    return;
  }
  const factors = card.levelFactors;
  const levels = pricedLevels.map((level) => `${level} ${factorText(factors[level])}`);
  console.log(`  times ${levels.join(', ')}; copies: N costs N times plain`);
}

/** The present factors with what the flag changes. A card without factors has 1 for each. */
function readLevels(text: string, present: LevelFactors | undefined): LevelFactors {
  const factors: Record<PricedLevel, number> = {
    ...(present ?? { plain: 1000, economy: 1000, standard: 1000, high: 1000, strict: 1000 }),
  };
  for (const part of text.split(',')) {
    const [name = '', factor = ''] = part.trim().split('=');
    const level = pricedLevels.find((each) => each === name.trim());
    if (level === undefined) {
      throw misused(
        `--levels names "${name}", which is no trust level.`,
        `Give pairs such as standard=1.1; levels are ${pricedLevels.join(', ')}.`,
      );
    }
    const thousandths = Number(readThousandths(factor.trim(), `--levels ${level}`));
    if (thousandths < factorBounds.min || thousandths > factorBounds.max) {
      throw misused(
        `--levels ${level}=${factor} is out of range.`,
        `Give a factor from ${factorBounds.min / 1000} to ${factorBounds.max / 1000}.`,
      );
    }
    factors[level] = thousandths;
  }
  return factors;
}
