import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correctionReason } from '../credits/correction-reason.ts';
import { correctionSentence, type ToldCorrection } from './correction-sentence.ts';

const of = (more: Partial<ToldCorrection> = {}) =>
  correctionSentence({ units: 3, phase: null, job: null, isPublished: true, credit: undefined, ...more });

test('a correction says how many units were wrong, and whether the corrected result is there', () => {
  assert.deepEqual(of(), {
    en: '3 units were found wrong after the job was done. The corrected result is the job’s result now.',
    ja: '業務の完了後、3単位の結果に誤りが見つかりました。現在の結果は訂正済みです。',
  });
  assert.match(
    of({ units: 1, isPublished: false }).en,
    /^1 unit was found wrong .* The corrected result follows\.$/,
  );
  assert.match(of({ isPublished: false }).ja, /追って差し替えられます。$/);
});

test('what was credited is said with its note, in both languages', () => {
  const { en, ja } = of({ credit: { number: 'CN-2026-000001', amountMilli: 2_000n, currency: 'JPY' } });
  assert.ok(en.endsWith(' 2 JPY are credited by CN-2026-000001, because the right results took less.'), en);
  assert.ok(ja.endsWith('正しい結果の計算量が少なかったため、CN-2026-000001により2 JPYが返金されます。'), ja);
});

test('a correction of an earlier phase says which, and that what followed is not computed again', () => {
  const job = { kind: 'stage', round: 1, stage: 1, roundsMax: 3, stages: 2 } as const;
  const { en, ja } = of({ phase: { kind: 'merge', round: 1, stage: 0 }, job });
  assert.match(
    en,
    /^3 units of round 2, stage 1, its merge program were found wrong .* is not computed again: submit/,
  );
  assert.match(ja, /^確定後、第2ラウンド・第1段・結合プログラムの3単位の結果に誤り.*計算し直されません/);
  const alone = of({ phase: { kind: 'stage', round: 0, stage: 0 } });
  assert.match(alone.en, /of an earlier phase/);
  assert.match(alone.ja, /前の段階の3単位/);
});

test('a note’s reason stands there in both languages', () => {
  const reason = correctionReason({ units: 2n, fuel: 20n, invoicedFuel: 22n });
  assert.match(
    reason,
    /^2 units were found wrong .* took 20 fuel in place of 22\. \/ 請求後に2単位.*22でなく20です。$/,
  );
  assert.match(correctionReason({ units: 1n, fuel: 1n, invoicedFuel: 2n }), /^1 unit was found/);
});
