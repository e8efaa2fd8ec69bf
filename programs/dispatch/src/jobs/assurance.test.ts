import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assuranceOf, type Checked } from './assurance.ts';

const counts = { copies: 1, unitsDone: 200, unitsFinal: 150, unitsAgain: 21 } as const;
const of = (level: Checked['level'], more: Partial<Checked> = {}) =>
  assuranceOf({ ...counts, level, ...more });

test('a job without a level says that nothing is checked, and which line would have it checked', () => {
  const { en, ja } = of('plain');
  assert.match(en, /taken as they come: nothing is checked, and any of them may be wrong/);
  for (const text of [en, ja]) assert.match(text, /trust: standard/);
  assert.match(ja, /検査は行われず/);
});

test('a level says what was computed again, what it promises, and what may remain', () => {
  const promised = {
    economy: ['5 %', '95 %'],
    standard: ['2 %', '99 %'],
    high: ['0.5 %', '99 %'],
  } as const;
  for (const [level, [most, sure]] of Object.entries(promised)) {
    const { en, ja } = of(level as 'economy');
    assert.ok(
      en.startsWith(`150 of 200 results are final at trust level ${level}; 21 units (10.5 %) were`),
      en,
    );
    assert.ok(en.includes(`more than ${most} wrong`) && en.includes(`with ${sure} confidence`), en);
    assert.match(en, /fewer may remain/);
    assert.ok(ja.includes(`信頼水準 ${level}`) && ja.includes(most) && ja.includes(sure), ja);
    assert.match(ja, /残りえます/);
  }
  assert.match(
    of('strict').en,
    /Every result that a member hands in is computed again, by another member or by the contractor.*computed is wrong only where both gave the same wrong answer.*contractor’s own answer stands/,
  );
  assert.match(
    of('strict').ja,
    /結果はすべて、別の会員または請負事業者自身が.*二者が同じ誤答.*請負事業者自身の答え/,
  );
});

test('copies say how many members agreed', () => {
  const { en, ja } = of('copies', { copies: 3 });
  assert.match(en, /3 different members agreed/);
  assert.match(ja, /会員3人/);
});
