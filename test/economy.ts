/**
 * The whole system for tests, of real parts: PostgreSQL, both servers, and as many agents as asked for, each a process
 * of its own that was downloaded from the vendor server. Everything lies in one folder and ends with the test.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectGrid, type Grid } from '@taika/client/sdk/grid';
import { connect, type Sql } from '@taika/database/connect';
import { type Companies, startCompanies } from 'taika/up/companies';
import { type Layout, layoutOf } from 'taika/up/layout';
import { joinMember, type Member, startAgent } from 'taika/up/member';
import { offerProducts } from 'taika/up/products';
import type { Service } from 'taika/up/service';
import type { Story } from 'taika/up/story';

export interface Economy extends AsyncDisposable {
  readonly directory: string;
  readonly layout: Layout;
  readonly companies: Companies;
  readonly grid: Grid;
  /** The contractor's database, for looking at invariants. */
  readonly sql: Sql;
  /** Registers a member with consent; its agent does not run yet. */
  join(name: string, product?: string): Promise<Member>;
  /** Runs a member's agent. It is started again when it dies, as `taika up` does. */
  run(member: Member): Promise<Service>;
}

const silent: Story = { heading: () => {}, step: () => {}, show: () => {} };

export async function openEconomy(): Promise<Economy> {
  const directory = await mkdtemp(join(process.env.TAIKA_TEST_SCRATCH ?? tmpdir(), 'economy-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const layout = layoutOf(directory);
  const companies = stack.use(await startCompanies(layout, { dispatch: 0, vendor: 0 }, silent));
  await offerProducts(companies, layout, silent);
  const sql = connect(companies.databaseUrl('dispatch'), { max: 2, applicationName: 'test' });
  stack.defer(() => sql.end());
  const running = stack.move();
  return {
    directory,
    layout,
    companies,
    sql,
    grid: connectGrid({ dispatchUrl: companies.dispatchUrl, customerKey: companies.customerKey }),
    join: (name, product = 'editor') =>
      joinMember({ name, contact: `${name}@example.org`, product, cores: 1 }, companies, layout, silent),
    run: async (member) => running.use(await startAgent(member, layout, 1, () => {})),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The last lines of a log, for the message of a failed test. */
export function logOf(economy: Economy, name: string): string {
  return readFileSync(join(economy.layout.logs, `${name}.log`), 'utf8')
    .split('\n')
    .slice(-20)
    .join('\n');
}
