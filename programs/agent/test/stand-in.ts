import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, type KeyPair, type PublicJwk, thumbprint } from '@taika/crypto/keys';
import { signToken, verifyToken } from '@taika/crypto/token';
import type { CycleReplyText, CycleRequestText, JobBriefText } from '@taika/protocol/dispatch/cycle';
import { type ErrorCode, errors } from '@taika/protocol/errors';
import { licenseReason } from '@taika/protocol/license-reasons';
import { tokenTypes } from '@taika/protocol/tokens';

/** One process that plays vendor and contractor over real HTTP, and can be told to misbehave. */
export interface StandIn extends AsyncDisposable {
  readonly url: string;
  readonly vendor: KeyPair;
  readonly consents: Map<string, { readonly withdrawn: boolean }>;
  readonly registrations: Map<string, { state: string; jkt: string }>;
  readonly requests: CycleRequestText[];
  readonly verdicts: string[];
  /** Text of each accepted output, by unit. */
  readonly results: Map<number, string>;
  readonly failures: object[];
  readonly behave: Behaviour;
  setJob(job: StandInJob): void;
  /** From the next call on the job is over, as after its customer's cancel. */
  endJob(): void;
  /** A terminal of the contractor's own: no registration, no consent. */
  enrol(key: PublicJwk): Promise<void>;
  readonly confirmed: string[];
  /** What each request for a grant was answered, and when. */
  readonly grantAnswers: { readonly answer: 'given' | 'unseen' | 'refused'; readonly atMs: number }[];
}

export interface Behaviour {
  /** How many registrations are answered "not confirmed yet" first. */
  confirmLater: number;
  /** Replies of the cycle that are processed and then lost. */
  loseReplies: number;
  grants: 'given' | 'not-computing' | 'down';
  /** The contractor has revoked the terminal, and so the vendor the license. */
  isRevoked: boolean;
  /** The contractor computes the terminal's results again, and its license rests. */
  isSuspended: boolean;
  /** The vendor has ended the registrations that it had. */
  hasForgotten: boolean;
  /** So many requests for a grant are refused as if the dispatch server had not seen the terminal. */
  missTerminal: number;
  /** Sends other bytes than promised for ranges and blobs. */
  damage: boolean;
  /** Ranges come in full length with one bit flipped on the way. */
  flip: boolean;
  /** Sends too little of ranges that begin with this byte. */
  shortFrom?: number;
  forgeArtefact: boolean;
  /** What a key that was enrolled is said to be for. */
  ownRole: 'member' | 'reference' | 'decoy';
}

export interface StandInJob {
  readonly artefact: Uint8Array;
  readonly inputs: readonly string[];
  readonly runSize: number;
  readonly isRanged?: boolean;
  readonly header?: string;
  readonly outputBytesMax?: number;
  readonly durationMsMax?: number;
  /** Every second run is asked for as `positive`, as of a reference executor: the second of these forms. */
  readonly judgingForms?: readonly [strict: Uint8Array, positive: Uint8Array];
}

const jobId = '01980000-0000-7000-8000-000000000001';
const licenseId = '01980000-0000-7000-8000-000000000002';
const vendorId = '01980000-0000-7000-8000-000000000003';
const programHash = 'ab'.repeat(32);
export const orderId = '01980000-0000-7000-8000-0000000000aa';

