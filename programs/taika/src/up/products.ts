import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildAgentArtifact } from '@taika/agent/build-artifact';
import { buildEditorArtifact } from '@taika/example-editor/build-artifact';
import {
  type ProductText,
  publishRelease,
  putProduct,
  readVendorAbout,
  uploadReleaseFile,
} from '@taika/protocol/vendor/catalogue';
import { setUsagePrice } from '@taika/protocol/vendor/services';
import { stop as stopBundler } from 'esbuild';
import type { Companies } from './companies.ts';
import type { Layout } from './layout.ts';
import type { Story } from './story.ts';

type Offer = Omit<ProductText, 'product'>;

const yen = (amount: number) => ({ currency: 'JPY', amountMilli: String(amount * 1000) });
const policy = { windowDays: 30, pointsMilliMin: '0', devicesMax: 3 };

/** What the vendor of the demonstration offers: one application, two services. */
const offers: Readonly<Record<string, Offer>> = {
  editor: {
    kind: 'application',
    title: 'Fude, a Markdown editor',
    description: 'Writes, previews and exports Markdown.',
    cashPrice: { price: yen(480), per: 'month' },
    policy,
  },
  shop: {
    kind: 'service',
    title: 'Hinata Mail Order',
    description: 'Good things by mail; points are taken off the bill.',
    cashPrice: { price: yen(0), per: 'once' },
    policy,
  },
  lookup: {
    kind: 'service',
    title: 'Prefectures of Japan',
    description: 'A database search paid by use; points are taken off the month’s bill.',
    cashPrice: { price: yen(0), per: 'month' },
    policy,
  },
};

const lookupPrice = { price: yen(3), description: 'search' };

/** Publishes what the vendor offers. The version names the content, so a repeated start publishes nothing twice. */
export async function offerProducts({ vendor }: Companies, layout: Layout, story: Story): Promise<void> {
  const folder = join(layout.vendor, 'built');
  await mkdir(folder, { recursive: true });
  const { publicKey } = await vendor.call(readVendorAbout);
  const agentFile = await buildAgentArtifact({ outFile: join(folder, 'taika-agent.mjs') });
  const editorFile = await buildEditorArtifact({
    outFile: join(folder, 'fude-editor.mjs'),
    vendorKey: publicKey,
  });
  // The bundler keeps a process of its own, which nobody needs from here on.
  await stopBundler();
  const agent = await upload(vendor, agentFile.file, 'agent');
  const editor = await upload(vendor, editorFile.file, 'application');
  for (const [product, offer] of Object.entries(offers)) {
    await vendor.call(putProduct, { params: { product }, body: offer });
    const files = offer.kind === 'application' ? [editor, agent] : [agent];
    await vendor.call(publishRelease, { params: { product, version: versionOf(files) }, body: { files } });
  }
  await vendor.call(setUsagePrice, { params: { product: 'lookup' }, body: lookupPrice });
  story.step(
    '',
    `The vendor offers ${Object.values(offers)
      .map((offer) => offer.title)
      .join('; ')}.`,
  );
}

interface ReleaseFile {
  readonly name: string;
  readonly role: 'application' | 'agent';
  readonly sha256: string;
  readonly bytes: number;
  readonly start: string;
}

async function upload(
  vendor: Companies['vendor'],
  file: string,
  role: ReleaseFile['role'],
): Promise<ReleaseFile> {
  const content = await readFile(file);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const response = await vendor.open(uploadReleaseFile, {
    params: { sha256 },
    bytes: await openAsBlob(file),
  });
  await response.arrayBuffer();
  return { name: basename(file), role, sha256, bytes: content.length, start: `node ${basename(file)}` };
}

function versionOf(files: readonly ReleaseFile[]): string {
  const content = createHash('sha256')
    .update(files.map((file) => file.sha256).join())
    .digest('hex');
  return `0.1.0+${content.slice(0, 8)}`;
}
