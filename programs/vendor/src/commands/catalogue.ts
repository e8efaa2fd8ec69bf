import { createReadStream, openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { moneyText, pointsText } from '@taika/cli/amounts';
import { misused, readCount, readMoney, readThousandths } from '@taika/cli/read-amounts';
import { createDigestStream } from '@taika/crypto/node-digest';
import type { Caller } from '@taika/http/call';
import {
  listProducts,
  type ProductText,
  publishRelease,
  putProduct,
  readVendorAbout,
  uploadReleaseFile,
} from '@taika/protocol/vendor/catalogue';
import type { Command } from 'commander';
import { addOperatorCommand, answer } from './operator.ts';
import { rowsText } from './rows-text.ts';

/** `about`, `public-key`, `products`, `add-product`, `publish`. */
export function addCatalogueCommands(command: Command): void {
  addOperatorCommand(
    command,
    { name: 'about', description: 'Who this vendor is.' },
    async ({ caller, flags }) => {
      const about = await caller.call(readVendorAbout);
      answer(flags, about, () =>
        rowsText(
          ['', ''],
          [
            ['vendor', about.vendorId],
            ['name', about.name],
            ['public key', about.publicKey.x],
            ['contractor', about.contractorName || '(has not answered yet)'],
            ['dispatch server', about.dispatchUrl],
            ['version', about.version],
          ],
        ).trim(),
      );
    },
  );

  addOperatorCommand(
    command,
    {
      name: 'public-key',
      description: 'The public key as a JWK, for the contractor’s add-vendor.',
    },
    async ({ caller }) => {
      const { vendorId, publicKey } = await caller.call(readVendorAbout);
      // The key's name is the vendor's id, under which the contractor is to enrol it.
      console.log(JSON.stringify({ ...publicKey, kid: vendorId }));
    },
  );

  addOperatorCommand(
    command,
    { name: 'products', description: 'What is offered.' },
    async ({ caller, flags }) => {
      const products = await caller.call(listProducts);
      answer(flags, products, () => productsText(products.items));
    },
  );

  addOperatorCommand<AddProductFlags>(
    command,
    { name: 'add-product', description: 'Offer a product, or change it.', options: addProductFlags },
    async ({ caller, flags }) => {
      const product = await caller.call(putProduct, {
        params: { product: flags.product },
        body: productOf(flags),
      });
      answer(flags, product, () => productsText([product]));
    },
  );

  addOperatorCommand<PublishFlags>(
    command,
    { name: 'publish', description: 'Publish a release of a product.', options: publishFlags },
    async ({ caller, flags }) => {
      const files = [
        await uploadFile(caller, flags.app, 'application', flags.appStart),
        await uploadFile(caller, flags.agent, 'agent', flags.agentStart),
      ].filter((file) => file !== undefined);
      if (files.length === 0) {
        throw misused('A release needs a file.', 'Give --app FILE, --agent FILE or both.');
      }
      const params = { product: flags.product, version: flags.version };
      const release = await caller.call(publishRelease, { params, body: { files } });
      answer(flags, release, () =>
        rowsText(
          ['file', 'role', 'bytes', 'sha256'],
          release.files.map(({ name, role, bytes, sha256 }) => [name, role, String(bytes), sha256]),
        ),
      );
    },
  );
}

interface AddProductFlags {
  readonly product: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly price: string;
  readonly per: string;
  readonly windowDays: string;
  readonly pointsMin: string;
  readonly devices: string;
}

const addProductFlags = [
  { flag: '--product <name>', text: 'short name: lower-case letters, digits and hyphens', required: true },
  { flag: '--kind <kind>', text: 'application or service', required: true },
  { flag: '--title <text>', text: 'name for people', required: true },
  { flag: '--description <text>', text: 'what it is', fallback: '' },
  { flag: '--price <money>', text: 'price in money beside computing, such as "500 JPY"', required: true },
  { flag: '--per <period>', text: 'month or once', fallback: 'month' },
  { flag: '--window-days <days>', text: 'days in which work counts for a license', fallback: '30' },
  { flag: '--points-min <points>', text: 'points that a license asks for in that window', fallback: '0' },
  { flag: '--devices <count>', text: 'terminals on which one license may be activated', fallback: '3' },
] as const;

interface PublishFlags {
  readonly product: string;
  readonly version: string;
  readonly app?: string;
  readonly agent?: string;
  readonly appStart?: string;
  readonly agentStart?: string;
}

const publishFlags = [
  { flag: '--product <name>', text: 'the product', required: true },
  { flag: '--version <version>', text: 'the version; a published one never changes', required: true },
  { flag: '--app <file>', text: 'the application’s file' },
  { flag: '--agent <file>', text: 'the license agent’s file' },
  { flag: '--app-start <command>', text: 'how the application is started, for people' },
  { flag: '--agent-start <command>', text: 'how the agent is started, for people' },
] as const;

function productOf(flags: AddProductFlags): Omit<ProductText, 'product'> {
  const { kind, title, description, price, per } = flags;
  if (kind !== 'application' && kind !== 'service') {
    throw misused(`--kind is "${kind}".`, 'Say application or service.');
  }
  if (per !== 'month' && per !== 'once') {
    throw misused(`--per is "${per}".`, 'Say month or once.');
  }
  return {
    kind,
    title,
    description,
    cashPrice: { price: readMoney(price, '--price'), per },
    policy: {
      windowDays: Number(readCount(flags.windowDays, '--window-days')),
      pointsMilliMin: String(readThousandths(flags.pointsMin, '--points-min')),
      devicesMax: Number(readCount(flags.devices, '--devices')),
    },
  };
}

async function uploadFile(
  caller: Caller,
  file: string | undefined,
  role: 'application' | 'agent',
  start: string | undefined,
) {
  if (file === undefined) {
    return undefined;
  }
  const { sha256, bytes } = await digestOf(file);
  const response = await caller.open(uploadReleaseFile, {
    params: { sha256 },
    bytes: await openAsBlob(file),
  });
  await response.body?.cancel();
  return { name: basename(file), role, sha256, bytes, ...(start === undefined ? {} : { start }) };
}

async function digestOf(file: string): Promise<{ sha256: string; bytes: number }> {
  const digest = createDigestStream();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await pipeline(createReadStream(file), digest, nowhere);
  return { sha256: digest.digestHex(), bytes: digest.byteCount() };
}

function productsText(products: readonly ProductText[]): string {
  return rowsText(
    ['product', 'kind', 'title', 'in money', 'points asked', 'terminals'],
    products.map(({ product, kind, title, cashPrice, policy }) => [
      product,
      kind,
      title,
      `${moneyText(cashPrice.price)} / ${cashPrice.per}`,
      `${pointsText(policy.pointsMilliMin)} in ${policy.windowDays} days`,
      String(policy.devicesMax),
    ]),
  );
}
