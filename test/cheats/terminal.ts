import { giveConsent, tellConsents } from '@taika/agent/core/consent';
import { consentTextVersion } from '@taika/agent/core/consent-text';
import { createDispatchCalls, type DispatchCalls } from '@taika/agent/core/dispatch-calls';
import type { Host } from '@taika/agent/core/host';
import type { RegistrationRecord } from '@taika/agent/core/records';
import { registerAtVendor } from '@taika/agent/core/register';
import { memberVendorCalls } from '@taika/agent/core/vendor-calls';
import { generateKeyPair } from '@taika/crypto/keys';
import { RemoteError } from '@taika/http/call';
import { type AssignmentText, cycle, type ReportText } from '@taika/protocol/dispatch/cycle';
import { readTerminal } from '@taika/protocol/dispatch/registrations';
import type { LicenseId } from '@taika/protocol/schema';
import { type LicenseViewText, readLicense, requestGrant } from '@taika/protocol/vendor/licenses';
import { systemClock } from '@taika/runtime/clock';
import { uuidv7 } from '@taika/runtime/identifiers';
import { silentLogger } from '@taika/runtime/logger';
import { type Random, seededRandom, systemRandom } from '@taika/runtime/random';
import type { Strategy } from '@taika/trust/simulate/strategy';
import { createLiar, type Liar, type Omniscience, type Ring } from './liar.ts';
import { fetchFrom } from './local-fetch.ts';
import { createMemoryStore } from './memory-store.ts';

/** What a terminal is besides its strategy. */
export interface TerminalTrait {
  readonly strategy: Strategy;
  readonly isCheat: boolean;
  /** Bytes are damaged on its line now and then, both ways. */
  readonly hasBadLine?: boolean;
  /** Takes its time over every unit: it comes after the deadline now and then. */
  readonly isSlow?: boolean;
}

export interface CheatTerminalOptions extends TerminalTrait {
  readonly name: string;
  /** Its network is 127.`network`.0/24 and so on: another one for each. */
  readonly network: number;
  readonly vendorUrl: string;
  readonly dispatchUrl: string;
  readonly product: string;
  readonly ring: Ring;
  readonly known: Omniscience;
  readonly seed: string;
  /** Called with each result that it hands in. */
  readonly onCommit: (jobId: string, unit: number) => void;
  /** A slow terminal's deadline passes: only a test can make it so at once. */
  readonly passDeadline: (assignmentId: string) => Promise<void>;
}

/** A registered terminal of a member of its own: it speaks the whole protocol, and computes as its strategy says. */
export interface CheatTerminal extends TerminalTrait, Disposable {
  readonly name: string;
  readonly terminalId: string;
  readonly liar: Liar;
  /** Verdicts that it was told, by word. */
  readonly verdicts: ReadonlyMap<string, number>;
  /** True once the server refused it as revoked. */
  readonly isRevoked: boolean;
  /** Works until aborted, or revoked. */
  work(signal: AbortSignal): Promise<void>;
  /** Its license, as the vendor sees it after asking the contractor anew. */
  license(): Promise<LicenseViewText>;
}

