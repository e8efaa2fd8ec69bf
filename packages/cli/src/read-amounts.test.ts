import assert from 'node:assert/strict';
import { test } from 'node:test';
import { booksText } from './books-text.ts';
import { CommandError } from './command-error.ts';
import { readCount, readMoney, readMoneyIn, readThousandths } from './read-amounts.ts';

test('amounts are read as people type them', () => {
  assert.deepEqual(readMoney('500 JPY', '--price'), { currency: 'JPY', amountMilli: '500000' });
  assert.deepEqual(readMoney(' 12.50USD ', '--price'), { currency: 'USD', amountMilli: '1250000' });
  assert.deepEqual(readMoneyIn({ amount: '0.5', currency: 'JPY' }, '--fee').amountMilli, '500');
  assert.equal(readThousandths('0.5', '--points'), 500n);
  assert.equal(readCount('30', '--days'), 30n);
});

test('what cannot be read names the flag, the text and what to give', () => {
  const reads: [() => unknown, RegExp][] = [
    [() => readMoney('500', '--price'), /^--price is "500"\.$/],
    [() => readMoneyIn({ amount: '1.2345', currency: 'JPY' }, '--fee'), /^--fee is "1.2345 JPY"\.$/],
    [() => readThousandths('-1', '--points'), /^--points is "-1"\.$/],
    [() => readThousandths('0.0001', '--points'), /^--points is "0.0001"\.$/],
    [() => readCount('0', '--days'), /^--days is "0"\.$/],
    [() => readCount('1234567', '--days'), /^--days is "1234567"\.$/],
  ];
  for (const [read, message] of reads) {
    assert.throws(read, (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.message, message);
      assert.match(error.remedy, /^Give /);
      assert.equal(error.exitCode, 2);
      return true;
    });
  }
});

test('a trial balance shows points as points and money as money', () => {
  const text = booksText({
    accounts: [
      { account: 'points', commodity: 'PTS', debit: '1500', credit: '0' },
      { account: 'cash', commodity: 'JPY', debit: '0', credit: '1234500' },
    ],
    defects: [{ name: 'unbalanced', detail: 'journal 7' }],
  });
  assert.equal(
    text,
    'account    debit       credit\npoints   1.5 PTS\ncash              1,234.5 JPY\n\nWRONG in the books:\n  unbalanced: journal 7',
  );
});
