/** What LEASE.md says must be refused on the machine itself, each against the real link. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { toBase64url } from '@taika/crypto/digest';
import { generateKeyPair, type KeyPair, thumbprint } from '@taika/crypto/keys';
import { signToken } from '@taika/crypto/token';
import { encodeFrame, FrameReader } from '@taika/license/frames';
import { tokenTypes } from '@taika/protocol/tokens';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import { waitFor } from '@taika/testing/wait-for';
import { createLinkStand, type LinkStand } from './link-stand.ts';

const day = 24 * 3600;

test('a copied grant is refused: the agent must prove the key that the grant names', async () => {
  await using stand = await createLinkStand();
  const jkt = await thumbprint((await generateKeyPair()).publicKey);
  await assertRefused(stand, await stand.grant({ cnf: { jkt } }), 'untrusted_agent');
});

test('a forged grant is refused: signed by nobody whom the application knows', async () => {
  await using stand = await createLinkStand();
  await assertRefused(stand, await stand.grant({}, await generateKeyPair()), 'bad_grant');
});

test('a grant whose content was changed is refused', async () => {
  await using stand = await createLinkStand();
  const [header, payload, signature] = (await stand.grant({ apps: ['other'] })).split('.');
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, apps: ['editor'] })).toString('base64url');
  await assertRefused(stand, `${header}.${changed}.${signature}`, 'bad_grant');
});

test('an expired grant is refused, and so is one that says for ever', async () => {
  await using stand = await createLinkStand();
  const iat = Math.floor(Date.now() / 1000) - 30 * day;
  await assertRefused(
    stand,
    await stand.grant({ iat, exp: iat + 3600, offlineUntil: iat + 8 * 3600 }),
    'grant_expired',
  );
  await assertRefused(
    stand,
    await stand.grant({ iat, exp: iat + 3600, offlineUntil: iat + 1000 * day }),
    'grant_expired',
  );
});

test('a foreign grant is refused: a token of another type by the same vendor', async () => {
  await using stand = await createLinkStand();
  const payload = JSON.parse(Buffer.from((await stand.grant()).split('.')[1] ?? '', 'base64url').toString());
  const receipt = await signToken(payload, { type: tokenTypes.receipt, key: stand.vendor.privateKey });
  await assertRefused(stand, receipt, 'bad_grant');
});

test('a grant for another application is refused', async () => {
  await using stand = await createLinkStand();
  await assertRefused(stand, await stand.grant({ apps: ['painter'] }), 'app_not_granted');
});

test('a grant with alg none, or with an HMAC under the public key, is refused', async () => {
  await using stand = await createLinkStand();
  const payload = (await stand.grant()).split('.')[1] ?? '';
  const header = (alg: string) =>
    Buffer.from(JSON.stringify({ alg, typ: tokenTypes.grant })).toString('base64url');
  await assertRefused(stand, `${header('none')}.${payload}.AA`, 'bad_grant');
  const signed = `${header('HS256')}.${payload}`;
  const secret = Buffer.from(stand.vendor.publicKey.x, 'base64url');
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  const mac = Buffer.from(await crypto.subtle.sign('HMAC', key, Buffer.from(signed))).toString('base64url');
  await assertRefused(stand, `${signed}.${mac}`, 'bad_grant');
});

test('a clock thirty days back does not bring last month’s grant back', async () => {
  await using stand = await createLinkStand();
  const iat = Math.floor(Date.now() / 1000) - 30 * day;
  const old = await stand.grant({ iat, exp: iat + 3600, offlineUntil: iat + 8 * 3600 });
  const back = { ...systemClock, now: () => new Date(Date.now() - 30 * day * 1000) };
  const seen = { read: () => new Date(), write: () => {} };
  await assertRefused(stand, old, 'grant_expired', { clock: back, seen });
});

test('a clock thirty days back costs an honest member nothing', async () => {
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  await stand.serve();
  const clock = { ...systemClock, now: () => new Date(Date.now() - 30 * day * 1000) };
  const license = stand.open({ clock, seen: { read: () => new Date(), write: () => {} } });
  await license.requireActive();
  assert.equal(license.state, 'active');
});

test('a fake agent with the grant but not the key is refused', async () => {
  await using stand = await createLinkStand();
  const thief = await generateKeyPair();
  const grant = await stand.grant();
  await using _fake = await fakeAgent(stand, async (hello, send) => {
    send(await welcome({ hello, grant, shown: stand.terminal, signer: thief }));
  });
  const license = stand.open();
  await waitFor('it is found out', () => license.status.code === 'untrusted_agent');
});

test('a recorded welcome is refused: it proves another nonce', async () => {
  await using stand = await createLinkStand();
  const recorded = { type: 'hello', app: 'editor', epk: nonce(), nonce: nonce() };
  const answer = await welcome({
    hello: recorded,
    grant: await stand.grant(),
    shown: stand.terminal,
    signer: stand.terminal,
  });
  await using _fake = await fakeAgent(stand, async (_hello, send) => send(answer));
  const license = stand.open();
  await waitFor('it is found out', () => license.status.code === 'untrusted_agent');
});

test('a replayed lease is refused: it answers another request', async () => {
  await using stand = await createLinkStand();
  const grant = await stand.grant();
  const leases: object[] = [];
  await using _fake = await fakeAgent(stand, async (message, send) => {
    if (message.type === 'hello') {
      send(await welcome({ hello: message, grant, shown: stand.terminal, signer: stand.terminal }));
    } else if (message.type === 'acquire') {
      const claims = {
        app: 'editor',
        appKey: 'another',
        nonce: nonce(),
        seq: message.seq,
        state: 'active',
        validForMs: 90_000,
        renewAfterMs: 30_000,
      };
      const lease = await signToken(claims, { type: tokenTypes.lease, key: stand.terminal.privateKey });
      leases.push(claims);
      send({ type: 'lease', seq: message.seq, lease });
    }
  });
  const license = stand.open();
  await waitFor('it is found out', () => leases.length > 0 && license.status.code === 'untrusted_agent');
});

test('an agent that promises an hour is believed for ninety seconds', async () => {
  await using stand = await createLinkStand();
  const grant = await stand.grant();
  let key = '';
  await using _fake = await fakeAgent(stand, async (message, send) => {
    if (message.type === 'hello') {
      key = await thumbprint({ kty: 'OKP', crv: 'Ed25519', x: String(message.epk) });
      send(await welcome({ hello: message, grant, shown: stand.terminal, signer: stand.terminal }));
    } else if (message.type === 'acquire') {
      const claims = {
        app: 'editor',
        appKey: key,
        nonce: message.nonce,
        seq: message.seq,
        state: 'active',
        validForMs: 3600_000,
        renewAfterMs: 3600_000,
      };
      send({
        type: 'lease',
        seq: message.seq,
        lease: await signToken(claims, { type: tokenTypes.lease, key: stand.terminal.privateKey }),
      });
    }
  });
  let offsetMs = 0;
  const clock = {
    ...systemClock,
    monotonicMs: () => performance.now() + offsetMs,
    now: () => new Date(Date.now() + offsetMs),
  };
  const license = stand.open({ clock });
  await license.requireActive();
  offsetMs = 90_001;
  assert.equal(license.state, 'grace');
  offsetMs = 90_001 + 5 * 60_000;
  assert.equal(license.state, 'restricted');
});

test('a replayed hello is refused by the agent', async () => {
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  await stand.serve();
  const hello = {
    type: 'hello',
    v: 1,
    app: 'editor',
    build: '1',
    epk: (await generateKeyPair()).publicKey.x,
    nonce: nonce(),
  };
  const said: unknown[] = [];
  for (let attempt = 0; attempt < 2; attempt++) {
    const talk = await talkTo(stand);
    talk.send(hello);
    const { type, reason } = await talk.next();
    said.push(reason ?? type);
    talk.close();
  }
  assert.deepEqual(said, ['welcome', 'bad_proof']);
});

test('an acquire must be signed by the key of the hello, and a number is good once', async () => {
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  await stand.serve();
  const [app, thief] = [await generateKeyPair(), await generateKeyPair()];
  const talk = await talkTo(stand);
  talk.send({ type: 'hello', v: 1, app: 'editor', build: '1', epk: app.publicKey.x, nonce: nonce() });
  const { nonce: agentNonce } = await talk.next();
  const acquire = async (seq: number, by: KeyPair) => {
    const claims = { seq, nonce: nonce(), agentNonce };
    talk.send({
      type: 'acquire',
      ...claims,
      proof: await signToken(claims, { type: tokenTypes.acquire, key: by.privateKey }),
    });
    const { type, reason } = await talk.next();
    return reason ?? type;
  };
  assert.equal(await acquire(5, app), 'lease');
  assert.equal(await acquire(5, app), 'stale_seq');
  assert.equal(await acquire(9, app), 'lease');
  assert.equal(await acquire(7, app), 'stale_seq');
  assert.equal(await acquire(10, app), 'lease');
  assert.equal(await acquire(11, thief), 'bad_proof');
  talk.close();
});

test('the agent writes nothing before a valid hello, and no frame brings it down', async () => {
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  await stand.serve();
  const frame = (text: string | Uint8Array) => {
    const body = Buffer.from(text as string);
    const header = Buffer.alloc(4);
    header.writeUInt32LE(body.length);
    return Buffer.concat([header, body]);
  };
  const oversized = Buffer.alloc(4);
  oversized.writeUInt32LE(64 * 1024 + 1);
  const bad: [string, Buffer][] = [
    ['truncated', frame('{"type":"release"}').subarray(0, 9)],
    ['oversized', oversized],
    ['empty', Buffer.alloc(4)],
    ['bad UTF-8', frame(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))],
    ['duplicate keys', frame('{"type":"hello","type":"release"}')],
    ['not JSON', frame('hello')],
    ['an unknown type', frame('{"type":"exec"}')],
    [
      'a hello with a short key',
      frame('{"type":"hello","v":1,"app":"editor","build":"1","epk":"AA","nonce":"AA"}'),
    ],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ];
  for (const [name, bytes] of bad) {
    const answer = await raw(stand.path, bytes);
    assert.equal(answer.length, 0, name);
  }
  await stand.open().requireActive();
});

test('an acquire before the hello gets no answer', async () => {
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  await stand.serve();
  const acquire = encodeFrame({ type: 'acquire', seq: 1, nonce: nonce(), proof: 'a.b.c' });
  assert.equal((await raw(stand.path, Buffer.from(acquire))).length, 0);
});

test('a second agent on one path is refused, a socket that a dead one left is replaced', async () => {
  await using stand = await createLinkStand();
  const first = await stand.serve();
  await assert.rejects(stand.serve(), { name: 'SocketTakenError' });
  await first[Symbol.asyncDispose]();
  mkdirSync(dirname(stand.path), { recursive: true });
  await stand.serve();
});

test('a socket in a directory that others may write to is refused, by agent and application', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'taika-open-'));
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  await stand.serve();
  chmodSync(dirname(stand.path), 0o777);
  const license = stand.open();
  await waitFor('it is found out', () => license.status.code === 'foreign_socket');
  rmSync(directory, { recursive: true });
});

test('an agent that was killed in use leaves the lease to its end, then five minutes of grace, then nothing', async () => {
  await using stand = await createLinkStand();
  const grant = await stand.grant();
  let key = '';
  const fake = await fakeAgent(stand, async (message, send) => {
    if (message.type === 'hello') {
      key = await thumbprint({ kty: 'OKP', crv: 'Ed25519', x: String(message.epk) });
      send(await welcome({ hello: message, grant, shown: stand.terminal, signer: stand.terminal }));
    } else if (message.type === 'acquire') {
      const claims = {
        app: 'editor',
        appKey: key,
        nonce: message.nonce,
        seq: message.seq,
        state: 'active',
        validForMs: 90_000,
        renewAfterMs: 30_000,
      };
      send({
        type: 'lease',
        seq: message.seq,
        lease: await signToken(claims, { type: tokenTypes.lease, key: stand.terminal.privateKey }),
      });
    }
  });
  let offsetMs = 0;
  const clock = {
    ...systemClock,
    monotonicMs: () => performance.now() + offsetMs,
    now: () => new Date(Date.now() + offsetMs),
  };
  const license = stand.open({ clock });
  await license.requireActive();
  await fake[Symbol.asyncDispose]();
  offsetMs = 85_000;
  assert.equal(license.state, 'active');
  offsetMs = 95_000;
  assert.equal(license.status.code, 'agent_lost');
  await license.requireActive();
  offsetMs = 95_000 + 5 * 60_000;
  assert.equal(license.state, 'restricted');
});

async function assertRefused(stand: LinkStand, grant: string, code: string, options = {}): Promise<void> {
  stand.answer = stand.granted(grant);
  await using _server = await stand.serve();
  await using license = stand.open(options);
  await waitFor(`the grant is refused as ${code}`, () => license.status.code === code, { timeoutMs: 3000 });
  assert.equal(license.state, 'restricted');
}

function nonce(): string {
  return toBase64url(systemRandom.bytes(32));
}

type Message = Record<string, unknown>;

async function welcome(given: {
  hello: Message;
  grant: string;
  shown: KeyPair;
  signer: KeyPair;
}): Promise<Message> {
  const agentNonce = nonce();
  const claims = { appNonce: given.hello.nonce, agentNonce, epk: given.hello.epk, app: given.hello.app };
  const proof = await signToken(claims, { type: tokenTypes.linkProof, key: given.signer.privateKey });
  const { grant, shown } = given;
  return {
    type: 'welcome',
    v: 1,
    agentVersion: 'fake',
    terminalKey: shown.publicKey.x,
    grant,
    nonce: agentNonce,
    proof,
  };
}

async function fakeAgent(
  stand: LinkStand,
  answer: (message: Message, send: (message: object) => void) => Promise<void>,
): Promise<AsyncDisposable> {
  mkdirSync(dirname(stand.path), { recursive: true, mode: 0o700 });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const frames = new FrameReader();
    socket.on('data', async (chunk) => {
      for (const message of frames.push(chunk as Buffer)) {
        await answer(message, (reply) => socket.write(encodeFrame(reply)));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(stand.path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function talkTo(stand: LinkStand) {
  const socket = connect(stand.path);
  const frames = new FrameReader();
  const queue: Message[] = [];
  socket.on('data', (chunk) => queue.push(...frames.push(chunk as Buffer)));
  return {
    send: (message: object) => socket.write(encodeFrame(message)),
    next: () => waitFor('an answer', () => queue.shift()),
    close: () => socket.destroy(),
  };
}

function raw(path: string, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.end(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk as Buffer));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}
