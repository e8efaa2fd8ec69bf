import { mkdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { moneyText } from '@taika/cli/amounts';
import { CommandError } from '@taika/cli/command-error';
import { checkOutput, writeOutput } from '@taika/cli/output-file';
import { misused, readMoney } from '@taika/cli/read-amounts';
import { readDay } from '@taika/cli/read-day';
import { table } from '@taika/cli/table';
import type { InvoiceText } from '@taika/protocol/dispatch/money';
import type { DocumentFormatText, PartyDetailsText } from '@taika/protocol/documents';
import type { Grid } from '../sdk/grid.ts';
import { connect } from './connect.ts';

/** Flags of `taika invoices`. */
export interface InvoicesOptions {
  readonly json: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly min?: string;
  readonly max?: string;
  readonly pdf?: string | boolean;
  readonly xml?: string | boolean;
  readonly csv?: string | boolean;
  readonly lang?: string;
}

/** `taika invoices`: what was invoiced for each job; with `--pdf`, `--xml` or `--csv` as files too. */
export async function invoices(options: InvoicesOptions): Promise<void> {
  const search = searchOf(options);
  const grid = await connect();
  const listed: InvoiceText[] = await Array.fromAsync(grid.invoices(search));
  const files: string[] = [];
  for (const format of ['pdf', 'xml', 'csv'] as const) {
    const wanted = options[format];
    if (wanted === undefined || wanted === false) continue;
    const folder = typeof wanted === 'string' ? wanted : '.';
    await mkdir(folder, { recursive: true });
    for (const invoice of listed) {
      const file = join(folder, `${invoice.number}.${format}`);
      await write(grid, invoice, { file, format, lang: options.lang });
      files.push(file);
    }
  }
  if (options.json) {
    console.log(JSON.stringify(files.length === 0 ? listed : { invoices: listed, files }));
  } else if (listed.length === 0) {
    console.log('No invoices here. An invoice follows each finished job.');
  } else {
    console.log(
      table(listed, [
        { heading: 'number', text: (invoice) => invoice.number },
        { heading: 'issued', text: (invoice) => invoice.issuedAt.slice(0, 10) },
        { heading: 'for', text: (invoice) => invoice.lines.map((line) => line.description).join(', ') },
        { heading: 'net', text: (invoice) => moneyText(invoice.net), right: true },
        { heading: 'tax', text: (invoice) => moneyText(invoice.tax), right: true },
        { heading: 'total', text: (invoice) => moneyText(invoice.total), right: true },
      ]),
    );
    for (const file of files) console.log(`Written: ${file}`);
  }
}

/** `taika invoice NUMBER`: one invoice as a file. The name of the file says the format. */
export async function invoice(
  number: string,
  options: { readonly json: boolean; readonly output?: string; readonly lang?: string },
): Promise<void> {
  const file = options.output ?? `${number}.pdf`;
  const format = file === '-' ? 'pdf' : formatOf(file);
  await checkOutput(file);
  const grid = await connect();
  const [found] = await Array.fromAsync(grid.invoices({ number }));
  if (found === undefined) {
    throw new CommandError(`You have no invoice ${number}.`, {
      code: 'not-found',
      remedy: 'List your invoices with `taika invoices`.',
    });
  }
  await write(grid, found, { file, format, lang: options.lang });
  if (options.json) console.log(JSON.stringify({ invoice: found, file }));
  else if (file !== '-') console.log(`Written: ${file}`);
}

/** `taika details`: what documents say of this customer from now on. */
export async function details(options: PartyDetailsText & { readonly json: boolean }): Promise<void> {
  const { json, address, registrationNumber, country } = options;
  const wanted = {
    ...(address === undefined ? {} : { address }),
    ...(registrationNumber === undefined ? {} : { registrationNumber }),
    ...(country === undefined ? {} : { country }),
  };
  const kept = await (await connect()).setDetails(wanted);
  console.log(json ? JSON.stringify(kept) : 'Documents issued from now on say so.');
}

async function write(
  grid: Grid,
  { invoiceId }: InvoiceText,
  {
    file,
    format,
    lang,
  }: { readonly file: string; readonly format: DocumentFormatText; readonly lang: string | undefined },
): Promise<void> {
  await writeOutput(grid.invoiceFile(invoiceId, { format, lang: languageOf(lang) }), file);
}

function languageOf(lang: string | undefined): 'ja' | 'en' {
  const wanted = lang ?? (/^ja/.test(process.env.LANG ?? '') ? 'ja' : 'en');
  if (wanted === 'ja' || wanted === 'en') return wanted;
  throw misused(`--lang is "${wanted}".`, 'Give ja or en.');
}

function formatOf(file: string): DocumentFormatText {
  const found = formats.find((format) => extname(file) === `.${format}`);
  if (found !== undefined) return found;
  throw misused(`${file} does not say in which format.`, 'End its name with .pdf, .xml, .csv or .json.');
}

const formats = ['pdf', 'xml', 'csv', 'json'] as const;

function searchOf({ from, to, min, max }: InvoicesOptions) {
  return {
    ...(from === undefined ? {} : { from: readDay(from, '--from') }),
    ...(to === undefined ? {} : { to: readDay(to, '--to') }),
    ...(min === undefined ? {} : { amountFrom: readMoney(min, '--min').amountMilli }),
    ...(max === undefined ? {} : { amountTo: readMoney(max, '--max').amountMilli }),
  };
}
