/** What operators do with the books, through the command line against a real server. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inTransaction } from '@taika/database/transaction';
import { customerToppedUp } from '@taika/ledger/events';
import { post } from '@taika/ledger/post';
import { profileFileName } from '@taika/protocol/profile';
import { startTestDispatch, type TestDispatch } from '../programs/dispatch/test/support/test-dispatch.ts';
import { type Ended, taika } from './run-program.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('taika books', () => {
  let dispatch: TestDispatch;
  let folder: TemporaryFolder;
  before(async () => {
    dispatch = await startTestDispatch();
    folder = await temporaryFolder('books');
    const { operatorKeyFile } = dispatch.server;
    await writeFile(
      join(folder.path, profileFileName),
      JSON.stringify({ dispatchUrl: dispatch.url, operatorKeyFile }),
    );
    for (const [key, at] of [
      ['september', '2026-09-10T12:00:00Z'],
      ['october', '2026-10-10T12:00:00Z'],
    ] as const) {
      const postings = customerToppedUp({ customer: 'c', amount: 500_000n, currency: 'JPY' });
      const header = { idempotencyKey: `top-up, "${key}"`, event: 'top-up', command: {}, at: new Date(at) };
      await inTransaction(dispatch.server.context.sql, (tx) => post(tx, { ...header, postings }));
    }
  });
  after(async () => {
    await dispatch?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const books = (...words: readonly string[]): Promise<Ended> =>
    taika(['books', ...words], { environment: { TAIKA_HOME: folder.path }, directory: folder.path });
  const succeeded = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await books(...words);
    assert.equal(code, 0, `${words}: ${stderr}${stdout}`);
    return stdout;
  };

  test('tell the balance, an account and the journal', async () => {
    assert.match(await succeeded('trial-balance'), /cash +1,000 JPY[\s\S]*Nothing is wrong in the books/);
    const account = JSON.parse(await succeeded('statement', 'cash', '--from', '2026-10-01', '--json'));
    assert.equal(account.opening, '500000');
    assert.deepEqual(
      account.entries.map(({ change }: { change: string }) => change),
      ['500000'],
    );
    assert.match(await succeeded('statement', 'cash'), /top-up[\s\S]*1,000 JPY/);
    await succeeded('export', '--to', '2026-09-30', '-o', 'journal.csv');
    const [head, ...rows] = (await readFile(join(folder.path, 'journal.csv'), 'utf8'))
      .trimEnd()
      .split('\r\n');
    assert.equal(head, 'journal,at,event,key,reverses,line,account,commodity,debit,credit');
    assert.equal(rows.length, 2);
    assert.match(rows[0] ?? '', /,top-up,"top-up, ""september""",,1,cash,JPY,500\.000,$/);
    const unknown = await books('statement', 'nowhere');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /Nothing was ever booked on "nowhere"/);
  });

  test('close a month once it is over, and keep its balance', async () => {
    const closing = JSON.parse(await succeeded('close-month', '2026-09', '--json'));
    assert.equal(closing.journals, '1');
    assert.deepEqual(JSON.parse(await succeeded('close-month', '2026-09', '--json')), closing);
    assert.match(await succeeded('trial-balance', '--month', '2026-09'), /cash +500 JPY/);
    assert.match(await succeeded('closings'), /2026-09 was closed/);
    const early = await books('close-month', '2999-01');
    assert.equal(early.code, 2);
    assert.match(early.stderr, /not over/);
  });

  test('verify the chain, name the first row that was touched, and close nothing then', async () => {
    assert.match(await succeeded('verify'), /intact: 2 commands[\s\S]*1 kept heads/);
    const { sql } = dispatch.server.context;
    const touch = (amount: string) =>
      sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx.unsafe(`update ledger.posting set amount = sign(amount) * ${amount} where journal_id = 2`);
      });
    await touch('600000');
    const broken = await books('verify', '--json');
    assert.equal(broken.code, 1);
    const { verdict, broken: row } = JSON.parse(broken.stdout);
    assert.deepEqual([verdict, row.position, row.command], ['broken', '2', '2']);
    assert.match(
      (await books('verify')).stdout,
      /BROKEN at position 2 \(command 2\): its content is not what was sealed/,
    );
    const refused = await books('close-month', '2026-10');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /chain is broken at position 2/);
    assert.match((await books('trial-balance')).stdout, /WRONG in the books/);
    await touch('500000');
    await succeeded('verify');
  });
});
