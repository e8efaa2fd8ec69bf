/** Fees by the license-month: the contract's minimum, and evidence that two real companies keep and compare by its hash. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { signToken } from '@taika/crypto/token';
import { type Caller, createCaller } from '@taika/http/call';
import { reconcileNow } from '@taika/protocol/books';
import { listClaimDocuments } from '@taika/protocol/dispatch/claim-documents';
import { cycle } from '@taika/protocol/dispatch/cycle';
import { claimLicenseFee, listClaims, readBooks } from '@taika/protocol/dispatch/money';
import { readVendor, setLicenseFee } from '@taika/protocol/dispatch/parties';
import { openTerminalSession, recordConsent, requestChallenge } from '@taika/protocol/dispatch/registrations';
import { countHours } from '@taika/protocol/license-evidence';
import type { ClaimId, ConsentId, LicenseId, RegistrationId, VendorId } from '@taika/protocol/schema';
import { tokenTypes } from '@taika/protocol/tokens';
import { forgetMember, requestGrant } from '@taika/protocol/vendor/licenses';
import { listVendorClaims, readVendorBooks } from '@taika/protocol/vendor/services';
import { systemRandom } from '@taika/runtime/random';
import { waitFor } from '@taika/testing/wait-for';
import { prepareDueClaimDocumentsStep } from '../programs/dispatch/src/claim-documents/prepare-claim-document.ts';
import { bearer, enrolCustomer, newId } from '../programs/dispatch/test/support/parties.ts';
import { writeEntry, writeJob } from '../programs/dispatch/test/support/work.ts';
import { answerClaimsStep } from '../programs/vendor/src/claim-documents/answer-claims.ts';
import { createClaimsStep } from '../programs/vendor/src/claims/claim-license-fees.ts';
import { registrationsStep } from '../programs/vendor/src/registrations/confirm-registration.ts';
import { createTerminal, type TestTerminal } from '../programs/vendor/test/fixture.ts';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const fuelOfPoint = 2_000_000_000n;

interface Licensed {
  readonly terminal: TestTerminal;
  readonly registrationId: string;
  readonly licenseId: LicenseId;
}

describe('license-months', () => {
  let companies: TwoCompanies;
  let jobNumber: bigint;
  before(async () => {
    companies = await startTwoCompanies();
    const { dispatch, contractorOperator, vendor } = companies;
    const { customerId } = await enrolCustomer(dispatch.url, contractorOperator);
    ({ jobNumber } = await writeJob(sql(), { customerId, fuel: 0n, state: 'running' }));
    await contractorOperator.call(setLicenseFee, {
      params: { vendorId: vendor.identity.vendorId as VendorId, product: 'editor' },
      body: {
        licenseFee: {
          kind: 'per-license-month',
          fee: { currency: 'JPY', amountMilli: '300000' },
          minimum: { pointsMilli: '20000', leaseHours: 3 },
        },
      },
    });
  });
  after(() => companies?.[Symbol.asyncDispose]());

  const sql = () => companies.dispatch.server.context.sql;
  const vendorSql = () => companies.vendor.context.sql;
  const licensed = async (known?: TestTerminal): Promise<Licensed> => {
    const { vendor, clock } = companies;
    const terminal = known ?? (await createTerminal({ vendor, clock }));
    const { registrationId } = await terminal.register('editor');
    await registrationsStep(vendor.context);
    const { licenseId } = await terminal.register('editor', { registrationId });
    await terminal.acknowledge(registrationId);
    return { terminal, registrationId, licenseId: licenseId as LicenseId };
  };
  /** The agent's part at the dispatch server, at one instant: consent, and a call that says that it computes. */
  const present = async ({ terminal }: Licensed) => {
    const { dispatch, vendor, clock } = companies;
    const seconds = Math.floor(clock.now().getTime() / 1000);
    const sub = terminal.thumbprint;
    const sign = (claims: object, type: string) => signToken(claims, { type, key: terminal.key.privateKey });
    const anybody = createCaller({ baseUrl: dispatch.url, clock, random: systemRandom });
    const { challenge } = await anybody.call(requestChallenge, { body: { terminalKeyThumbprint: sub } });
    const answer = await sign({ sub, challenge, iat: seconds }, tokenTypes.challengeAnswer);
    const { session } = await anybody.call(openTerminalSession, { body: { answer } });
    const caller: Caller = bearer(dispatch.url, session);
    const consentId = newId<ConsentId>();
    const limits = { cores: 1, memoryMiB: 512 };
    const text = { textVersion: '2026-11', textSha256: 'a'.repeat(64), locale: 'en' };
    const consent = await sign(
      {
        sub,
        jti: consentId,
        product: 'editor',
        vendor: vendor.identity.vendorId,
        ...text,
        limits,
        iat: seconds,
      },
      tokenTypes.consent,
    );
    await caller.call(recordConsent, { params: { consentId }, body: { consent } });
    const want = { unitsMax: 1, parallel: 1, memoryMiB: 512 };
    await caller.call(cycle, {
      body: { cycleId: newId(), reports: [], want, knownJobs: [], state: 'computing' },
    });
  };
  const work = async ({ terminal }: Licensed, points: bigint) => {
    const [row] = await sql()<{ terminalId: string }[]>`
      select t.id as terminal_id
      from terminal t
      join terminal_key k on k.terminal_number = t.number
      where k.thumbprint = ${terminal.thumbprint}
    `;
    const { terminalId } = row!;
    await writeEntry(sql(), { terminalId, jobNumber, fuel: points * fuelOfPoint, at: companies.clock.now() });
  };
  const serve = async (member: Licensed) => {
    await present(member);
    // The dispatch server writes down whom it has heard from a moment later.
    await waitFor('the grant', () =>
      member.terminal.caller.call(requestGrant, { params: { licenseId: member.licenseId } }).then(
        () => true,
        (error: { code: string }) => {
          assert.equal(error.code, 'license-refused');
          return false;
        },
      ),
    );
  };
  const claimOf = async (registrationId: string) => {
    const { items } = await companies.vendor.context.dispatch.call(listClaims, { query: {} });
    return items.find((claim) => claim.registrationId === registrationId);
  };

  test('a fee is due from the contract’s points and hours on, and says what it rests on', async () => {
    const { clock, vendor } = companies;
    const enough = await licensed();
    const lazy = await licensed();
    const brief = await licensed();
    await work(enough, 25n);
    await work(lazy, 5n);
    await work(brief, 50n);
    for (let hour = 0; hour < 4; hour++) {
      await Promise.all((hour < 2 ? [enough, lazy, brief] : [enough, lazy]).map(serve));
      clock.forward(hourMs);
    }
    const step = createClaimsStep(vendor.context);
    await step();
    assert.equal(await claimOf(enough.registrationId), undefined, 'The month is not over.');
    clock.forward(31 * dayMs);
    await step();
    const claim = await claimOf(enough.registrationId);
    assert.deepEqual([claim?.state, claim?.amount.amountMilli], ['accrued', '300000']);
    assert.deepEqual(
      [claim?.evidence?.product, claim?.evidence?.pointsMilli, countHours(claim?.evidence?.hours ?? '')],
      ['editor', '25000', 4],
    );
    for (const below of [lazy, brief]) {
      const refused = await claimOf(below.registrationId);
      assert.deepEqual([refused?.state, refused?.reason?.code], ['refused', 'fee-below-minimum']);
    }
    // Both keep the same evidence, under the same hash.
    const kept = (database: ReturnType<typeof sql>) =>
      database`
        select evidence, evidence_sha256
        from claim
        where registration_id = ${enough.registrationId}
          and kind = 'license-fee'
      `;
    assert.deepEqual([...(await kept(sql()))], [...(await kept(vendorSql()))]);
    assert.ok(claim?.evidenceSha256);
  });

  test('hours that no receipt was given for are not counted, and the vendor disputes what it has otherwise', async () => {
    const { clock, vendor, dispatch, contractorOperator } = companies;
    const member = await licensed();
    await work(member, 40n);
    for (let hour = 0; hour < 3; hour++) {
      await serve(member);
      clock.forward(hourMs);
    }
    await vendorSql()`
      update license_month m
      set hours = set_bit(m.hours, 743, 1)
      from license l
      where l.id = m.license_id
        and l.registration_id = ${member.registrationId}
    `;
    clock.forward(31 * dayMs);
    await createClaimsStep(vendor.context)();
    const claim = await claimOf(member.registrationId);
    assert.equal(claim?.state, 'accrued');
    assert.equal(countHours(claim?.evidence?.hours ?? ''), 3);
    const ours = (await companies.vendorOperator.call(listVendorClaims)).items.find(({ subject }) =>
      subject.includes(member.registrationId),
    );
    assert.notEqual(ours?.evidenceSha256, claim?.evidenceSha256);

    clock.forward(dayMs);
    await companies.vendorOperator.call(reconcileNow);
    clock.forward(31 * dayMs);
    await prepareDueClaimDocumentsStep(dispatch.server.context);
    clock.forward(2 * dayMs);
    await answerClaimsStep(vendor.context);
    const [document] = (await contractorOperator.call(listClaimDocuments, { query: {} })).items;
    const disputed = document?.lines.filter(({ state }) => state === 'disputed') ?? [];
    assert.deepEqual(
      disputed.map(({ event }) => event.includes(member.registrationId)),
      [true],
    );
    assert.match(disputed[0]?.reason ?? '', /^Our evidence is another \([0-9a-f]{16}\): 4 hours\.$/);
    assert.ok(
      document?.lines.some(({ state }) => state === 'confirmed'),
      'The other month is not disputed.',
    );
    const [theirs, own] = [
      await contractorOperator.call(readBooks),
      await companies.vendorOperator.call(readVendorBooks),
    ];
    assert.deepEqual([theirs.defects, own.defects], [[], []]);
  });

  test('a terminal that is registered anew is claimed and paid once for its month', async () => {
    const { clock, vendor, contractorOperator } = companies;
    const serveHours = async (member: Licensed, hours: number) => {
      for (let hour = 0; hour < hours; hour++) {
        await serve(member);
        clock.forward(hourMs);
      }
    };
    const again = async ({ terminal, registrationId }: Licensed) => {
      const params = { registrationId: registrationId as RegistrationId };
      await terminal.caller.call(forgetMember, { params });
      await registrationsStep(vendor.context);
      return licensed(terminal);
    };
    // The first of one terminal reaches the minimum, the second one rests on nothing; with the other terminal it is the second's turn.
    const paid = await licensed();
    await work(paid, 25n);
    await serveHours(paid, 3);
    const unpaid = await again(paid);
    await serveHours(unpaid, 3);
    const below = await licensed();
    await work(below, 15n);
    await serveHours(below, 3);
    const above = await again(below);
    await work(above, 20n);
    await serveHours(above, 3);
    clock.forward(31 * dayMs);
    const step = createClaimsStep(vendor.context);
    await step();
    await step();
    await step();
    const told = await Promise.all(
      [paid, unpaid, below, above].map(async ({ registrationId }) => {
        const claim = await claimOf(registrationId);
        return [claim?.state, claim?.reason?.code, claim?.evidence?.pointsMilli];
      }),
    );
    assert.deepEqual(told, [
      ['accrued', undefined, '25000'],
      [undefined, undefined, undefined],
      ['refused', 'fee-below-minimum', '15000'],
      ['accrued', undefined, '20000'],
    ]);
    const own = (await companies.vendorOperator.call(listVendorClaims)).items;
    assert.deepEqual(
      [unpaid, above].map(
        ({ registrationId }) => own.find(({ subject }) => subject.includes(registrationId))?.state,
      ),
      [undefined, 'accrued'],
    );
    // Where its claim is asked for all the same, the contractor's no is settled: nobody owes, and nothing is to be matched.
    const params = { claimId: newId<ClaimId>() };
    const month = (await claimOf(paid.registrationId))?.month;
    const refused = await vendor.context.dispatch.call(claimLicenseFee, {
      params,
      body: {
        registrationId: unpaid.registrationId as RegistrationId,
        ...(month === undefined ? {} : { month }),
      },
    });
    assert.deepEqual([refused.state, refused.reason?.code], ['refused', 'fee-claimed-before']);
    assert.equal((await contractorOperator.call(readBooks)).defects.length, 0);
    const owed = await Promise.all([ownEvents(sql()), ownEvents(vendorSql())]);
    assert.deepEqual(owed[0], owed[1]);
    assert.ok(!owed[0].some((event) => event.includes(unpaid.registrationId)));
  });

  const ownEvents = async (database: ReturnType<typeof sql>) => {
    const rows = await database<{ event: string; amount: bigint }[]>`
      select event, amount
      from own_event
      where event like 'license-month:%'
      order by event
    `;
    return rows.map(({ event, amount }) => `${event} ${amount}`);
  };

  test('the contract is read by both, and a minimum is for months only', async () => {
    const { vendor, contractorOperator } = companies;
    const { productFees } = await vendor.context.dispatch.call(readVendor);
    assert.deepEqual(
      productFees?.map(({ product, kind, minimum }) => [product, kind, minimum]),
      [['editor', 'per-license-month', { pointsMilli: '20000', leaseHours: 3 }]],
    );
    const vendorId = vendor.identity.vendorId as VendorId;
    const body = {
      licenseFee: {
        kind: 'per-registration' as const,
        fee: { currency: 'JPY', amountMilli: '1000' },
        minimum: { pointsMilli: '1', leaseHours: 0 },
      },
    };
    await assert.rejects(
      contractorOperator.call(setLicenseFee, { params: { vendorId, product: 'editor' }, body }),
      /Only a fee by the month has a minimum/,
    );
  });
});
