/**
 * The whole system for tests, of real parts: PostgreSQL, both servers, and as many agents as asked for, each a process
 * of its own that was downloaded from the vendor server. Everything lies in one folder and ends with the test.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectGrid, type Grid } from '@taika/client/sdk/grid';
import { connect, type Sql } from '@taika/database/connect';
import { type Companies, startCompanies } from 'taika/up/companies';
import { type Layout, layoutOf } from 'taika/up/layout';
import { joinMember, type Member, startAgent } from 'taika/up/member';
import { offerProducts } from 'taika/up/products';
import { startReference } from 'taika/up/reference';
import type { Service } from 'taika/up/service';
import type { Story } from 'taika/up/story';
import { type Ended, runProgram } from './run-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface Economy extends AsyncDisposable {
  readonly directory: string;
  readonly layout: Layout;
  readonly companies: Companies;
  readonly grid: Grid;
  /** The contractor's database, for looking at invariants. */
  readonly sql: Sql;
  /** The vendor's database, for looking at invariants and for moving its clock. */
  readonly vendorSql: Sql;
  /** Registers a member with consent; its agent does not run yet. */
  join(name: string, product?: string): Promise<Member>;
  /** Runs a member's agent. It is started again when it dies, as `taika up` does. */
  run(member: Member): Promise<Service>;
}

export const silent: Story = { heading: () => {}, step: () => {}, show: () => {} };

export async function openEconomy(): Promise<Economy> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await temporaryFolder('economy'));
  const layout = layoutOf(directory);
  const companies = stack.use(await startCompanies(layout, { dispatch: 0, vendor: 0 }, silent));
  stack.use(await startReference(companies, layout, silent));
  await offerProducts(companies, layout, silent);
  const [sql, vendorSql] = ['dispatch', 'vendor'].map((name) =>
    connect(companies.databaseUrl(name), { max: 2, applicationName: 'test' }),
  ) as [Sql, Sql];
  stack.defer(async () => {
    // A connection that a killed database left behind may never end by itself.
    await Promise.all([sql.end({ timeout: 5 }), vendorSql.end({ timeout: 5 })]);
  });
  const running = stack.move();
  return {
    directory,
    layout,
    companies,
    sql,
    vendorSql,
    grid: connectGrid({ dispatchUrl: companies.dispatchUrl, customerKey: companies.customerKey }),
    join: (name, product = 'editor') =>
      joinMember({ name, contact: `${name}@example.org`, product, cores: 1 }, companies, layout, silent),
    run: async (member) => running.use(await startAgent(member, layout, 1, () => {})),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Runs a verb of a member's own agent, as it was downloaded: `agent(aiko, ['status', '--json'])`. */
export function agent(
  { agentFile, agentHome }: Pick<Member, 'agentFile' | 'agentHome'>,
  words: readonly string[],
): Promise<Ended> {
  return runProgram([process.execPath, agentFile, ...words, '--home', agentHome]);
}

/** What must never be, asked of both companies: nothing at any instant. */
export async function assertNoDefects({ sql, vendorSql }: Economy): Promise<void> {
  const defects = {
    dispatch: [...(await sql`select * from dispatch_defects()`)],
    ledger: [...(await sql`select * from ledger.defect`)],
    money: [
      ...(await sql`select * from money_defect union all select * from funds_defect union all select * from credit_defect`),
    ],
    vendor: [...(await vendorSql`select * from vendor_defect`)],
    vendorLedger: [...(await vendorSql`select * from ledger.defect`)],
  };
  assert.deepEqual(defects, { dispatch: [], ledger: [], money: [], vendor: [], vendorLedger: [] });
}

/** The process that all of PostgreSQL's belong to. */
export async function postmasterPid({ sql }: Economy): Promise<number> {
  const [row] = await sql<{ dataDirectory: string }[]>`show data_directory`;
  assert.ok(row);
  return Number((await readFile(join(row.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')[0]);
}
