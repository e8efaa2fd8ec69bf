import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, networkOf } from './network.ts';

test('addresses of one /24 or /48 are one network, others are others', () => {
  assert.equal(networkOf('203.0.113.7'), networkOf('203.0.113.250'));
  assert.equal(networkOf('::ffff:203.0.113.7'), networkOf('203.0.113.250'));
  assert.notEqual(networkOf('203.0.113.7'), networkOf('203.0.114.7'));
  assert.equal(networkOf('2001:db8:5::1'), networkOf('2001:0db8:0005:ffff::9'));
  assert.notEqual(networkOf('2001:db8:5::1'), networkOf('2001:db8:6::1'));
  assert.equal(networkOf('2001:db8::1'), networkOf('2001:db8:0:1::'));
});

test('nothing is known of addresses that many may seem to have', () => {
  for (const address of [
    '127.0.0.1',
    '::1',
    '::ffff:10.1.2.3',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.3.2',
    '169.254.1.1',
    'fe80::1',
    'fd12:3456::1',
    '',
    'unknown',
  ]) {
    assert.equal(networkOf(address), 0, address);
  }
});

test('only a proxy of the contractor’s own network says where a request comes from, and its own word is the last', () => {
  assert.equal(addressOf('10.0.0.2', '198.51.100.9, 203.0.113.7'), '203.0.113.7');
  assert.equal(addressOf('198.51.100.9', '203.0.113.7'), '198.51.100.9');
  assert.equal(addressOf('10.0.0.2', undefined), '10.0.0.2');
  assert.equal(addressOf(undefined, undefined), '');
});
