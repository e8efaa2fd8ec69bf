import { type ListPapersFlags, listPapers, type WritePaperFlags, writePaper } from '@taika/cli/papers';
import type { PartyDetailsText } from '@taika/protocol/documents';
import { connect } from './connect.ts';

/** `taika invoices`: what was invoiced for each job, or with `--credit-notes` what was credited; as files too. */
export function invoices(flags: ListPapersFlags): Promise<void> {
  return listPapers(connect, flags);
}

/** `taika invoice NUMBER`: one invoice or credit note as a file. The name of the file says the format. */
export function invoice(number: string, flags: WritePaperFlags): Promise<void> {
  const remedy =
    'List your invoices with `taika invoices`, credit notes with `taika invoices --credit-notes`.';
  return writePaper(connect, number, { ...flags, remedy });
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
