/** Both companies' real servers, each a process, and as many lying and honest terminals as a cell wants, all in this process. */
import { readFile } from 'node:fs/promises';
import { connect, type Sql } from '@taika/database/connect';
import { putProduct } from '@taika/protocol/vendor/catalogue';
import { waitFor } from '@taika/testing/wait-for';
import { type Companies, startCompanies } from 'taika/up/companies';
import { layoutOf } from 'taika/up/layout';
import { createGrid, type TestGrid } from '../../programs/dispatch/test/support/grid.ts';
import { silent } from '../economy.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Omniscience, Ring } from './liar.ts';
import { joinReference } from './reference-terminal.ts';
import { type CheatTerminal, joinTerminal, type TerminalTrait } from './terminal.ts';

export interface CheatGrid extends AsyncDisposable {
  readonly companies: Companies;
  readonly customer: TestGrid;
  /** The contractor's database. */
  readonly sql: Sql;
  readonly terminals: readonly CheatTerminal[];
  readonly reference: Awaited<ReturnType<typeof joinReference>>;
  /** A new member with one terminal, on a network of its own. */
  join(trait: TerminalTrait): Promise<CheatTerminal>;
}

const product = 'editor';
const offer = {
  kind: 'application',
  title: 'Fude, a Markdown editor',
  description: 'Writes, previews and exports Markdown.',
  cashPrice: { price: { currency: 'JPY', amountMilli: '480000' }, per: 'month' },
  policy: { windowDays: 30, pointsMilliMin: '0', devicesMax: 3 },
} as const;

/** Starts the servers in a folder of their own. The same seed gives the same lies, as far as the schedule is the same. */
export async function openCheatGrid(seed: string): Promise<CheatGrid> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder('cheats'));
  const companies = stack.use(await startCompanies(layoutOf(path), { dispatch: 0, vendor: 0 }, silent));
  await companies.vendor.call(putProduct, { params: { product }, body: offer });
  const sql = connect(companies.databaseUrl('dispatch'), { max: 2, applicationName: 'cheats' });
  stack.defer(() => sql.end());
  const terminals: CheatTerminal[] = [];
  const ring: Ring = { lies: new Set() };
  const committed = new Set<string>();
  const trusted = new Set<string>();
  let unchecked = 0;
  let joined = 0;
  const known: Omniscience = {
    isTrusted: (terminalId) => trusted.has(terminalId),
    isCommitted: (jobId, unit) => committed.has(`${jobId} ${unit}`),
    isAhead: () => unchecked > 2 * terminals.length,
  };
  const operatorKey = (await readFile(companies.operatorKeyFile, 'utf8')).trim();
  const customer = await createGrid(companies.dispatchUrl, operatorKey);
  const reference = await joinReference(companies);
  // Cheats are let know where they stand, a moment late; the wire tells nobody.
  const watch = async () => {
    const standing = await sql<{ id: string }[]>`
      select t.id from terminal_trust k join terminal t on t.number = k.terminal_number where k.standing = 'trusted'
    `;
    trusted.clear();
    for (const { id } of standing) trusted.add(id);
    // What keeps a newcomer waiting; copies that terminals shall compute must not wait for this.
    const [waiting] = await sql<{ count: number }[]>`
      select ((select count(*) from trust_run where state = 'committed')
        + (select count(*) from audit where state <> 'done' and reason = 'probation'))::int as count
    `;
    unchecked = waiting?.count ?? 0;
  };
  const watching = setInterval(() => void watch().catch(() => {}), 100);
  stack.defer(() => clearInterval(watching));
  const running = stack.move();
  return {
    companies,
    reference,
    customer,
    sql,
    terminals,
    async join(trait) {
      // Counted before anything is waited for: two who come back at once must not be one, or they would tell the same lie.
      const nth = ++joined;
      const terminal = await joinTerminal({
        ...trait,
        name: `terminal-${nth}`,
        network: nth,
        vendorUrl: companies.vendorUrl,
        dispatchUrl: companies.dispatchUrl,
        product,
        ring,
        known,
        seed,
        onCommit: (jobId, unit) => committed.add(`${jobId} ${unit}`),
        passDeadline: async (assignmentId) => {
          await sql`update assignment set deadline = now() where id = ${assignmentId}`;
          await waitFor(
            'the run goes to another terminal',
            async () => (await sql`select from assignment where id = ${assignmentId}`).length === 0,
          );
        },
      });
      terminals.push(terminal);
      running.defer(() => terminal[Symbol.dispose]());
      return terminal;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
