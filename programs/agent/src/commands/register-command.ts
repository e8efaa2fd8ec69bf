import { say, sayJson } from '@taika/cli/say';
import { licenseKeyHint } from '@taika/crypto/license-key';
import { registerAtVendor } from '../core/register.ts';
import { askAgent } from '../node/control.ts';
import { createFileKeyStore } from '../node/key-store.ts';
import { createNodeHost } from '../node/node-host.ts';

export interface RegisterOptions {
  readonly vendor: string;
  readonly product: string;
  readonly name: string;
  readonly contact: string;
  readonly json?: boolean;
}

/** `taika agent register`: steps 204 to 210, or 504 to 509 for a service, whose key is shown on the screen. */
export async function runRegister(home: string, options: RegisterOptions): Promise<void> {
  const { vendor, product, name, contact, json = false } = options;
  const host = await createNodeHost(home);
  if (!json) say(createFileKeyStore(home).protection);
  const record = await registerAtVendor(
    host,
    { vendorUrl: vendor, product, member: { name, contact } },
    { waiting: (sentence) => (json ? undefined : say(`… ${sentence}`)) },
  );
  await askAgent(home, { verb: 'reload' });
  const { registrationId, licenseId, licenseKey = '', title, kind, vendorName } = record;
  if (json) {
    const shown = kind === 'service' ? { licenseKey } : {};
    return sayJson({
      registrationId,
      licenseId,
      product,
      kind,
      licenseKeyHint: licenseKeyHint(licenseKey),
      ...shown,
    });
  }
  say(`Registered at ${vendorName} for "${title}".`);
  if (kind === 'service') {
    say();
    say(`  Your license key: ${licenseKey}`);
    say();
    say('You sign in to the service with it. Show it again with `taika agent key`.');
  } else say('The license key is stored; `taika agent key` shows it.');
  say('Next: `taika agent consent`, then `taika agent run`.');
}
