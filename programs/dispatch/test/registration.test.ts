import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { generateKeyPair } from '@taika/crypto/keys';
import { verifyToken } from '@taika/crypto/token';
import { type Caller, RemoteError } from '@taika/http/call';
import { listTerminals, revokeTerminal } from '@taika/protocol/dispatch/parties';
import {
  endRegistration,
  readContractorKey,
  readReceipt,
  readTerminal,
  recordConsent,
  registerMember,
  withdrawConsent,
} from '@taika/protocol/dispatch/registrations';
import type { ConsentId, Pseudonym, RegistrationId } from '@taika/protocol/schema';
import { tokenTypes } from '@taika/protocol/tokens';
import {
  bearer,
  callerWith,
  enrolVendor,
  giveConsent,
  newId,
  openSession,
  proveRegistration,
  registerTerminal,
  signConsent,
  type TestVendor,
} from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

describe('registration, consent and receipts', () => {
  let dispatch: TestDispatch;
  let operator: Caller;
  let vendor: TestVendor;
  before(async () => {
    dispatch = await startTestDispatch();
    operator = bearer(dispatch.url, dispatch.operatorKey);
    vendor = await enrolVendor(dispatch.url, operator);
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const standingOf = async (terminalId: string) => {
    const { sql, standing } = dispatch.server.context;
    const [row] = await sql<{ number: bigint }[]>`select number from terminal where id = ${terminalId}`;
    return standing.find(row!.number);
  };

  test('a repeated registration gets the first confirmation, also with a fresh proof', async () => {
    const keyPair = await generateKeyPair();
    const registrationId = newId<RegistrationId>();
    const pseudonym = newId<Pseudonym>();
    const { kty, crv, x } = keyPair.publicKey;
    const register = async (product = 'editor') =>
      vendor.caller.call(registerMember, {
        params: { registrationId },
        body: {
          pseudonym,
          product,
          kind: 'application',
          terminalName: 'Laptop',
          terminalKey: { kty, crv, x },
          proof: await proveRegistration(keyPair, { vendorId: vendor.vendorId, registrationId, product }),
        },
      });
    const answers = await Promise.all([register(), register(), register()]);
    assert.deepEqual(answers[1], answers[0]);
    assert.deepEqual(answers[2], answers[0]);
    assert.deepEqual(await register(), answers[0]);
    await assert.rejects(register('shop'), withCode('idempotency-conflict'));
  });

  test('a proof is worth nothing at another vendor, for another product or by another key', async () => {
    const keyPair = await generateKeyPair();
    const stranger = await generateKeyPair();
    const { kty, crv, x } = keyPair.publicKey;
    const registrationId = newId<RegistrationId>();
    const right = { vendorId: vendor.vendorId, registrationId, product: 'editor' };
    const proofs = {
      'another vendor': await proveRegistration(keyPair, { ...right, vendorId: newId() }),
      'another product': await proveRegistration(keyPair, { ...right, product: 'shop' }),
      'another registration': await proveRegistration(keyPair, { ...right, registrationId: newId() }),
      'another key': await proveRegistration(stranger, right),
    };
    for (const [what, proof] of Object.entries(proofs)) {
      await assert.rejects(
        vendor.caller.call(registerMember, {
          params: { registrationId },
          body: {
            pseudonym: newId<Pseudonym>(),
            product: 'editor',
            kind: 'application',
            terminalName: 'Laptop',
            terminalKey: { kty, crv, x },
            proof,
          },
        }),
        withCode('bad-signature'),
        what,
      );
    }
  });

  test('a terminal key is one member at every vendor, and a pseudonym joins no other key to it', async () => {
    const other = await enrolVendor(dispatch.url, operator);
    const first = await registerTerminal(vendor);
    const elsewhere = await registerTerminal(other, {
      keyPair: first.keyPair,
      product: 'shop',
      kind: 'service',
    });
    assert.equal(elsewhere.memberId, first.memberId);
    assert.equal(elsewhere.terminalId, first.terminalId);
    assert.notEqual(elsewhere.pseudonym, first.pseudonym);
    await assert.rejects(registerTerminal(vendor, { pseudonym: first.pseudonym }), withCode('conflict'));
    const stranger = await registerTerminal(vendor);
    assert.notEqual(stranger.memberId, first.memberId);
    await assert.rejects(
      registerTerminal(vendor, { keyPair: stranger.keyPair, pseudonym: first.pseudonym, product: 'shop' }),
      withCode('conflict'),
    );
  });

  test('a terminal may have work from its consent on, and no longer than its consent and registration', async () => {
    const terminal = await registerTerminal(vendor);
    const session = bearer(dispatch.url, await openSession(dispatch.url, terminal));
    assert.equal((await standingOf(terminal.terminalId))?.limits, undefined);
    const consentId = await giveConsent(session, terminal, vendor);
    assert.deepEqual((await standingOf(terminal.terminalId))?.limits, { cores: 2, memoryMiB: 512 });
    const view = await session.call(readTerminal);
    assert.equal(view.registrations.length, 1);
    assert.ok(view.registrations[0]?.consentAt);

    const first = await session.call(withdrawConsent, { params: { consentId } });
    assert.deepEqual(await session.call(withdrawConsent, { params: { consentId } }), first);
    assert.equal((await standingOf(terminal.terminalId))?.limits, undefined);

    await giveConsent(session, terminal, vendor);
    assert.ok((await standingOf(terminal.terminalId))?.limits);
    const params = { registrationId: terminal.registrationId };
    const ended = await vendor.caller.call(endRegistration, { params });
    assert.deepEqual(await vendor.caller.call(endRegistration, { params }), ended);
    assert.equal((await standingOf(terminal.terminalId))?.registrations, 0);
  });

  test('a withdrawn consent cannot be recorded again, and a consent must be the terminal’s own', async () => {
    const terminal = await registerTerminal(vendor);
    const other = await registerTerminal(vendor);
    const session = bearer(dispatch.url, await openSession(dispatch.url, terminal));
    const consentId = newId<ConsentId>();
    const record = async (consent: string, id = consentId) =>
      session.call(recordConsent, { params: { consentId: id }, body: { consent } });
    await assert.rejects(record(await signConsent(other, consentId, vendor)), withCode('bad-signature'));
    await assert.rejects(record(await signConsent(terminal, newId(), vendor)), withCode('bad-request'));
    await assert.rejects(
      record(await signConsent(terminal, consentId, { ...vendor, product: 'shop' })),
      withCode('wrong-state'),
    );
    const dayOld = Math.floor(Date.now() / 1000) - 25 * 3600;
    for (const change of [{ textVersion: '1999-01' }, { iat: dayOld }, { iat: dayOld + 50 * 3600 }]) {
      const wrong = await signConsent(terminal, consentId, vendor, change);
      await assert.rejects(record(wrong), withCode('bad-request'));
    }
    const consent = await signConsent(terminal, consentId, vendor);
    assert.deepEqual(await record(consent), await record(consent));
    await session.call(withdrawConsent, { params: { consentId } });
    await assert.rejects(record(consent), withCode('wrong-state'));
    await assert.rejects(record(consent, newId<ConsentId>()), withCode('bad-request'));
  });

  test('a receipt is signed by the contractor for this vendor and says how the terminal is', async () => {
    const { publicKey } = await callerWith(dispatch.url).call(readContractorKey);
    const terminal = await registerTerminal(vendor);
    const stateOf = async () => {
      const { receipt } = await vendor.caller.call(readReceipt, {
        params: { registrationId: terminal.registrationId },
      });
      const claims = await verifyToken(receipt, {
        type: tokenTypes.receipt,
        keys: publicKey,
        audience: vendor.vendorId,
        now: new Date(),
      });
      assert.equal(claims.sub, terminal.registrationId);
      return claims.state;
    };
    assert.equal(await stateOf(), 'not-computing');
    const session = bearer(dispatch.url, await openSession(dispatch.url, terminal));
    await giveConsent(session, terminal, vendor);
    assert.equal(await stateOf(), 'absent');
    await operator.call(revokeTerminal, {
      params: { terminalId: terminal.terminalId },
      body: { reason: 'A test.' },
    });
    await assert.rejects(stateOf(), withCode('terminal-revoked'));
  });

  test('a revoked terminal is refused at once here, and on another replica within five seconds', async () => {
    await using replica = await dispatch.startReplica(2);
    const terminal = await registerTerminal(vendor);
    const token = await openSession(dispatch.url, terminal);
    const here = bearer(dispatch.url, token);
    const there = bearer(replica.url, token);
    await here.call(readTerminal);
    await there.call(readTerminal);
    const { terminalId } = terminal;
    const revoked = await operator.call(revokeTerminal, {
      params: { terminalId },
      body: { reason: 'A test.' },
    });
    const revokedAtMs = performance.now();
    assert.equal(revoked.state, 'revoked');
    await assert.rejects(here.call(readTerminal), withCode('terminal-revoked'));
    for (;;) {
      const refusal = await there.call(readTerminal).then(
        () => undefined,
        (error: RemoteError) => error.code,
      );
      if (refusal === 'terminal-revoked') {
        break;
      }
      assert.equal(refusal, undefined);
      assert.ok(performance.now() - revokedAtMs < 5_000, 'Another replica still serves a revoked terminal.');
    }
    await assert.rejects(openSession(dispatch.url, terminal), withCode('terminal-revoked'));
    const listed = await operator.call(listTerminals, { query: { limit: '999' } });
    assert.equal(listed.items.find((row) => row.terminalId === terminalId)?.state, 'revoked');
  });
});

function withCode(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof RemoteError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}
