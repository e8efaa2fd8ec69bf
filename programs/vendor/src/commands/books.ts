import { moneyText } from '@taika/cli/amounts';
import { booksText } from '@taika/cli/books-text';
import { readAll } from '@taika/http/read-all';
import { listMembers } from '@taika/protocol/vendor/licenses';
import { listVendorClaims, readVendorBooks } from '@taika/protocol/vendor/services';
import type { Command } from 'commander';
import { addOperatorCommand, answer } from './operator.ts';
import { rowsText } from './rows-text.ts';

/** `members`, `claims`, `books`. */
export function addBookCommands(command: Command): void {
  addOperatorCommand(
    command,
    { name: 'members', description: 'The user database.' },
    async ({ caller, flags }) => {
      const items = await readAll((after) => caller.call(listMembers, { query: { ...after } }));
      answer(flags, { items }, () =>
        rowsText(
          ['member', 'name', 'contact', 'registrations'],
          items.map(({ pseudonym, name, contact, registrations }) => [
            pseudonym,
            name,
            contact,
            registrations
              .map(
                ({ product, state, licenseKeyHint }) =>
                  `${product} ${state}${licenseKeyHint ? ` …${licenseKeyHint}` : ''}`,
              )
              .join(', '),
          ]),
        ),
      );
    },
  );

  addOperatorCommand(
    command,
    { name: 'claims', description: 'What the contractor owes, newest first.' },
    async ({ caller, flags }) => {
      const items = await readAll((after) => caller.call(listVendorClaims, { query: { ...after } }));
      answer(flags, { items }, () =>
        rowsText(
          ['claim', 'kind', 'for', 'amount', 'state', 'reason'],
          items.map(({ claimId, kind, subject, amount, state, reason }) => [
            claimId,
            kind,
            subject,
            moneyText(amount),
            state,
            reason?.sentence ?? '',
          ]),
        ),
      );
    },
  );

  addOperatorCommand(
    command,
    { name: 'books', description: 'The trial balance, and what is wrong in the books.' },
    async ({ caller, flags }) => {
      const books = await caller.call(readVendorBooks);
      answer(flags, books, () => booksText(books));
      if (books.defects.length > 0) {
        process.exitCode = 1;
      }
    },
  );
}
