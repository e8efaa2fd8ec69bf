import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RemoteError } from '@taika/http/call';
import { reconcileNow } from '@taika/protocol/books';
import { answerClaimsStep } from '../src/claim-documents/answer-claims.ts';
import type { VendorContext } from '../src/context.ts';
import { exchangeStatementsStep } from '../src/statements/exchange.ts';
import { startFixture } from './fixture.ts';

test('a contractor that takes no statements and no answers yet is said once, asked again, and no error', async () => {
  // The stand-in has neither route, as a contractor's server of an earlier release.
  await using fixture = await startFixture();
  const said: string[] = [];
  const note = (_fields: unknown, sentence?: string) => {
    said.push(sentence ?? '');
  };
  const log = { ...fixture.vendor.context.log, warn: note, error: note } as VendorContext['log'];
  const context = { ...fixture.vendor.context, log };
  for (let round = 0; round < 3; round++) {
    assert.equal(await exchangeStatementsStep(context), 'idle');
    assert.equal(await answerClaimsStep(context), 'idle');
  }
  assert.deepEqual(said, [
    'The contractor’s server is older than this one and takes no statements yet. It is asked again by itself.',
    'The contractor’s server is older than this one and takes no answers to claims yet. It is asked again by itself.',
  ]);
  await assert.rejects(fixture.operator.call(reconcileNow), (error: RemoteError) => {
    assert.equal(error.code, 'upstream-unreachable');
    assert.match(error.message, /older than this one: .*Ask the contractor to update it\./);
    return true;
  });
});
