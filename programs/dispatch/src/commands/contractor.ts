import {
  addOperatorFlags,
  connectOperator,
  dispatchServer,
  type OperatorFlags,
} from '@taika/cli/operator-caller';
import { runAction } from '@taika/cli/run-action';
import type { Caller } from '@taika/http/call';
import type { Command } from 'commander';
import {
  addCustomer,
  addVendor,
  type CustomerFlags,
  type FeeFlags,
  setLicenseFee,
  type VendorFlags,
} from './enrol.ts';
import { addFundCommands } from './fund-commands.ts';
import { listCustomers, listTerminals, listVendors, showBooks } from './lists.ts';
import { addOwn, type OwnTerminalFlags } from './own-terminal.ts';
import { addPaperCommands } from './papers.ts';
import { type RateFlags, setRates, showRates } from './rates.ts';
import { revokeTerminal } from './revoke.ts';
import { showTrust } from './trust.ts';

/** How a command answers: a person, or a program. */
export interface Answer {
  readonly json: boolean;
}

/** A command: one call or list. */
export type Step<F> = (server: Caller, answer: Answer, flags: F, argument: string) => Promise<void>;

/** Adds the operator's commands. Each is one call or list; errors say what to do, exit codes are 0, 1 and 2. */
export function addContractorCommands(command: Command): void {
  const define = <F>(name: string, description: string, step: Step<F>): Command =>
    addOperatorFlags(command.command(name).description(description), dispatchServer).action(
      (...given: [string | OperatorFlags, OperatorFlags | Command, Command?]) => {
        const [argument, flags] = typeof given[0] === 'string' ? [given[0], given[1]] : ['', given[0]];
        return run(flags as OperatorFlags & F, argument, step);
      },
    );

  define<CustomerFlags>('add-customer', 'Enrol a customer; its key is shown once.', addCustomer)
    .requiredOption('--name <name>', 'The customer’s name, as invoices show it.')
    .option('--credit-limit <amount>', 'How far it may owe. Without it, it pays in advance (`deposit`).');
  addFundCommands(define);
  addPaperCommands(define);
  const vendor = define<VendorFlags>('add-vendor', 'Enrol a vendor by its public key.', addVendor)
    .requiredOption('--name <name>', 'The vendor’s name.')
    .option('--public-key <file>', 'File with the vendor’s public key (JWK, Ed25519).')
    .option('--generate-key <file>', 'Make a key pair and write the private key to this new file (0600).');
  vendor.option('--fee <amount>', 'License fee by contract, in whole coins or with decimals.', '0');
  addFeeOptions(vendor);
  const productFee = define<FeeFlags & { readonly product: string; readonly from?: string }>(
    'license-fee',
    'Set what a vendor’s contract pays for one product from a month on, in the place of its general fee.',
    setLicenseFee,
  )
    .argument('<vendor>', 'Id of the vendor.')
    .requiredOption('--product <name>', 'The product, as the vendor names it.')
    .option(
      '--from <month>',
      'The month from which it counts (2026-12); without it the next one, or this one while the product has no registrations.',
    );
  // Left out, it would make a fee that was agreed nothing.
  productFee.requiredOption(
    '--fee <amount>',
    'License fee by contract, in whole coins or with decimals; 0 for none.',
  );
  addFeeOptions(productFee);
  for (const [role, description] of ownRoles) {
    define<OwnTerminalFlags>(`add-${role}`, description, addOwn(role))
      .requiredOption('--name <name>', 'How the list of terminals shows it.')
      .option(
        '--generate-key <file>',
        'Write its private key to this new file (0600) instead of showing it.',
      );
  }
  define('customers', 'List customers.', listCustomers);
  define('vendors', 'List vendors.', listVendors);
  define('terminals', 'List terminals: state, when last seen, units held.', listTerminals);
  define<{ reason: string }>('revoke-terminal', 'Give a terminal no more work.', revokeTerminal)
    .argument('<terminal>', 'Id of the terminal.')
    .requiredOption('--reason <text>', 'Why; the member may ask.');
  define('rates', 'Show the rate card in force.', showRates);
  define<RateFlags>(
    'set-rates',
    'Publish the next version of the rate card. Unnamed parts stay as they are.',
    setRates,
  )
    .option('--price <amount>', 'Price for --per-fuel, before tax.')
    .option('--points <points>', 'Points that a member earns for --per-fuel.')
    .option('--per-fuel <fuel>', 'The amount of fuel that price and points are for.')
    .option('--tax <percent>', 'Tax in per cent.')
    .option(
      '--levels <level=factor,…>',
      'What trust levels cost, as factors of the price: plain=1,economy=1.05,standard=1.1,high=1.25,strict=2.',
    );
  define('trust', 'Show what trust costs, and how wrong results may be.', showTrust);
  define('books', 'Show the trial balance, and whatever is wrong in the books.', showBooks);
}

/** What a contract pays for a license. */
function addFeeOptions(command: Command): void {
  command
    .option(
      '--fee-per <registration|month>',
      'What the fee is for: each registration, or each license-month.',
      'month',
    )
    .option('--fee-tax <percent>', 'Consumption tax on the fee, on top of it.')
    .option('--minimum-points <points>', 'A month is paid for from so many points on.')
    .option('--minimum-hours <hours>', 'A month is paid for from so many hours with a license on.')
    .option('--currency <code>', 'Currency of the fee.', 'JPY');
}

const ownRoles = [
  ['reference', 'Add a reference executor, whose word decides about results; its key is shown once.'],
  ['decoy', 'Add a decoy, which hands in lies to find who agrees with them; its key is shown once.'],
] as const;

function run<F>(flags: OperatorFlags & F, argument: string, step: Step<F>): Promise<void> {
  const json = flags.json === true;
  return runAction(json, async () => {
    await step(await connectOperator(dispatchServer, flags), { json }, flags, argument);
  });
}
