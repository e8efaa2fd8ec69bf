import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allocate, applyChanges, changes, type OpenAccount } from './balances.ts';
import { credit, debit } from './journal.ts';

function account(code: string, posted: bigint, held = 0n, bounded = true): OpenAccount {
  return { id: 1n, code, commodity: 'JPY', side: bounded ? 'credit' : 'debit', bounded, posted, held };
}

function open(...accounts: OpenAccount[]) {
  return new Map(accounts.map((each) => [`${each.code} ${each.commodity}`, each]));
}

test('a bounded account gives what is not held and no more', () => {
  const cases: [bigint, bigint, bigint, bigint | undefined][] = [
    [100n, 0n, 100n, undefined],
    [100n, 0n, 101n, 1n],
    [100n, 40n, 60n, undefined],
    [100n, 40n, 61n, 1n],
    [0n, 0n, 5n, 5n],
  ];
  for (const [posted, held, drawn, shortBy] of cases) {
    const deposit = account('deposit', posted, held);
    const cash = account('cash', 0n, 0n, false);
    const postings = [debit('deposit', 'JPY', drawn), credit('cash', 'JPY', drawn)];
    const shortage = applyChanges(changes(open(deposit, cash), postings));
    assert.deepEqual(shortage, shortBy === undefined ? undefined : { account: 'deposit', shortBy });
    assert.equal(deposit.posted, shortBy === undefined ? posted - drawn : posted, 'all or nothing');
  }
});

test('a journal that gives and takes on one account is judged by the difference', () => {
  const deposit = account('deposit', 0n);
  const postings = [debit('deposit', 'JPY', 5n), credit('deposit', 'JPY', 5n)];
  assert.equal(applyChanges(changes(open(deposit), postings)), undefined);
});

test('an allocation takes from the first account first, and all that is asked or says what is short', () => {
  const amounts = fc.array(fc.tuple(fc.bigInt(0n, 50n), fc.bigInt(0n, 50n)), { maxLength: 6 });
  fc.assert(
    fc.property(amounts, fc.bigInt(1n, 200n), (sums, amount) => {
      const accounts = sums.map(([free, held], index) => account(`a${index}`, free + held, held));
      const { parts, shortBy } = allocate(accounts, amount);
      const taken = parts.reduce((sum, part) => sum + part.amount, 0n);
      assert.equal(taken + shortBy, amount);
      const takenOf = new Map(parts.map((part) => [part.account, part.amount]));
      const last = accounts.indexOf(parts.at(-1)?.account ?? accounts[0]!);
      for (const [index, each] of accounts.entries()) {
        const free = each.posted - each.held;
        if (index < last || shortBy > 0n)
          assert.equal(takenOf.get(each) ?? 0n, free, 'emptied before the next is touched');
        else assert.ok((takenOf.get(each) ?? 0n) <= free);
      }
    }),
  );
});
