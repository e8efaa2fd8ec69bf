import type { Command } from 'commander';
import type { Step } from './contractor.ts';
import { addCreditNote, type CreditFlags, voidInvoice } from './credits.ts';
import { type AmountFlags, deposit, payment, returnDeposit, setCreditLimit, showFunds } from './funds.ts';

/** Adds what moves a customer's money. */
export function addFundCommands(
  define: <F>(name: string, description: string, step: Step<F>) => Command,
): void {
  const withAmount = (name: string, description: string, step: Step<AmountFlags>): Command =>
    define(name, description, step)
      .argument('<customer>', 'Id of the customer.')
      .requiredOption('--amount <amount>', 'In the contractor’s currency, such as 10000.')
      .option('--id <uuid>', 'Names the event, for repeating a command that failed half-way.');
  withAmount('deposit', 'A customer paid in advance.', deposit).option(
    '--reference <text>',
    'As on the bank’s statement.',
  );
  withAmount('payment', 'A customer paid what it owes; the rest goes to its deposit.', payment).option(
    '--reference <text>',
    'As on the bank’s statement.',
  );
  withAmount('return-deposit', 'A customer was given deposit back.', returnDeposit).option(
    '--reference <text>',
    'As on the bank’s statement.',
  );
  withAmount('credit-limit', 'Say how far a customer may owe.', setCreditLimit);
  const correction = (name: string, description: string, step: Step<CreditFlags>): Command =>
    define(name, description, step)
      .argument('<invoice>', 'Number of the invoice as printed, or its id.')
      .requiredOption('--reason <text>', 'Why; the document says so.')
      .option('--id <uuid>', 'Names the event, for repeating a command that failed half-way.');
  correction('credit-note', 'Correct an invoice.', addCreditNote).option(
    '--net <amount>',
    'What to credit, before tax. Without it all that is left.',
  );
  correction('void-invoice', 'Take an invoice back that was neither fetched nor paid.', voidInvoice);
  define('funds', 'Show what a customer has, owes and holds.', showFunds).argument(
    '<customer>',
    'Id of the customer.',
  );
}
