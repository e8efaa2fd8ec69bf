import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '@taika/cli/command-error';
import { createCaller } from '@taika/http/call';
import {
  download,
  listProducts,
  type ReleaseText,
  readLatestRelease,
} from '@taika/protocol/vendor/catalogue';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import { askJson } from './ask.ts';
import type { Companies } from './companies.ts';
import type { Layout } from './layout.ts';
import { type Service, startService } from './service.ts';
import type { Story } from './story.ts';

/** A member of the demonstration: one person with one terminal and one agent. */
export interface Member {
  readonly name: string;
  readonly contact: string;
  /** What the member computes for. */
  readonly product: string;
  /** Home of the member's agent. */
  readonly agentHome: string;
  /** The agent's file, as it was downloaded. */
  readonly agentFile: string;
  /** The application's file, where the product is one. */
  readonly applicationFile: string | undefined;
}

/** The application's numbers of the first embodiment's steps, or the second's. */
const stepsOf = {
  application: {
    ask: '201',
    send: '202',
    install: '203',
    register: '204',
    store: '205',
    forward: '206',
    confirm: '207–208',
    key: '209',
    keep: '210',
  },
  service: {
    ask: '501',
    send: '502',
    install: '503',
    register: '504',
    store: '505',
    forward: '506',
    confirm: '507–508',
    key: '509',
    keep: '509',
  },
} as const;

/** Downloads, installs, registers, consents: everything until the agent may run. Repeated, it goes on with what is there. */
export async function joinMember(
  {
    name,
    contact,
    product,
    cores,
  }: { readonly name: string; readonly contact: string; readonly product: string; readonly cores: number },
  companies: Companies,
  layout: Layout,
  story: Story,
): Promise<Member> {
  const { items } = await callerAt(companies.vendorUrl).call(listProducts);
  const kind = items.find((item) => item.product === product)?.kind ?? 'application';
  const steps = stepsOf[kind];
  story.step(steps.ask, `${name} asks the vendor for "${product}".`);
  const release = await callerAt(companies.vendorUrl).call(readLatestRelease, { params: { product } });
  const folder = layout.member(name).downloads;
  const files = await fetchRelease(companies.vendorUrl, release, folder);
  for (const { role, name: file, sha256, bytes } of release.files) {
    story.step(
      steps.send,
      `The vendor sends the ${role}: ${file}, ${bytes} bytes, SHA-256 ${sha256.slice(0, 16)}…`,
    );
  }
  story.step(steps.install, `${name} installs in ${folder}`);
  if (files.agent === undefined) throw new Error('Every release has an agent.');
  const member = {
    name,
    contact,
    product,
    agentHome: layout.member(name).agent,
    agentFile: files.agent,
    applicationFile: files.application,
  };
  await register(member, companies, story, steps);
  await consent(member, cores, story);
  return member;
}

/** Registers a member who is there already for one more product, with the same terminal and agent. */
export async function joinAlso(
  member: Member,
  product: string,
  cores: number,
  companies: Companies,
  story: Story,
): Promise<void> {
  const also = { ...member, product };
  const { licenseKey } = await registerAgent(also, companies);
  await consent(also, cores, quiet);
  story.step(
    '504–509',
    `${member.name} registers for "${product}" too, with the same terminal; its key: ${licenseKey}`,
  );
}

/** Says nothing: the same words were said a moment ago. */
const quiet: Story = { heading: () => {}, step: () => {}, show: () => {} };

/** Starts the member's agent as a process that is kept running. */
export function startAgent(
  member: Member,
  layout: Layout,
  cores: number,
  onRestart: (name: string) => void,
): Promise<Service> {
  return startService({
    name: `agent of ${member.name}`,
    command: [member.agentFile, 'run', '--home', member.agentHome, '--cores', String(cores)],
    logFile: join(layout.logs, `agent-${member.name}.log`),
    // Another agent of the same home may be running: this one then ends, and is not taken for it.
    isReady: async (pid) => (await agentStatus(member)).pid === pid,
    onRestart,
  });
}

