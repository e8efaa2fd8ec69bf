import { say, sayJson } from '@taika/cli/say';
import { AgentError } from '../core/agent-error.ts';
import { consentFacts, giveConsent, tellConsents } from '../core/consent.ts';
import { type ConsentLocale, consentText, consentTextVersion } from '../core/consent-text.ts';
import { createDispatchCalls } from '../core/dispatch-calls.ts';
import { type RegistrationRecord, readRegistrations } from '../core/records.ts';
import type { WorkLimits } from '../core/work/work-loop.ts';
import { askAgent } from '../node/control.ts';
import { createNodeHost } from '../node/node-host.ts';
import { coresOfMachine } from '../node/shares.ts';

export interface ConsentOptions {
  readonly acceptTerms?: string;
  readonly cores: number;
  readonly memory: number;
  readonly locale: ConsentLocale;
  readonly product?: string;
  readonly json?: boolean;
}

/** `taika agent consent`: shows the text; records the consent only with `--accept-terms` and the version that is shown. */
export async function runConsent(home: string, options: ConsentOptions): Promise<void> {
  const { acceptTerms, locale, json = false } = options;
  const host = await createNodeHost(home);
  const limits = { cores: options.cores, memoryMiB: options.memory };
  const registrations = await chosen(await readRegistrations(host.store), options.product);
  for (const registration of registrations) {
    if (!json) say(consentText(consentFacts(registration, limits, coresOfMachine), locale));
    if (!json) say();
  }
  if (acceptTerms === undefined) {
    if (json)
      return sayJson({
        textVersion: consentTextVersion,
        texts: registrations.map((each) => consentText(consentFacts(each, limits, coresOfMachine), locale)),
      });
    say(`To accept: taika agent consent --accept-terms ${consentTextVersion}`);
    say('To decline: do nothing. Nothing is computed without your consent.');
    return;
  }
  const choice = { acceptedVersion: acceptTerms, locale, limits };
  for (const registration of registrations) await giveConsent(host, registration, choice, coresOfMachine);
  const reloaded = await askAgent(home, { verb: 'reload' });
  // The running agent tells the server by itself; else it is told now, so that the first unit need not wait.
  if (reloaded === undefined) await tellServer(host, registrations);
  if (json)
    return sayJson({
      textVersion: consentTextVersion,
      products: registrations.map(({ product }) => product),
      limits,
    });
  say(
    `Your consent to text ${consentTextVersion} is recorded. Withdraw it at any time: taika agent withdraw.`,
  );
  if (reloaded === undefined) return;
  const now = reloaded.result as WorkLimits;
  say(
    `The running agent computes on up to ${now.cores} core${now.cores === 1 ? '' : 's'} with ${now.memoryMiB} MiB from now on.`,
  );
}

async function tellServer(
  host: Awaited<ReturnType<typeof createNodeHost>>,
  [first]: readonly RegistrationRecord[],
) {
  if (first === undefined) return;
  try {
    await tellConsents(host, createDispatchCalls(host, first.dispatchUrl));
  } catch (error) {
    process.stderr.write(
      `The contractor could not be told yet (${(error as Error).message}); the agent tells it when it runs.\n`,
    );
  }
}

async function chosen(
  registrations: RegistrationRecord[],
  product: string | undefined,
): Promise<RegistrationRecord[]> {
  const named = registrations.filter(
    (each) => each.licenseId !== undefined && (product === undefined || each.product === product),
  );
  if (named.length > 0) return named;
  const missing =
    product === undefined
      ? 'This agent is not registered anywhere.'
      : `This agent is not registered for "${product}".`;
  throw new AgentError('unregistered', missing, 'Register first: `taika agent register`.');
}
