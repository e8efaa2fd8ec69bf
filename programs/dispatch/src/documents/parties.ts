import type { Transaction } from '@taika/database/connect';
import type { Party } from '@taika/documents/document';
import type { Contractor } from '../context.ts';
import { findCustomerParty, insertDocumentParties } from './queries.ts';

/** The contractor as documents name it now. */
export function contractorParty({ name, registrationNumber, address, country }: Contractor): Party {
  return { id: 'contractor', name, registrationNumber, address, country };
}

/** Keeps how both parties of an invoice are called at this moment. */
export async function noteParties(
  tx: Transaction,
  {
    documentId,
    customerNumber,
    contractor,
  }: { readonly documentId: string; readonly customerNumber: bigint; readonly contractor: Contractor },
): Promise<void> {
  const buyer = await findCustomerParty(tx, customerNumber, contractor.country);
  await insertDocumentParties(tx, { documentId, seller: contractorParty(contractor), buyer });
}