/** A member joins: registers at the vendor, consents, opens a session (steps 204 to 210). */
export async function joinTerminal(options: CheatTerminalOptions): Promise<CheatTerminal> {
  const { name, network, vendorUrl, dispatchUrl, product, seed, strategy, isCheat } = options;
  const { hasBadLine = false, isSlow = false } = options;
  const random = seededRandom(`${seed} ${name}`);
  const line = fetchFrom(`127.${1 + (network >> 8)}.${network & 255}.1`);
  const host: Host = {
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    fetch: hasBadLine ? damaging(line, random) : line,
    openSandbox: () => Promise.reject(new Error('These terminals run no program.')),
    store: createMemoryStore(),
    terminal: await generateKeyPair(),
    terminalName: name,
    agentVersion: '0.1.0',
  };
  const member = { name, contact: `${name}@example.org` };
  const registration = await registerAtVendor({ ...host, fetch: line }, { vendorUrl, product, member });
  const choice = {
    acceptedVersion: consentTextVersion,
    locale: 'en',
    limits: { cores: 1, memoryMiB: 512 },
  } as const;
  await giveConsent(host, registration, choice, 1);
  const dispatch = createDispatchCalls(host, dispatchUrl);
  await tellConsents({ ...host, fetch: line }, createDispatchCalls({ ...host, fetch: line }, dispatchUrl));
  const { terminalId } = await persist(() => dispatch.asTerminal((caller) => caller.call(readTerminal)));
  const liar = createLiar(strategy, { ...options, terminalId, random });
  const verdicts = new Map<string, number>();
  let isRevoked = false;
  return {
    name,
    terminalId,
    strategy,
    isCheat,
    hasBadLine,
    isSlow,
    liar,
    verdicts,
    get isRevoked() {
      return isRevoked;
    },
    async work(signal) {
      const outcome = await workUntil(signal, { dispatch, liar, random, verdicts, options, host });
      isRevoked = outcome === 'revoked';
    },
    license: () => readLicenseAnew(host, registration),
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}

interface Working {
  readonly dispatch: DispatchCalls;
  readonly liar: Liar;
  readonly random: Random;
  readonly verdicts: Map<string, number>;
  readonly options: CheatTerminalOptions;
  readonly host: Host;
}

/** One call after the other: report what was computed, ask for one unit more. */
async function workUntil(signal: AbortSignal, working: Working): Promise<'revoked' | 'over'> {
  const { dispatch, random, verdicts, options, host } = working;
  let reports: ReportText[] = [];
  while (!signal.aborted) {
    const isWanting = !options.known.isAhead();
    const request = {
      cycleId: uuidv7(host.clock.now(), host.random),
      reports,
      ...(isWanting ? { want: { unitsMax: 1, parallel: 1, memoryMiB: 512 } } : {}),
      state: 'computing',
      agentVersion: host.agentVersion,
    } as const;
    let attempt = 0;
    const reply = await persist(() =>
      dispatch.asTerminal((caller) =>
        caller.call(cycle, { body: attempt++ === 0 ? request : { ...request, retry: true } }),
      ),
    ).catch((error: unknown) => {
      if (error instanceof RemoteError && error.code === 'terminal-revoked') return 'revoked' as const;
      throw error;
    });
    if (reply === 'revoked') return 'revoked';
    for (const { verdict } of reply.acknowledgements) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    reports = reply.assignments.map((assignment) => answer(assignment, working));
    if (options.isSlow === true && random.fraction() < lateShare)
      for (const { assignmentId } of reports) await options.passDeadline(assignmentId);
    if (reports.length === 0) await pause(idleMs * (0.5 + random.fraction()));
  }
  return 'over';
}

function answer(assignment: AssignmentText, { liar, options }: Working): ReportText {
  const { assignmentId, jobId, firstUnit, input } = assignment;
  if (input.kind !== 'inline') throw new Error('Units of one line are sent inline.');
  const bytes = Buffer.from(input.bytes, 'base64');
  const fuels: number[] = [];
  const outputs: string[] = [];
  let from = 0;
  for (const [at, length] of input.lengths.entries()) {
    const unit = firstUnit + at;
    const { output, fuel } = liar.answer(jobId, unit, bytes.subarray(from, from + length).toString());
    from += length;
    fuels.push(fuel);
    outputs.push(Buffer.from(output).toString('base64'));
    options.onCommit(jobId, unit);
  }
  return { assignmentId, fuels, outputs };
}

/** Asks for a grant, so that the vendor asks the contractor anew, then reads what the license is. */
async function readLicenseAnew(host: Host, registration: RegistrationRecord): Promise<LicenseViewText> {
  const calls = memberVendorCalls(host, registration);
  const params = { licenseId: registration.licenseId as LicenseId };
  await calls.call(requestGrant, { params }).catch((error: unknown) => {
    if (!(error instanceof RemoteError)) throw error;
  });
  return calls.call(readLicense, { params });
}

/** Repeats what a bad line spoilt; the server's own refusals are thrown. */
async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RemoteError && error.retryable) || tries > triesMax) throw error;
      await pause(idleMs);
    }
  }
}

/** Flips a bit of every hundredth body, of what is sent and of what comes. */
function damaging(line: typeof fetch, random: Random): typeof fetch {
  return async (input, init = {}) => {
    const sent = typeof init.body === 'string' ? flipSometimes(Buffer.from(init.body), random) : init.body;
    const response = await line(input, { ...init, ...(sent === undefined ? {} : { body: sent }) });
    if (response.body === null) return response;
    const bytes = flipSometimes(Buffer.from(await response.arrayBuffer()), random);
    const { status, headers } = response;
    return new Response(bytes, { status, headers });
  };
}

function flipSometimes(bytes: Buffer<ArrayBuffer>, random: Random): Buffer<ArrayBuffer> {
  if (bytes.length === 0 || random.fraction() >= damagedShare) return bytes;
  const at = Math.floor(random.fraction() * bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random.fraction() * 8));
  return bytes;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const idleMs = 30;
const lateShare = 0.05;
const damagedShare = 0.01;
const triesMax = 200;
