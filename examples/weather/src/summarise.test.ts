import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, type State, variables } from './lorenz-96.ts';
import { summarise } from './summarise.ts';

test('the summary has the mean and the spread of each day', async () => {
  const line = (member: string, day: number, value: number) =>
    `${member},${day},${Array.from({ length: variables }, () => value).join(',')}`;
  const lines = ['member,day,…', line('a', 1, 1), line('b', 1, 3), line('a', 0, 2), line('b', 0, 2)];
  const [first, second] = await summarise(lines);
  assert.deepEqual([first?.day, first?.members, second?.day, second?.members], [0, 2, 1, 2]);
  const close = (value: number | undefined, expected: number) =>
    assert.ok(Math.abs((value ?? 0) - expected) < 1e-12);
  close(first?.mean, 2);
  close(first?.spread, 0);
  close(second?.mean, 2);
  close(second?.spread, Math.SQRT2);
});

test('the model keeps its fixed point and leaves it when disturbed', () => {
  const fixed: State = Array.from({ length: variables }, () => 8);
  assert.deepEqual(advance(fixed), fixed);
  let disturbed: State = fixed.map((value, index) => (index === 19 ? value + 0.01 : value));
  for (let step = 0; step < 400; step++) disturbed = advance(disturbed);
  assert.ok(disturbed.some((value) => Math.abs(value - 8) > 1));
});
