import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, type KeyPair, thumbprint } from '@taika/crypto/keys';
import { signToken } from '@taika/crypto/token';
import { type License, type OpenLicenseOptions, openLicense } from '@taika/license/open-license';
import { type GrantClaims, tokenTypes } from '@taika/protocol/tokens';
import { systemClock } from '@taika/runtime/clock';
import { silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import type { DeskAnswer } from '../src/link/license-desk.ts';
import { type LinkServer, serveLink } from '../src/link/serve-link.ts';

/** A real link server with a desk that a test sets, and real applications before it. */
export interface LinkStand extends AsyncDisposable {
  readonly path: string;
  readonly vendor: KeyPair;
  readonly terminal: KeyPair;
  answer: DeskAnswer;
  /** Sets the answer and tells the applications. */
  say(answer: DeskAnswer): void;
  grant(changes?: Partial<GrantClaims> & Record<string, unknown>, key?: KeyPair): Promise<string>;
  granted(grant: string, changes?: Partial<Extract<DeskAnswer, { kind: 'granted' }>>): DeskAnswer;
  serve(): Promise<LinkServer>;
  open(options?: Partial<OpenLicenseOptions>): License;
}

export async function createLinkStand(): Promise<LinkStand> {
  const directory = mkdtempSync(join(tmpdir(), 'taika-link-'));
  const path = join(directory, 'run', 'agent.sock');
  const [vendor, terminal] = [await generateKeyPair(), await generateKeyPair()];
  const jkt = await thumbprint(terminal.publicKey);
  const listeners = new Set<() => void>();
  const disposables: AsyncDisposable[] = [];
  const stand: LinkStand = {
    path,
    vendor,
    terminal,
    answer: { kind: 'refused', reason: 'no_grant' },
    say(answer) {
      stand.answer = answer;
      for (const listener of listeners) listener();
    },
    grant(changes = {}, key = vendor) {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const claims = {
        iss: 'vendor',
        sub: 'member',
        license: 'license-1',
        apps: ['editor'],
        entitlements: [],
        cnf: { jkt },
        iat: nowSeconds,
        exp: nowSeconds + 3600,
        offlineUntil: nowSeconds + 8 * 3600,
        graceSeconds: 300,
        ...changes,
      };
      return signToken(claims, { type: tokenTypes.grant, key: key.privateKey });
    },
    granted: (grant, changes = {}) => ({
      kind: 'granted',
      grant,
      license: 'license-1',
      seatsMax: 3,
      ...changes,
    }),
    async serve() {
      const server = await serveLink({
        path,
        clock: systemClock,
        random: systemRandom,
        log: silentLogger,
        agentVersion: 'test',
        desk: {
          terminal,
          consult: () => stand.answer,
          onChange: (listener) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
          },
        },
      });
      disposables.push(server);
      return server;
    },
    open(options = {}) {
      const license = openLicense({
        app: 'editor',
        vendorKeys: { current: vendor.publicKey },
        socketPath: path,
        seen: { read: () => undefined, write: () => {} },
        ...options,
      });
      disposables.push(license);
      return license;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(disposables.map((each) => each[Symbol.asyncDispose]()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return stand;
}
