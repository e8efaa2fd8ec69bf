/** A fee is decided by the contract of its month, or of the month of its registration, in both companies, whenever it is claimed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inTransaction } from '@taika/database/transaction';
import { RemoteError } from '@taika/http/call';
import { claimLicenseFee, listClaims, readBooks } from '@taika/protocol/dispatch/money';
import { readVendor, setLicenseFee } from '@taika/protocol/dispatch/parties';
import type { ClaimId, RegistrationId, VendorId } from '@taika/protocol/schema';
import { readVendorBooks } from '@taika/protocol/vendor/services';
import { enrolCustomer, newId } from '../programs/dispatch/test/support/parties.ts';
import { writeEntry, writeJob } from '../programs/dispatch/test/support/work.ts';
import { createClaimsStep } from '../programs/vendor/src/claims/claim-license-fees.ts';
import { noteLicenseHour } from '../programs/vendor/src/licenses/queries.ts';
import { registrationsStep } from '../programs/vendor/src/registrations/confirm-registration.ts';
import { createTerminal } from '../programs/vendor/test/fixture.ts';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

const month = { kind: 'per-license-month' } as const;
const registration = { kind: 'per-registration' } as const;

describe('terms by month', () => {
  let companies: TwoCompanies;
  let jobNumber: bigint;
  let claimFees: () => Promise<unknown>;
  before(async () => {
    companies = await startTwoCompanies();
    const { dispatch, contractorOperator, vendor } = companies;
    const { customerId } = await enrolCustomer(dispatch.url, contractorOperator);
    ({ jobNumber } = await writeJob(sql(), { customerId, fuel: 0n, state: 'running' }));
    claimFees = createClaimsStep(vendor.context);
  });
  after(() => companies?.[Symbol.asyncDispose]());

  const sql = () => companies.dispatch.server.context.sql;
  const thisMonth = () => companies.clock.now().toISOString().slice(0, 7);
  const nextMonth = () => {
    const now = companies.clock.now();
    const middle = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 10, 12);
    companies.clock.forward(middle - now.getTime());
  };
  const setFee = async (
    rule: { kind: 'per-registration' | 'per-license-month' },
    yen: number,
    from?: string,
  ) => {
    const params = { vendorId: companies.vendor.identity.vendorId as VendorId, product: 'editor' };
    const fee = { currency: 'JPY', amountMilli: `${yen}000` };
    const body = { licenseFee: { ...rule, fee }, ...(from === undefined ? {} : { from }) };
    return (await companies.contractorOperator.call(setLicenseFee, { params, body })).from;
  };
  const licensed = async () => {
    const { vendor, clock } = companies;
    const terminal = await createTerminal({ vendor, clock });
    const { registrationId } = await terminal.register('editor');
    await registrationsStep(vendor.context);
    const { licenseId = '' } = await terminal.register('editor', { registrationId });
    await terminal.acknowledge(registrationId);
    return { terminal, registrationId, licenseId };
  };
  /** The member's license was on for an hour, and the terminal computed. */
  const use = async ({ registrationId, licenseId }: Awaited<ReturnType<typeof licensed>>) => {
    const at = companies.clock.now();
    const [row] = await sql()<{ terminalId: string }[]>`
      select t.id as terminal_id
      from terminal t
      join registration r on r.terminal_number = t.number
      where r.id = ${registrationId}
    `;
    await writeEntry(sql(), { terminalId: row!.terminalId, jobNumber, fuel: 1_000n, at });
    await inTransaction(companies.vendor.context.sql, (tx) =>
      noteLicenseHour(tx, { licenseId, registrationId, at }),
    );
  };
  /** What was claimed since the last time, as `2026-11 300` or `registration 5000`, by member. */
  const told = new Set<string>();
  const claimed = async (members: Record<string, { readonly registrationId: string }>) => {
    // What the vendor knows of the contract is up to five minutes old.
    companies.clock.forward(6 * 60_000);
    await claimFees();
    await claimFees();
    const { items } = await companies.vendor.context.dispatch.call(listClaims, { query: { limit: '100' } });
    const news = items.filter(({ claimId }) => !told.has(claimId));
    for (const { claimId } of news) {
      told.add(claimId);
    }
    return news
      .map((claim) => {
        const [name] =
          Object.entries(members).find(([, { registrationId }]) => registrationId === claim.registrationId) ??
          [];
        const yen = Number(claim.amount.amountMilli) / 1000;
        return `${name}: ${claim.month ?? 'registration'} ${claim.state} ${yen}`;
      })
      .sort();
  };
  const claimAgain = (registrationId: string, ofMonth?: string) =>
    companies.vendor.context.dispatch.call(claimLicenseFee, {
      params: { claimId: newId<ClaimId>() },
      body: {
        registrationId: registrationId as RegistrationId,
        ...(ofMonth === undefined ? {} : { month: ofMonth }),
      },
    });
  const isBadRequest = (error: unknown) => error instanceof RemoteError && error.code === 'bad-request';

  test('a change of fee or kind counts from a month on; nothing is paid twice and no month is lost', async () => {
    const [first, second, third, fourth, fifth] = Array.from({ length: 5 }, (_, index) => {
      const now = companies.clock.now();
      return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + index)).toISOString().slice(0, 7);
    }) as [string, string, string, string, string];
    assert.equal(await setFee(month, 300), first, 'Nothing is registered yet, so they count at once.');
    const ada = await licensed();
    await use(ada);

    assert.equal(await setFee(month, 900), second);
    assert.equal(await setFee(month, 900), second, 'Said again, it changes nothing.');
    await assert.rejects(setFee(month, 900, first), new RegExp(`begun: ${second} or later`));
    nextMonth();
    assert.equal(thisMonth(), second);
    assert.deepEqual(await claimed({ ada }), [`ada: ${first} accrued 300`]);

    await use(ada);
    assert.equal(await setFee(registration, 5_000), third);
    const bob = await licensed();
    await use(bob);
    assert.deepEqual(await claimed({ ada, bob }), []);
    nextMonth();
    assert.deepEqual(await claimed({ ada, bob }), [
      `ada: ${second} accrued 900`,
      `bob: ${second} accrued 900`,
    ]);

    // By registration now: of those that begin now, not of those that were paid by the month.
    const eve = await licensed();
    await use(ada);
    await use(eve);
    assert.equal(await setFee(month, 700, fifth), fifth);
    assert.deepEqual(await claimed({ ada, bob, eve }), ['eve: registration accrued 5000']);
    await assert.rejects(claimAgain(ada.registrationId), isBadRequest);
    await assert.rejects(claimAgain(ada.registrationId, third), isBadRequest);
    nextMonth();
    const dan = await licensed();
    assert.deepEqual(await claimed({ ada, bob, eve, dan }), ['dan: registration accrued 5000']);

    nextMonth();
    assert.equal(thisMonth(), fifth);
    const may = await licensed();
    await use(eve);
    assert.deepEqual(await claimed({ ada, bob, eve, dan, may }), []);
    nextMonth();
    assert.deepEqual(await claimed({ ada, bob, eve, dan, may }), [`eve: ${fifth} accrued 700`]);
    assert.deepEqual(
      (await companies.vendor.context.dispatch.call(readVendor)).productTerms?.map(({ from, kind, fee }) => [
        from,
        kind,
        fee.amountMilli,
      ]),
      [
        [first, 'per-license-month', '300000'],
        [second, 'per-license-month', '900000'],
        [third, 'per-registration', '5000000'],
        [fifth, 'per-license-month', '700000'],
      ],
    );
    assert.equal(fourth < fifth, true);

    const [theirs, ours] = [
      await companies.contractorOperator.call(readBooks),
      await companies.vendorOperator.call(readVendorBooks),
    ];
    assert.deepEqual([theirs.defects, ours.defects], [[], []]);
    const balance = (accounts: typeof ours.accounts, name: RegExp) =>
      accounts
        .filter(({ account }) => name.test(account))
        .reduce((total, { debit, credit }) => total + BigInt(debit) - BigInt(credit), 0n);
    const total = 12_800_000n;
    assert.equal(balance(theirs.accounts, /^payable:vendor:/), -total);
    assert.equal(balance(ours.accounts, /^receivable:contractor$/), total);
  });
});
