import { formatMoney } from '@taika/ledger/money';
import type { JobPhaseRow } from './view-queries.ts';

/** What was found wrong after it counted as final, as its customer is told. */
export interface ToldCorrection {
  /** Units that differ from the right ones. */
  readonly units: number;
  /** Null where what was corrected is the job's result. */
  readonly phase: Pick<JobPhaseRow, 'kind' | 'round' | 'stage'> | null;
  /** Where the job's phases are; null for a job without. */
  readonly job: JobPhaseRow | null;
  readonly isPublished: boolean;
  /** Where the right results took less: the note, and its total with tax in thousandths of the smallest coin. */
  readonly credit:
    | { readonly number: string; readonly amountMilli: bigint; readonly currency: string }
    | undefined;
}

/** A sentence in both languages. */
export interface Told {
  readonly en: string;
  readonly ja: string;
}

/** What a correction means for its customer, in both languages; pure. */
export function correctionSentence(correction: ToldCorrection): Told {
  const found = correction.phase === null ? ofResult(correction) : ofPhase(correction, correction.phase);
  const credited = creditSentence(correction.credit);
  return { en: `${found.en}${credited.en}`, ja: `${found.ja}${credited.ja}` };
}

function ofResult({ units, isPublished }: ToldCorrection): Told {
  return {
    en: `${foundWrong(units, '')} after the job was done. ${
      isPublished ? 'The corrected result is the job’s result now.' : 'The corrected result follows.'
    }`,
    ja: `業務の完了後、${units}単位の結果に誤りが見つかりました。${
      isPublished ? '現在の結果は訂正済みです。' : '訂正した結果は追って差し替えられます。'
    }`,
  };
}

/** What follows from a phase is not computed again (docs/decisions/0073-recalls-in-rounds.md), and so it is said. */
function ofPhase({ units, job }: ToldCorrection, phase: NonNullable<ToldCorrection['phase']>): Told {
  const where = phaseName(phase, job);
  return {
    en:
      `${foundWrong(units, ` of ${where.en}`)} after counting as final. What followed, the job’s result ` +
      'with it, was computed from the uncorrected results and is not computed again: submit the job again where that matters.',
    ja:
      `確定後、${where.ja}の${units}単位の結果に誤りが見つかりました。それに続く計算と業務の結果は訂正前の値から計算されたもので、` +
      '計算し直されません。影響がある場合は業務を再度投入してください。',
  };
}

function phaseName(
  { kind, round, stage }: NonNullable<ToldCorrection['phase']>,
  job: JobPhaseRow | null,
): Told {
  const parts: Told[] = [];
  if ((job?.roundsMax ?? 1) > 1) parts.push({ en: `round ${round + 1}`, ja: `第${round + 1}ラウンド` });
  if ((job?.stages ?? 1) > 1) parts.push({ en: `stage ${stage + 1}`, ja: `第${stage + 1}段` });
  if (kind === 'merge') parts.push({ en: 'its merge program', ja: '結合プログラム' });
  if (kind === 'next') parts.push({ en: 'rounds.next', ja: 'rounds.next' });
  return parts.length === 0
    ? { en: 'an earlier phase', ja: '前の段階' }
    : { en: parts.map(({ en }) => en).join(', '), ja: parts.map(({ ja }) => ja).join('・') };
}

function creditSentence(credit: ToldCorrection['credit']): Told {
  if (credit === undefined) {
    return { en: '', ja: '' };
  }
  const amount = `${formatMoney(credit.amountMilli, credit.currency)} ${credit.currency}`;
  return {
    en: ` ${amount} are credited by ${credit.number}, because the right results took less.`,
    ja: `正しい結果の計算量が少なかったため、${credit.number}により${amount}が返金されます。`,
  };
}

function foundWrong(units: number, where: string): string {
  return units === 1 ? `1 unit${where} was found wrong` : `${units} units${where} were found wrong`;
}
