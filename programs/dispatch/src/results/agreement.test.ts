import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideAgreement, type Vote } from './agreement.ts';

/** "aab": three members, of whom the first two agree. */
const votes = (answers: string): Vote[] =>
  [...answers].map((answer, index) => ({
    assignmentId: BigInt(index + 1),
    memberNumber: BigInt(index + 1),
    digests: Buffer.alloc(32, answer),
  }));

test('what members say decides as this table has it', () => {
  const table: [string, number, string][] = [
    ['a', 1, 'agreed a'],
    ['a', 2, 'more 2'],
    ['aa', 2, 'agreed a'],
    ['ab', 2, 'more 3'],
    ['aba', 2, 'agreed a'],
    ['abc', 2, 'more 4'],
    ['abcd', 2, 'more 5'],
    ['abcde', 2, 'disagreed'],
    ['abcdd', 2, 'agreed d'],
    ['aa', 3, 'more 3'],
    ['aab', 3, 'more 4'],
    ['aabb', 3, 'more 5'],
    ['aabba', 3, 'agreed a'],
  ];
  for (const [answers, copies, expected] of table) {
    const decided = decideAgreement(votes(answers), copies);
    const said =
      decided.kind === 'agreed'
        ? `agreed ${Buffer.from(decided.winner.digests)[0] === 0 ? '' : String.fromCharCode(decided.winner.digests[0]!)}`
        : decided.kind === 'more'
          ? `more ${decided.wanted}`
          : 'disagreed';
    assert.equal(said, expected, `${answers} with ${copies} copies`);
  }
});

test('one member agreeing with itself is no agreement', () => {
  const twice = votes('aa').map((vote) => ({ ...vote, memberNumber: 1n }));
  assert.equal(decideAgreement(twice, 2).kind, 'more');
});

test('those who said something else are named', () => {
  const decided = decideAgreement(votes('aba'), 2);
  assert.ok(decided.kind === 'agreed');
  assert.deepEqual(
    decided.wrong.map(({ memberNumber }) => memberNumber),
    [2n],
  );
});
