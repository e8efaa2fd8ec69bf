import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { Party } from '@taika/documents/document';

/** Both parties of a document. */
export interface DocumentParties {
  readonly seller: Party;
  readonly buyer: Party;
}

/** A customer as documents name it now. */
export async function findCustomerParty(
  sql: SqlOrTransaction,
  customerNumber: bigint,
  countryDefault: string,
): Promise<Party> {
  const [row] = await sql<
    { id: string; name: string; address: string | null; registrationNumber: string | null; country: string }[]
  >`
    select id, name, address, registration_number, coalesce(country, ${countryDefault}) as country
    from customer
    where number = ${customerNumber}
  `;
  if (row === undefined) {
    throw new Error(`There is no customer ${customerNumber}.`);
  }
  const { id, name, address, registrationNumber, country } = row;
  return {
    id,
    name,
    address: address ?? undefined,
    registrationNumber: registrationNumber ?? undefined,
    country,
  };
}

/** Keeps the parties of a document. */
export async function insertDocumentParties(
  tx: Transaction,
  { documentId, seller, buyer }: DocumentParties & { readonly documentId: string },
): Promise<void> {
  await tx`
    insert into document_parties (document_id, seller, buyer)
    values (${documentId}, ${tx.json({ ...seller })}, ${tx.json({ ...buyer })})
  `;
}

/** The parties of a document, as they were when it was issued. */
export async function findDocumentParties(
  sql: SqlOrTransaction,
  documentId: string,
): Promise<DocumentParties | undefined> {
  const [row] = await sql<DocumentParties[]>`
    select seller, buyer
    from document_parties
    where document_id = ${documentId}
  `;
  return row;
}
