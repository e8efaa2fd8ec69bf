import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addServiceKey } from '@taika/protocol/vendor/services';
import { replaceFile } from '@taika/runtime/replace-file';
import type { Companies } from './companies.ts';
import { choosePort } from './free-port.ts';
import type { Layout } from './layout.ts';
import { type Service, startService } from './service.ts';
import type { Story } from './story.ts';

/** Addresses of the sample services' pages by product. */
export interface ServicePages extends AsyncDisposable {
  readonly urls: Readonly<Record<string, string>>;
}

const examples = fileURLToPath(new URL('../../../../examples/', import.meta.url));

/** Starts the shop and the lookup as processes of their own; each talks only to the vendor server. */
export async function startServicePages(
  ports: Readonly<Record<string, number>>,
  companies: Companies,
  layout: Layout,
  story: Story,
): Promise<ServicePages> {
  await using stack = new AsyncDisposableStack();
  const urls: Record<string, string> = {};
  for (const [product, wanted] of Object.entries(ports)) {
    const port = await choosePort(product, wanted, layout.state, story);
    const url = `http://127.0.0.1:${port}`;
    stack.use(await startPage(product, port, companies, layout, story));
    urls[product] = url;
  }
  const running = stack.move();
  return { urls, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function startPage(
  product: string,
  port: number,
  companies: Companies,
  layout: Layout,
  story: Story,
): Promise<Service> {
  const keyFile = join(layout.home, 'services', `${product}.key`);
  await ensureServiceKey(product, keyFile, companies);
  return startService({
    name: product,
    command: [
      join(examples, product, 'src', 'main.ts'),
      '--vendor',
      companies.vendorUrl,
      '--service-key-file',
      keyFile,
      '--port',
      String(port),
    ],
    logFile: join(layout.logs, `${product}.log`),
    isReady: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) });
      await response.body?.cancel();
      return response.ok;
    },
    onRestart: (name) => story.step('', `The ${name} ended by itself and was started again.`),
  });
}

/** The vendor server shows a service's key once, so it is kept beside the service. */
async function ensureServiceKey(product: string, keyFile: string, { vendor }: Companies): Promise<void> {
  const isThere = await access(keyFile).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const { key } = await vendor.call(addServiceKey, { params: { product } });
  await replaceFile(keyFile, `${key}\n`);
}