export async function startStandIn(): Promise<StandIn> {
  const [vendor, contractor] = [await generateKeyPair(), await generateKeyPair()];
  const blobs = new Map<string, Uint8Array>();
  const replies = new Map<string, CycleReplyText>();
  const issued = new Map<string, { first: number; count: number }>();
  const terminals = new Map<string, PublicJwk>();
  let hasOwnTerminals = false;
  let ready: number[] = [];
  let job: StandInJob | undefined;
  let nextAssignment = 1;
  let isOver = false;
  const stand = {
    url: '',
    vendor,
    consents: new Map(),
    registrations: new Map(),
    requests: [],
    verdicts: [],
    results: new Map(),
    failures: [],
    confirmed: [],
    grantAnswers: [],
    behave: {
      confirmLater: 0,
      loseReplies: 0,
      grants: 'given',
      isRevoked: false,
      isSuspended: false,
      hasForgotten: false,
      missTerminal: 0,
      damage: false,
      flip: false,
      forgeArtefact: false,
      ownRole: 'reference',
    },
    setJob(next: StandInJob) {
      job = next;
      store(next.artefact);
      store(Buffer.from(next.inputs.join('')));
      ready = next.inputs.map((_input, index) => index);
    },
    endJob() {
      isOver = true;
      ready = [];
    },
    async enrol(key: PublicJwk) {
      terminals.set(await thumbprint(key), key);
      hasOwnTerminals = true;
    },
  } as unknown as { -readonly [K in keyof StandIn]: StandIn[K] };

  function store(bytes: Uint8Array): string {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    blobs.set(sha256, bytes);
    return sha256;
  }

  async function artefact(bytes: Uint8Array, kind: JobBriefText['artefact']['kind']) {
    const sha256 = store(bytes);
    const claims = { programHash, sha256, kind, costTable: 1, iat: 0 };
    const key = stand.behave.forgeArtefact ? vendor : contractor;
    const signature = await signToken(claims, { type: tokenTypes.artefact, key: key.privateKey });
    return {
      url: `${stand.url}/v1/signed-blobs/${sha256}`,
      sha256,
      bytes: bytes.length,
      kind,
      signature,
    };
  }

  async function brief(wanted: StandInJob): Promise<JobBriefText> {
    const { judgingForms: forms } = wanted;
    return {
      jobId: jobId as JobBriefText['jobId'],
      description: 'letters made large',
      programHash,
      artefact: await artefact(wanted.artefact, 'fast'),
      ...(forms === undefined
        ? {}
        : {
            judgingForms: [await artefact(forms[0], 'strict'), await artefact(forms[1], 'positive')],
          }),
      seed: '0',
      round: 0,
      unitCount: wanted.inputs.length,
      args: [],
      env: {},
      files: [],
      header: Buffer.from(wanted.header ?? '').toString('base64'),
      limits: {
        memoryPagesMax: 16,
        outputBytesMax: wanted.outputBytesMax ?? 1_000_000,
        logBytesMax: 1000,
        durationMsMax: wanted.durationMsMax ?? 20_000,
      },
    };
  }

  function take(report: CycleRequestText['reports'][number]) {
    const { assignmentId, outputs, blobs: long = [], failures = [] } = report;
    const run = issued.get(assignmentId);
    const verdict = run === undefined ? 'late' : 'accepted';
    if (run !== undefined) {
      issued.delete(assignmentId);
      for (let at = 0; at < run.count; at++) {
        if (at >= outputs.length) ready.push(run.first + at);
        else {
          const blob = long.find((each) => each.at === at);
          const bytes =
            blob === undefined ? Buffer.from(outputs[at] ?? '', 'base64') : blobs.get(blob.sha256);
          stand.results.set(run.first + at, Buffer.from(bytes ?? 'missing').toString());
        }
      }
      stand.failures.push(...failures);
    }
    stand.verdicts.push(`${verdict}${report.restCause === undefined ? '' : ` ${report.restCause}`}`);
    return { assignmentId, verdict } as const;
  }

  async function cycle(request: CycleRequestText): Promise<CycleReplyText> {
    const known = replies.get(request.cycleId);
    if (known !== undefined) return known;
    stand.requests.push(request);
    if (stand.behave.isRevoked) throw refuse('terminal-revoked');
    if (stand.behave.isSuspended) {
      throw refuse('terminal-revoked', { mayReturn: true, reason: licenseReason('terminal-suspended') });
    }
    const acknowledgements = request.reports.map(take);
    const assignments: CycleReplyText['assignments'] = [];
    if (job !== undefined && request.want !== undefined && ready.length > 0) {
      ready.sort((a, b) => a - b);
      const first = ready[0] ?? 0;
      let count = 1;
      while (count < job.runSize && ready[count] === first + count) count++;
      ready.splice(0, count);
      const assignmentId = String(nextAssignment++);
      issued.set(assignmentId, { first, count });
      const inputs = job.inputs.slice(first, first + count);
      const lengths = inputs.map((input) => Buffer.byteLength(input));
      const all = job.inputs.join('');
      const url = `${stand.url}/v1/signed-blobs/${createHash('sha256').update(all).digest('hex')}`;
      const offset = Buffer.byteLength(job.inputs.slice(0, first).join(''));
      const input = job.isRanged
        ? { kind: 'range' as const, url, offset, lengths }
        : { kind: 'inline' as const, bytes: Buffer.from(inputs.join('')).toString('base64'), lengths };
      assignments.push({
        assignmentId,
        jobId: jobId as JobBriefText['jobId'],
        firstUnit: first,
        input,
        deadlineMs: 60_000,
        ...(job.judgingForms !== undefined && Number(assignmentId) % 2 === 0
          ? { artefact: 'positive' as const }
          : {}),
      });
    }
    const isNew = job !== undefined && assignments.length > 0 && !request.knownJobs?.includes(jobId);
    const reply: CycleReplyText = {
      acknowledgements,
      assignments,
      jobs: isNew && job !== undefined ? [await brief(job)] : [],
      endedJobs: isOver && request.knownJobs?.includes(jobId) ? [jobId] : [],
      comeBackMs: 200,
    };
    replies.set(request.cycleId, reply);
    return reply;
  }

  const routes: [
    string,
    RegExp,
    (match: string[], body: Json, request: IncomingMessage) => Promise<unknown>,
  ][] = [
    [
      'GET',
      /^\/v1\/about$/,
      async () => ({
        vendorId,
        name: 'Vendor',
        publicKey: vendor.publicKey,
        dispatchUrl: stand.url,
        contractorName: 'Contractor',
        version: '1',
      }),
    ],
    [
      'GET',
      /^\/v1\/products$/,
      async () => ({ items: [product('editor', 'application'), product('shop', 'service')] }),
    ],
    [
      'PUT',
      /^\/v1\/registrations\/([^/]+)$/,
      async ([id = ''], body) => {
        const jkt = await thumbprint(body.terminalKey as PublicJwk);
        await verifyToken(String(body.proof), {
          type: tokenTypes.registrationProof,
          keys: body.terminalKey as PublicJwk,
          now: new Date(),
          audience: vendorId,
        });
        terminals.set(jkt, body.terminalKey as PublicJwk);
        const kind = body.product === 'shop' ? 'service' : 'application';
        const base = { registrationId: id, product: body.product, kind, pseudonym: vendorId };
        if (stand.behave.confirmLater-- > 0)
          return { ...base, state: 'requested', reason: { code: 'x', sentence: 'Not yet.', remedy: '' } };
        stand.registrations.set(id, { state: 'issued', jkt });
        return {
          ...base,
          state: 'issued',
          licenseId,
          licenseKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE',
          licenseKeyHint: 'EEEEE',
        };
      },
    ],
    [
      'POST',
      /^\/v1\/registrations\/([^/]+)\/acknowledge$/,
      async ([id = '']) => setState(id, 'acknowledged'),
    ],
    ['DELETE', /^\/v1\/registrations\/([^/]+)$/, async ([id = '']) => setState(id, 'ended')],
    [
      'POST',
      /^\/v1\/licenses\/([^/]+)\/grants$/,
      async (_match, _body, request) => {
        const isUnseen = stand.requests.length === 0 || stand.behave.missTerminal-- > 0;
        const answer = isUnseen ? 'unseen' : stand.behave.grants === 'given' ? 'given' : 'refused';
        stand.grantAnswers.push({ answer, atMs: performance.now() });
        if (stand.behave.grants === 'down') throw refuse('upstream-unreachable');
        if (stand.behave.isRevoked) {
          throw refuse('license-refused', { license: 'revoked', reason: licenseReason('revoked') });
        }
        if (stand.behave.hasForgotten) throw refuse('not-found');
        if (stand.behave.isSuspended) {
          throw refuse('license-refused', { license: 'suspended', reason: licenseReason('suspended') });
        }
        if (isUnseen) throw refuseLicense('agent-not-seen', 'Not heard from.');
        if (stand.behave.grants === 'not-computing') throw refuseLicense('not-computing', 'Too little.');
        const token = request.headers.authorization?.split(' ')[1] ?? '';
        const { iss } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
        const iat = Math.floor(Date.now() / 1000);
        const grant = await signToken(
          {
            iss: vendorId,
            sub: 'm',
            license: licenseId,
            apps: ['editor'],
            entitlements: ['full'],
            cnf: { jkt: iss },
            iat,
            exp: iat + 3600,
            offlineUntil: iat + 28_800,
            graceSeconds: 300,
          },
          { type: tokenTypes.grant, key: vendor.privateKey },
        );
        return { grant, refreshAfterMs: 1_200_000, license: {} };
      },
    ],
    [
      'GET',
      /^\/v1\/licenses\/([^/]+)$/,
      async () => {
        if (stand.behave.hasForgotten) throw refuse('not-found');
        const evidence = { pointsCommittedMilli: '0', pointsFinalMilli: '0', pointsForfeitedMilli: '0' };
        return { licenseId, product: 'editor', state: 'licensed', evidence };
      },
    ],
    ['GET', /^\/v1\/member\/orders$/, async () => ({ items: [order('awaiting-confirmation')] })],
    [
      'POST',
      /^\/v1\/member\/orders\/([^/]+)\/confirm$/,
      async (_match, body) => {
        stand.confirmed.push(String(body.confirmation));
        return order('completed');
      },
    ],
    ['POST', /^\/v1\/member\/orders\/([^/]+)\/decline$/, async () => order('refused')],
    [
      'GET',
      /^\/v1\/terminal$/,
      async () => ({
        terminalId: vendorId,
        state: 'active',
        registrations: [],
        points: {
          pendingMilli: String(1000 * stand.results.size),
          availableMilli: '0',
          heldMilli: '0',
          spentMilli: '0',
        },
        unitsAccepted: stand.results.size,
      }),
    ],
    [
      'GET',
      /^\/v1\/contractor$/,
      async () => ({
        name: 'Contractor',
        publicKey: contractor.publicKey,
        version: '1',
        serverTime: new Date().toISOString(),
      }),
    ],
    ['POST', /^\/v1\/terminal-challenges$/, async () => ({ challenge: 'challenge', expiresInMs: 60_000 })],
    [
      'POST',
      /^\/v1\/terminal-sessions$/,
      async (_match, body) => {
        const { sub } = JSON.parse(
          Buffer.from(String(body.answer).split('.')[1] ?? '', 'base64url').toString(),
        );
        const keys = terminals.get(sub);
        if (keys === undefined) throw refuse('terminal-unknown');
        await verifyToken(String(body.answer), {
          type: tokenTypes.challengeAnswer,
          keys,
          now: new Date(),
          expiry: 'optional',
        });
        return {
          session: 'taika_session_x',
          terminalId: vendorId,
          expiresInMs: 600_000,
          role: hasOwnTerminals ? stand.behave.ownRole : 'member',
        };
      },
    ],
    [
      'PUT',
      /^\/v1\/terminal\/consents\/([^/]+)$/,
      async ([id = '']) => {
        stand.consents.set(id, { withdrawn: false });
        return { recordedAt: new Date().toISOString() };
      },
    ],
    [
      'DELETE',
      /^\/v1\/terminal\/consents\/([^/]+)$/,
      async ([id = '']) => {
        stand.consents.set(id, { withdrawn: true });
        return { withdrawnAt: new Date().toISOString() };
      },
    ],
    [
      'POST',
      /^\/v1\/cycle$/,
      async (_match, body) => {
        const isConsented = [...stand.consents.values()].some(({ withdrawn }) => !withdrawn);
        if (!isConsented && !hasOwnTerminals) throw refuse('no-consent');
        const reply = await cycle(body as unknown as CycleRequestText);
        if (stand.behave.loseReplies-- > 0) throw new Error('lost');
        return reply;
      },
    ],
  ];

  function setState(id: string, state: string) {
    const known = stand.registrations.get(id);
    if (known !== undefined) known.state = state;
    return { registrationId: id, product: 'editor', kind: 'application', state, pseudonym: vendorId };
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [path = ''] = (request.url ?? '').split('?');
    const blob = /^\/v1\/(?:signed-)?blobs\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (blob !== undefined) return serveBlob(request, response, blob, body);
    for (const [method, pattern, handler] of routes) {
      const match = pattern.exec(path);
      if (method !== request.method || match === null) continue;
      try {
        const reply = await handler(
          match.slice(1),
          body.length === 0 ? {} : JSON.parse(body.toString()),
          request,
        );
        return response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
      } catch (error) {
        if (!(error instanceof Refusal)) return response.destroy();
        response
          .writeHead(error.status, { 'content-type': 'application/problem+json' })
          .end(JSON.stringify(error.problem));
        return;
      }
    }
    response.writeHead(404).end();
  });

  function serveBlob(request: IncomingMessage, response: ServerResponse, sha256: string, body: Buffer): void {
    if (request.method === 'PUT') {
      store(body);
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ sha256, bytes: body.length }));
      return;
    }
    const bytes = Buffer.from(blobs.get(sha256) ?? '');
    if (stand.behave.damage) bytes.fill(0x20);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined) return void response.end(bytes);
    const isShort = stand.behave.damage || Number(from) === stand.behave.shortFrom;
    const end = isShort ? Number(to) : Number(to) + 1;
    const part = bytes.subarray(Number(from), end);
    const digest = createHash('sha256').update(part).digest('base64');
    if (stand.behave.flip) part[0] = (part[0] ?? 0) ^ 1;
    response.writeHead(206, { 'content-digest': `sha-256=:${digest}:` }).end(part);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stand.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(stand, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

type Json = Record<string, unknown>;

class Refusal extends Error {
  readonly status: number;
  readonly problem: object;
  constructor(code: ErrorCode, extra: object) {
    super(code);
    this.status = errors[code].status;
    this.problem = { code, ...errors[code], ...extra };
  }
}

function refuse(code: ErrorCode, extra: object = {}): Refusal {
  return new Refusal(code, extra);
}

function refuseLicense(code: string, sentence: string): Refusal {
  return refuse('license-refused', {
    license: 'not-computing',
    reason: { code, sentence, remedy: 'Compute.' },
  });
}

function product(name: string, kind: string) {
  const price = { currency: 'JPY', amountMilli: '980000' };
  return {
    product: name,
    kind,
    title: `The ${name}`,
    description: '',
    cashPrice: { price, per: 'month' },
    policy: { windowDays: 30, pointsMilliMin: '0', devicesMax: 3 },
  };
}

function order(state: string) {
  const money = (amountMilli: string) => ({ currency: 'JPY', amountMilli });
  return {
    orderId,
    product: 'shop',
    kind: 'purchase',
    state,
    lines: [{ description: 'Tea', quantity: 2, unitPrice: money('500000') }],
    price: money('1000000'),
    pointsMilli: '300000',
    discount: money('300000'),
    charge: money('700000'),
    createdAt: new Date().toISOString(),
  };
}
