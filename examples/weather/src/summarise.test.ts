import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, type State, variables } from './lorenz-96.ts';
import { summarise } from './summarise.ts';

test('the summary has the mean and the spread of each day', async () => {
  const line = (member: string, day: number, value: number) =>
    `${member},${day},${Array.from({ length: variables }, () => value).join(',')}`;
  const lines = ['member,day,…', line('a', 1, 1), line('b', 1, 3), line('a', 0, 2), line('b', 0, 2)];
  assert.deepEqual(await summarise(lines), [
    { day: 0, members: 2, mean: 2, spread: 0 },
    { day: 1, members: 2, mean: 2, spread: Math.SQRT2 },
  ]);
});

test('the model keeps its fixed point and leaves it when disturbed', () => {
  const fixed: State = Array.from({ length: variables }, () => 8);
  assert.deepEqual(advance(fixed), fixed);
  let disturbed: State = fixed.map((value, index) => (index === 19 ? value + 0.01 : value));
  for (let step = 0; step < 400; step++) disturbed = advance(disturbed);
  assert.ok(disturbed.some((value) => Math.abs(value - 8) > 1));
});