/** What `taika agent status --json` says, as far as it is used here. */
export interface AgentStatus {
  readonly state: string;
  /** Absent while the agent does not run. */
  readonly pid?: number;
  /** Absent while the agent does not run. */
  readonly sockets?: { readonly link: string };
  readonly points?: {
    readonly pendingMilli: string;
    readonly availableMilli: string;
    readonly evidenceMilli?: string;
  };
  readonly registrations: readonly {
    readonly product: string;
    readonly hasConsent: boolean;
    readonly license: { readonly state: string; readonly reason?: { readonly sentence: string } };
  }[];
}

export function agentStatus(member: Member): Promise<AgentStatus> {
  return askAgent<AgentStatus>(member, ['status']);
}

/** Where a running agent serves applications. */
export async function agentSockets(member: Member): Promise<{ readonly link: string }> {
  const { sockets } = await agentStatus(member);
  if (sockets === undefined) throw new Error(`The agent of ${member.name} does not run.`);
  return sockets;
}

async function register(
  member: Member,
  companies: Companies,
  story: Story,
  steps: (typeof stepsOf)['application' | 'service'],
): Promise<void> {
  story.step(
    steps.register,
    `${member.name} registers with the vendor: name, contact and the terminal's public key.`,
  );
  const registration = await registerAgent(member, companies);
  const key = registration.licenseKey ?? `it ends in ${registration.licenseKeyHint}`;
  story.step(steps.store, 'The vendor server stores the member in its user database.');
  story.step(
    steps.forward,
    'It forwards a pseudonym and the terminal to the dispatch server; name and contact stay with the vendor.',
  );
  story.step(
    steps.confirm,
    `The dispatch server stores them and confirms registration ${registration.registrationId}.`,
  );
  story.step(steps.key, `Only now the vendor sends the license key: ${key}`);
  story.step(
    steps.keep,
    registration.kind === 'service' ? 'It is shown on the member’s screen.' : 'The agent stores it.',
  );
}

function registerAgent(member: Member, { vendorUrl }: Companies): Promise<Registered> {
  return askAgent<Registered>(member, [
    'register',
    ...['--vendor', vendorUrl, '--product', member.product],
    ...['--name', member.name, '--contact', member.contact],
  ]);
}

interface Registered {
  readonly registrationId: string;
  readonly kind: 'application' | 'service';
  readonly licenseKeyHint: string;
  /** Shown for a service, whose member signs in with it. */
  readonly licenseKey?: string;
}

/** Nothing is computed before the member was asked; the demonstration answers for its own members and says so. */
async function consent(member: Member, cores: number, story: Story): Promise<void> {
  const { registrations } = await agentStatus(member);
  if (registrations.some(({ product, hasConsent }) => product === member.product && hasConsent)) return;
  const limits = ['--product', member.product, '--cores', String(cores), '--locale', 'en'];
  const { textVersion, texts } = await askAgent<{
    readonly textVersion: string;
    readonly texts: readonly string[];
  }>(member, ['consent', ...limits]);
  story.step('', `${member.name} is asked before anything is computed:`);
  for (const text of texts) story.show(text);
  await askAgent(member, ['consent', ...limits, '--accept-terms', textVersion]);
  story.step('', `taika up accepts text ${textVersion} for its own member ${member.name}.`);
}

/** Runs a verb of the member's own agent and reads its JSON answer. */
function askAgent<T>(member: Member, words: readonly string[]): Promise<T> {
  return askJson<T>([member.agentFile, ...words, '--home', member.agentHome, '--json']);
}

async function fetchRelease(
  vendorUrl: string,
  release: ReleaseText,
  folder: string,
): Promise<{ readonly application?: string; readonly agent?: string }> {
  await mkdir(folder, { recursive: true });
  const files: { application?: string; agent?: string } = {};
  for (const { name, role, sha256 } of release.files) {
    const response = await callerAt(vendorUrl).open(download, { params: { sha256 } });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new CommandError(`${name} is not what the vendor published.`, {
        code: 'digest-mismatch',
        remedy: 'Start again.',
        exitCode: 1,
      });
    }
    const path = join(folder, name);
    await writeFile(`${path}.unfinished`, bytes);
    await rename(`${path}.unfinished`, path);
    files[role] = path;
  }
  return files;
}

function callerAt(baseUrl: string) {
  return createCaller({ baseUrl, clock: systemClock, random: systemRandom });
}
