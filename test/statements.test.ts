/** Two companies' books, compared by signed statements, day by day and event by event. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { signStatement } from '@taika/books/statements/signed-statement';
import type { Sql } from '@taika/database/connect';
import { RemoteError } from '@taika/http/call';
import {
  closeMonth,
  listStatements,
  readReconciliation,
  readStatementFile,
  reconcileNow,
  verifyBooks,
} from '@taika/protocol/books';
import { exchangeStatement, readStatementPart } from '@taika/protocol/dispatch/statements';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

const dayMs = 86_400_000;

describe('statements', () => {
  let companies: TwoCompanies;
  let day: string;
  before(async () => {
    companies = await startTwoCompanies();
  });
  after(() => companies?.[Symbol.asyncDispose]());

  const today = () => companies.clock.now().toISOString().slice(0, 10);
  const nextDay = () => companies.clock.forward(dayMs);
  const both = async () => [
    await companies.vendorOperator.call(reconcileNow),
    await companies.contractorOperator.call(readReconciliation, { query: {} }),
  ];
  /** Changes a row as nobody should: past the triggers. */
  const tamper = (sql: Sql, statement: string) =>
    sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx.unsafe(statement);
    });

  test('a day that is over is exchanged once, and its events match in both books', async () => {
    day = today();
    const events = [await companies.earnFee(), await companies.earnFee()];
    for (const { matched, differences } of await both()) {
      assert.equal(matched, 0);
      assert.ok(differences.every(({ state, isAlert }) => state === 'waiting' && !isAlert));
      assert.deepEqual(differences.map(({ event }) => event).sort(), events.sort());
    }
    nextDay();
    for (const { matched, differences, alerts } of await both()) {
      assert.deepEqual({ matched, differences, alerts }, { matched: 2, differences: [], alerts: [] });
    }
    await companies.vendorOperator.call(reconcileNow);
    const { items } = await companies.contractorOperator.call(listStatements, { query: {} });
    assert.deepEqual(
      items.filter((item) => item.day === day).map(({ issuer, lines }) => [issuer, lines]),
      [
        ['ours', '2'],
        ['theirs', '2'],
      ],
    );
    const search = async (query: object) =>
      (await companies.contractorOperator.call(listStatements, { query })).items.filter(
        (item) => item.lines !== '0',
      );
    const [stated] = items.filter((item) => item.day === day);
    const number = `STM-${day}`;
    assert.equal(stated?.number, number);
    const total = stated?.total?.amountMilli ?? '';
    assert.equal((await search({ number })).length, 2);
    assert.equal((await search({ from: day, to: day, amountFrom: total, amountTo: total })).length, 2);
    assert.deepEqual(await search({ number, amountFrom: String(BigInt(total) + 1n) }), []);
    assert.deepEqual(await search({ number: 'STM-2020-01-01' }), []);
    assert.deepEqual(await search({ counterparty: 'nobody' }), []);
  });

  test('heads of the chains travel: each company’s book is compared with what the other has kept', async () => {
    nextDay();
    await both();
    nextDay();
    await both();
    for (const operator of [companies.contractorOperator, companies.vendorOperator]) {
      const { verdict, witnesses } = await operator.call(verifyBooks);
      assert.equal(verdict, 'intact');
      assert.ok(witnesses > 0);
    }
  });

  test('a statement is had as PDF and CSV, each line with how it stands', async () => {
    const query = { counterparty: companies.vendor.identity.vendorId };
    const pdf = await companies.contractorOperator.open(readStatementFile, {
      params: { day, format: 'pdf' },
      query,
    });
    assert.equal(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
      '%PDF-',
    );
    const csv = await companies.contractorOperator.open(readStatementFile, {
      params: { day, format: 'csv' },
      query,
    });
    const [, ...rows] = (await csv.text()).trimEnd().split('\r\n');
    assert.equal(rows.length, 2);
    assert.ok(rows.every((row) => row.includes(',120.000,matched,')));
    const own = await companies.vendorOperator.open(readStatementFile, {
      params: { day, format: 'json' },
      query: { counterparty: 'contractor' },
    });
    assert.equal(((await own.json()) as { lines: unknown[] }).lines.length, 2);
  });

  test('what was stated stays: another statement of the day, a forged or a foreign one is refused', async () => {
    const { vendor } = companies;
    const { vendorId, key } = vendor.identity;
    const now = companies.clock.now();
    const body = {
      issuer: vendorId,
      counterparty: 'contractor',
      day,
      part: 1,
      parts: 1,
      party: { name: 'Editor Inc' },
      lines: [],
      head: { position: '0', hash: '0'.repeat(64) },
    };
    const send = async (statement: Awaited<ReturnType<typeof signStatement>>, to = { day, part: '1' }) =>
      vendor.context.dispatch.call(exchangeStatement, { params: to, body: statement }).then(
        () => 'accepted',
        (error: unknown) => (error instanceof RemoteError ? error.code : String(error)),
      );
    const signed = await signStatement(body, { key: key.privateKey, now });
    assert.equal(await send(signed), 'conflict');
    const longAgo = '2020-01-01';
    const old = { ...body, day: longAgo };
    const forged = {
      ...(await signStatement(old, { key: key.privateKey, now })),
      body: { ...old, party: { name: 'Else' } },
    };
    assert.equal(await send(forged, { day: longAgo, part: '1' }), 'bad-signature');
    assert.equal(await send(signed, { day: longAgo, part: '1' }), 'bad-signature');
    const foreign = await signStatement({ ...old, issuer: 'somebody' }, { key: key.privateKey, now });
    assert.equal(await send(foreign, { day: longAgo, part: '1' }), 'bad-signature');
    const early = await signStatement({ ...body, day: today() }, { key: key.privateKey, now });
    assert.equal(await send(early, { day: today(), part: '1' }), 'wrong-state');
    const stated = await vendor.context.dispatch.call(readStatementPart, { params: { day, part: '1' } });
    const twice = { ...old, lines: stated.body.lines };
    assert.equal(
      await send(await signStatement(twice, { key: key.privateKey, now }), { day: longAgo, part: '1' }),
      'conflict',
    );
  });

  test('a difference has a reason, is an alert after three days, and keeps the month open', async () => {
    const event = await companies.earnFee();
    const vendorSql = companies.vendor.context.sql;
    await vendorSql`update claim set amount_milli = 130000 where 'license-fee:' || registration_id = ${event}`;
    nextDay();
    for (const { differences } of await both()) {
      assert.equal(differences.length, 1);
      assert.equal(differences[0]?.state, 'amount-differs');
      assert.equal(differences[0]?.isAlert, false);
    }
    const [ofVendor, ofContractor] = await both();
    assert.equal(ofVendor?.differences[0]?.reason, 'Our book has ¥130, their statement ¥120.');
    assert.equal(ofContractor?.differences[0]?.reason, 'Our book has ¥120, their statement ¥130.');
    for (let passed = 0; passed < 3; passed++) {
      nextDay();
    }
    for (const { alerts } of await both()) {
      assert.equal(alerts.length, 1);
      assert.ok(alerts[0]?.startsWith(event));
    }
    const closing = companies.contractorOperator.call(closeMonth, { params: { month: '2020-01' } });
    await assert.rejects(closing, /Unmatched for too long/);
    await vendorSql`update claim set amount_milli = 120000 where 'license-fee:' || registration_id = ${event}`;
  });

  test('an event that one side alone has is told by both, and why', async () => {
    const event = await companies.earnFee();
    await tamper(
      companies.vendor.context.sql,
      `delete from claim where 'license-fee:' || registration_id = '${event}'`,
    );
    nextDay();
    const [ofVendor, ofContractor] = await both();
    const stateOf = (found: typeof ofVendor) =>
      found?.differences.find((each) => each.event === event)?.state;
    assert.equal(stateOf(ofVendor), 'missing-ours');
    assert.equal(stateOf(ofContractor), 'missing-theirs');
  });

  test('a book that was written anew, chain and all, is given away by the head that the other company has kept', async () => {
    const { sql } = companies.dispatch.server.context;
    const [kept] = await sql<{ position: bigint }[]>`
      select max(witness_position) as position
      from ledger.statement`;
    assert.ok(kept && kept.position > 0n);
    await tamper(sql, `update ledger.command set event = 'else' where id = 1`);
    // The chain is made whole again, as somebody with all rights could.
    await tamper(
      sql,
      `with recursive chain(position, hash) as (
         select 0::bigint, decode(repeat('00', 32), 'hex')
         union all
         select s.position, ledger.chain_step(chain.hash, c.content)
         from chain
         join ledger.seal s on s.position = chain.position + 1
         join ledger.command_content c on c.command_id = s.command_id
       )
       update ledger.seal s set hash = chain.hash from chain where chain.position = s.position`,
    );
    const found = await companies.contractorOperator.call(verifyBooks);
    assert.equal(found.verdict, 'broken');
    assert.match(found.broken?.problem ?? '', /the witness keeps/);
  });

  test('a newer server’s statement may say more than is known here: it is taken and kept word for word', async () => {
    const { vendorId, key } = companies.vendor.identity;
    const line = { event: 'order:1999', on: '2019-12-31', description: 'x', currency: 'JPY', amount: '0' };
    const body = {
      issuer: vendorId,
      counterparty: 'contractor',
      day: '2019-12-31',
      part: 1,
      parts: 1,
      party: { name: 'Editor Inc', logo: 'new' },
      lines: [{ ...line, evidence: 'new' }],
      head: { position: '0', hash: '0'.repeat(64) },
      mood: 'new',
    };
    const signed = await signStatement(body, { key: key.privateKey, now: companies.clock.now() });
    const params = { day: body.day, part: '1' };
    const reply = await companies.vendor.context.dispatch.call(exchangeStatement, { params, body: signed });
    assert.equal(reply.body.day, body.day);
    const [kept] = await companies.dispatch.server.context.sql<{ body: string }[]>`
      select body
      from ledger.statement
      where day = '2019-12-31'
        and not is_ours
    `;
    assert.deepEqual(JSON.parse(kept?.body ?? ''), body);
    const { alerts } = await companies.contractorOperator.call(readReconciliation, { query: {} });
    assert.ok(alerts.some((alert) => alert.startsWith('order:1999')));
  });
});
