import { readFile } from 'node:fs/promises';
import { moneyText, pointsText } from '@taika/cli/amounts';
import { misused, readCount, readMoneyIn, readThousandths } from '@taika/cli/read-amounts';
import { readMonth } from '@taika/cli/read-day';
import { KeyError, keyPairOf, type PublicJwk, parsePrivateKey, parsePublicKey } from '@taika/crypto/keys';
import type { Caller } from '@taika/http/call';
import {
  addCustomer as addCustomerRoute,
  addVendor as addVendorRoute,
  type LicenseFeeRuleText,
  setLicenseFee as setLicenseFeeRoute,
} from '@taika/protocol/dispatch/parties';
import type { CustomerId, VendorId } from '@taika/protocol/schema';
import { isUuid, uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import type { Answer } from './contractor.ts';

import { readAmount } from './funds.ts';
import { writeNewKey } from './key-files.ts';

/** Flags of `add-customer`. */
export interface CustomerFlags {
  readonly name: string;
  readonly creditLimit?: string;
}

/** Enrols a customer and shows its key, which nobody can show again. */
export async function addCustomer(
  server: Caller,
  { json }: Answer,
  { name, creditLimit }: CustomerFlags,
): Promise<void> {
  const customerId = uuidv7(new Date(), systemRandom) as CustomerId;
  const credit =
    creditLimit === undefined ? {} : { creditLimit: await readAmount(server, creditLimit, '--credit-limit') };
  const { customer, key } = await server.call(addCustomerRoute, {
    params: { customerId },
    body: { name, ...credit },
  });
  if (json) {
    console.log(JSON.stringify({ customer, key }));
    return;
  }
  console.log(`Customer ${customer.name} is enrolled as ${customer.customerId}.`);
  console.log(key === undefined ? 'Its key was shown before.' : `Its key, shown only now: ${key}`);
  console.log('The customer stores it with: taika login --url <address of this server>');
  if (creditLimit === undefined) {
    console.log(`Before its first job it pays: taika contractor deposit ${customer.customerId} --amount …`);
  }
}

/** Flags of `add-vendor`. */
export interface VendorFlags extends FeeFlags {
  readonly name: string;
  readonly publicKey?: string;
  readonly generateKey?: string;
}

/** Flags that say what a contract pays. */
export interface FeeFlags {
  readonly fee: string;
  readonly feePer: string;
  readonly feeTax?: string;
  readonly minimumPoints?: string;
  readonly minimumHours?: string;
  readonly currency: string;
}

/** Enrols a vendor by a public key that it sent, or by a new one whose private half goes to a file. */
export async function addVendor(server: Caller, { json }: Answer, flags: VendorFlags): Promise<void> {
  const licenseFee = readFee(flags);
  const { kty, crv, x, kid } = await readVendorKey(flags);
  // `taika vendor public-key` names its key by the id under which the vendor signs.
  const vendorId = (kid !== undefined && isUuid(kid) ? kid : uuidv7(new Date(), systemRandom)) as VendorId;
  const vendor = await server.call(addVendorRoute, {
    params: { vendorId },
    body: { name: flags.name, publicKey: { kty, crv, x }, licenseFee },
  });
  if (json) {
    console.log(JSON.stringify({ vendor }));
    return;
  }
  console.log(`Vendor ${vendor.name} is enrolled as ${vendor.vendorId}.`);
  if (flags.generateKey !== undefined) {
    console.log(`Its private key is in ${flags.generateKey}: hand it to the vendor, and keep no copy.`);
  }
}

/** Sets what a vendor's contract pays for one product from a month on, and says from which. */
export async function setLicenseFee(
  server: Caller,
  { json }: Answer,
  flags: FeeFlags & { readonly product: string; readonly from?: string },
  vendorId: string,
): Promise<void> {
  const { product, from } = flags;
  const licenseFee = readFee(flags);
  const { from: fromMonth, ...vendor } = await server.call(setLicenseFeeRoute, {
    params: { vendorId: vendorId as VendorId, product },
    body: { licenseFee, ...(from === undefined ? {} : { from: readMonth(from, '--from') }) },
  });
  if (json) {
    console.log(JSON.stringify({ vendor, from: fromMonth }));
    return;
  }
  const rule = vendor.productTerms?.findLast(
    (each) => each.product === product && (each.from ?? '') <= fromMonth,
  );
  console.log(
    `${vendor.name}, ${product}: ${feeText(rule ?? vendor.licenseFee)}, for months and registrations from ${fromMonth} on.`,
  );
  const later = vendor.productTerms?.find(
    (each) => each.product === product && (each.from ?? '') > fromMonth,
  );
  if (later !== undefined) {
    console.log(`From ${later.from} on as agreed before: ${feeText(later)}.`);
  }
  console.log(`What was earned before ${fromMonth} is paid by the terms before.`);
}

/** Terms as a person reads them: `300 JPY a license-month from 20 points and 10 hours on`. */
export function feeText({ kind, fee, taxBasisPoints = 0, minimum }: LicenseFeeRuleText): string {
  const from =
    minimum === undefined
      ? ''
      : ` from ${pointsText(minimum.pointsMilli)} points and ${minimum.leaseHours} hours on`;
  const tax = taxBasisPoints === 0 ? '' : ` and ${taxBasisPoints / 100} % tax`;
  return `${moneyText(fee)}${tax} a ${kind.replace('per-', '')}${from}`;
}

function readFee({ fee, feePer, feeTax, currency, minimumPoints, minimumHours }: FeeFlags) {
  const kinds: Readonly<Record<string, 'per-registration' | 'per-license-month'>> = {
    registration: 'per-registration',
    month: 'per-license-month',
  };
  const kind = kinds[feePer];
  if (kind === undefined) {
    throw misused(`--fee-per is "${feePer}".`, 'Say registration or month.');
  }
  const minimum = {
    pointsMilli: String(
      minimumPoints === undefined ? 0n : readThousandths(minimumPoints, '--minimum-points'),
    ),
    leaseHours: minimumHours === undefined ? 0 : Number(readCount(minimumHours, '--minimum-hours', 3)),
  };
  const hasMinimum = minimumPoints !== undefined || minimumHours !== undefined;
  // Thousandths of a per cent are tens of basis points.
  const tax = feeTax === undefined ? 0n : readThousandths(feeTax, '--fee-tax');
  if (tax % 10n !== 0n || tax > 100_000n) {
    throw misused(`--fee-tax is "${feeTax}".`, 'Say per cent with at most two decimals, such as 10.');
  }
  return {
    kind,
    fee: readMoneyIn({ amount: fee, currency }, '--fee'),
    ...(tax === 0n ? {} : { taxBasisPoints: Number(tax / 10n) }),
    ...(hasMinimum ? { minimum } : {}),
  };
}

async function readVendorKey({ publicKey, generateKey }: VendorFlags): Promise<PublicJwk> {
  if ((publicKey === undefined) === (generateKey === undefined)) {
    throw misused('A vendor needs one key.', 'Name either --public-key FILE or --generate-key FILE.');
  }
  return publicKey === undefined ? (await writeNewKey(generateKey ?? '')).publicKey : readKeyFile(publicKey);
}

/** A public key, or a private one by mistake or convenience: only its public half is sent. */
async function readKeyFile(file: string): Promise<PublicJwk> {
  try {
    const jwk: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof jwk === 'object' && jwk !== null && 'd' in jwk
      ? keyPairOf(parsePrivateKey(jwk)).publicKey
      : parsePublicKey(jwk);
  } catch (error) {
    if (error instanceof KeyError || error instanceof SyntaxError) {
      throw misused(`${file} holds no key: ${error.message}`, 'Name a file with an Ed25519 key as a JWK.');
    }
    throw error;
  }
}
