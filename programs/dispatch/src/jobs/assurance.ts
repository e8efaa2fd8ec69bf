import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import type { JobFactor } from '@taika/protocol/trust-prices';
import { type TrustLevelName, trustLevels } from '@taika/trust/trust-level';

/** What was done to be sure of a job's results: of all its phases, as far as its data is still there. */
export interface Checked {
  readonly level: JobFactor['level'];
  readonly copies: number;
  readonly unitsDone: number;
  readonly unitsFinal: number;
  /** Units computed a second time, and units whose result was dropped and computed anew. */
  readonly unitsAgain: number;
}

/** What was checked and what may still be wrong, for a customer, in both languages; pure. */
export function assuranceOf(checked: Checked): JobViewText['assurance'] {
  const { level, copies } = checked;
  switch (level) {
    case 'plain':
      return {
        level,
        en:
          'Results are taken as they come: nothing is checked, and any of them may be wrong. ' +
          'With the line "trust: standard" in the job file they are checked.',
        ja:
          '結果は届いたまま採用されます。検査は行われず、どの結果にも誤りがありえます。' +
          'ジョブファイルに「trust: standard」の一行を加えると検査されます。',
      };
    case 'copies':
      return {
        level,
        en:
          `Each result is one that ${copies} different members agreed on. ` +
          `One is wrong only where ${copies} members gave the same wrong answer; nobody looks further.`,
        ja:
          `どの結果も、異なる会員${copies}人の答えが一致したものです。` +
          `誤りが残るのは${copies}人が同じ誤答をした場合だけで、それ以上の検査はありません。`,
      };
    case 'strict':
      return {
        level,
        en:
          `${counted(checked).en} Every result that a member hands in is computed again, by another member or by the ` +
          'contractor itself, who also computes what no other member may have. A result that only members computed is wrong ' +
          'only where both gave the same wrong answer; of the others the contractor’s own answer stands.',
        ja:
          `${counted(checked).ja}会員が提出した結果はすべて、別の会員または請負事業者自身が計算し直します。` +
          '他の会員に渡せない分は請負事業者自身が計算します。会員だけが計算した結果に誤りが残るのは二者が同じ誤答をした場合だけで、' +
          'それ以外は請負事業者自身の答えが採用されます。',
      };
    default:
      return { level, ...sampled(checked, level) };
  }
}

/** Of levels that compute a part again. */
function sampled(checked: Checked, level: Exclude<TrustLevelName, 'strict'>) {
  const { wrongShareMax, confidence } = trustLevels[level];
  const most = percent(wrongShareMax);
  const sure = percent(confidence);
  return {
    en:
      `${counted(checked).en} A terminal with more than ${most} wrong results in this job is found with ${sure} ` +
      'confidence before it is done; fewer may remain, and are corrected if their terminal is found out later.',
    ja:
      `${counted(checked).ja}この業務の結果の${most}を超えて誤った端末は、完了までに信頼度${sure}で見つかります。` +
      'それより少ない誤りは残りえますが、後にその端末の不正が判明すれば訂正されます。',
  };
}

function counted({ level, unitsDone, unitsFinal, unitsAgain }: Checked) {
  const share = unitsDone === 0 ? 0 : Math.round((unitsAgain / unitsDone) * 1000) / 10;
  return {
    en:
      `${unitsFinal} of ${unitsDone} results are final at trust level ${level}; ` +
      `${unitsAgain} units (${share} %) were computed again.`,
    ja: `信頼水準 ${level}：${unitsDone}件中${unitsFinal}件の結果が確定し、${unitsAgain}件（${share} %）を計算し直しました。`,
  };
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
