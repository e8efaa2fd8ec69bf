/**
 * A full month of simulated business, and closing it: 1,000 customers, 50 vendors with books of their own, 10^5 members by
 * default. About 2.3 × 10^5 journals; `--members 440000` makes 10^6. All books are sealed, verified, closed and compared;
 * any difference ends it. One JSON line. `--members N`, `--customers N`, `--vendors N`, `--seed N`.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { closeAndReconcile } from '../../packages/ledger/test/reconcile-month.ts';
import { drawPrices, simulateMonth } from '../../packages/ledger/test/simulated-month.ts';
import { secondsSince, startDurableBooks } from './durable-books.ts';

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '100000' },
    customers: { type: 'string', default: '1000' },
    vendors: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const [members, customers, vendorCount] = [
  Number(values.members),
  Number(values.customers),
  Number(values.vendors),
];
const jobsEach = 4;

const names = Array.from({ length: vendorCount }, (_, index) => `vendor${index}`);
await using started = await startDurableBooks(['contractor', ...names]);
const [contractor, ...vendors] = started.books;
if (contractor === undefined) {
  throw new Error('The contractor has a book.');
}
const business = {
  month: '2026-10',
  customers,
  jobsEach,
  members,
  checkoutsPercent: 3,
  vendors,
  prices: drawPrices(customers * jobsEach, Number(values.seed)),
};
const simulatingMs = performance.now();
await simulateMonth(contractor, business);
const simulateSeconds = secondsSince(simulatingMs);
const closingMs = performance.now();
const { journals, closeSeconds } = await closeAndReconcile(contractor, business);
console.log(
  JSON.stringify({
    bench: 'month',
    members,
    customers,
    vendors: vendorCount,
    journals: Number(journals),
    differences: 0,
    simulateSeconds,
    closeSeconds,
    sealVerifyCloseAndReconcileSeconds: secondsSince(closingMs),
    seed: values.seed,
    loadAverage: loadavg()[0],
    cores: cpus().length,
  }),
);
