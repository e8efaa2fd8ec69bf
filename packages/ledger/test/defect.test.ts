import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sealChain } from '../src/chain.ts';
import { findDefects } from '../src/defects.ts';
import { nextDocumentNumber } from '../src/document-number.ts';
import { jobInvoicedFromHold, pointsFinal, pointsPending } from '../src/events.ts';
import { placeHold } from '../src/place-hold.ts';
import { post } from '../src/post.ts';
import { captureHold } from '../src/resolve-hold.ts';
import { assertNoDefects, header, lookWhileTampered, openTestBooks, type TestBooks } from './books.ts';

const currency = 'JPY';

/** Sound books with something in every table: a captured hold, an open one, a refusal, points, a number. */
async function openBusyBooks(): Promise<TestBooks> {
  const books = await openTestBooks();
  await books.topUp('c', 100n);
  const from = ['deposit:customer:c'];
  await books.run(async (tx) => {
    const held = await placeHold(tx, { ...header('captured'), from, commodity: currency, amount: 50n });
    assert.ok(held.kind === 'held');
    const postings = jobInvoicedFromHold({ customer: 'c', net: 30n, tax: 3n, currency, fromDeposit: 33n });
    await captureHold(tx, { ...header('capture'), holdId: held.holdId, postings });
    await placeHold(tx, { ...header('open'), from, commodity: currency, amount: 20n });
    await placeHold(tx, { ...header('refused'), from, commodity: currency, amount: 999n });
    await post(tx, { ...header('earn'), postings: pointsPending({ member: 'm', points: 9n }) });
    const final = pointsFinal({ member: 'm', month: '2027-01', points: 9n, currency });
    await post(tx, { ...header('final'), postings: final });
    for (let count = 0; count < 3; count++) {
      await nextDocumentNumber(tx, { issuer: 'contractor', series: 'INV', year: 2026 });
    }
  });
  await books.run((tx) => sealChain(tx));
  return books;
}

const idOf = (key: string) => `(select id from ledger.command where key = '${key}')`;

/** For each rule of the view one way to break it, by somebody who has got past triggers and constraints. */
const broken: Record<string, string> = {
  'journal-not-zero': `update ledger.posting set amount = amount + 1 where journal_id = ${idOf('capture')} and line = 1`,
  'debits-not-credits': 'update ledger.balance set posted = posted + 1 where not bounded and posted > 0',
  'journal-without-postings': `delete from ledger.posting where journal_id = ${idOf('earn')}`,
  'balance-not-fold': 'update ledger.balance set posted = posted + 1 where bounded',
  'held-not-fold': 'update ledger.balance set held = 0 where held > 0',
  overdrawn: 'update ledger.balance set posted = -1 where bounded',
  'captured-beyond-hold': `update ledger.hold_part set amount = 5 where hold_id = ${idOf('captured')}`,
  'capture-and-journal-disagree': "update ledger.hold_resolution set kind = 'released'",
  'open-hold-queue': 'delete from ledger.open_hold',
  'command-without-one-effect': 'delete from ledger.refusal',
  'body-hash': "update ledger.command set body = '{}' where key = 'open'",
  'numbers-not-gapless': 'delete from ledger.document_number where number = 2',
  'provision-not-points': `update ledger.balance set posted = 1 where account_id = (select id from ledger.account where code = 'provision:points')`,
  'never-to-be-sealed': 'delete from ledger.seal where position = (select max(position) from ledger.seal)',
  'chain-broken': 'update ledger.seal set hash = sha256(hash) where position = 2',
};

test('sound books have no defects', async () => {
  await using books = await openBusyBooks();
  await assertNoDefects(books.sql);
});

test('a broken rule is found by its name', async (t) => {
  await using books = await openBusyBooks();
  for (const [rule, statement] of Object.entries(broken)) {
    await t.test(rule, () =>
      lookWhileTampered(books.sql, statement, async (tx) => {
        const rules = (await findDefects(tx)).map((defect) => defect.rule);
        assert.ok(rules.includes(rule), `found only ${rules.join()}`);
      }),
    );
  }
  await assertNoDefects(books.sql);
});

test('no rule of the view is untested', async () => {
  await using books = await openTestBooks();
  const [view] = await books.sql<
    { text: string }[]
  >`select pg_get_viewdef('ledger.defect'::regclass) as text`;
  const rules = [...(view?.text ?? '').matchAll(/select\s+'([a-z-]+)'(?:::text)?/gi)].map(
    (match) => match[1],
  );
  assert.deepEqual([...new Set(rules)].sort(), Object.keys(broken).sort());
});
