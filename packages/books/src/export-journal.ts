import type { Sql } from '@taika/database/connect';
import { commodityScale } from '@taika/ledger/account';
import { type JournalLine, journalLines, type Span } from '@taika/ledger/entries';
import { decimalText } from '@taika/ledger/money';

/** All postings of a span of time as CSV, made while it is read. Amounts are exact decimals. */
export async function* journalCsv(sql: Sql, span: Span): AsyncGenerator<string> {
  yield 'journal,at,event,key,reverses,line,account,commodity,debit,credit\r\n';
  for await (const lines of journalLines(sql, span)) {
    yield lines.map(row).join('');
  }
}

function row({ journalId, at, event, key, reverses, line, account, commodity, amount }: JournalLine): string {
  const text = decimalText(amount < 0n ? -amount : amount, commodityScale(commodity));
  const [debit, credit] = amount > 0n ? [text, ''] : ['', text];
  const cells = [
    journalId,
    at.toISOString(),
    event,
    key,
    reverses ?? '',
    line,
    account,
    commodity,
    debit,
    credit,
  ];
  return `${cells.map((cell) => quoted(String(cell))).join(',')}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
