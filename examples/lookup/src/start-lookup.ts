import { serve } from '@taika/example-service-kit/listen';
import type { RunningService, StartOptions } from '@taika/example-service-kit/run-service';
import { createService } from '@taika/example-service-kit/service';
import { readSessionPoints, recordUsage } from '@taika/protocol/vendor/services';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { billPage, searchPage, type Usage } from './pages.ts';
import { search } from './prefectures.ts';

/** What the search remembers of a visitor. */
interface Notes {
  usage: Usage | undefined;
}

/** Starts the sample database search: the key is asked for at the start of the session, and each use is counted (SPEC C2, C3, C5). */
export function startLookup(options: StartOptions): Promise<RunningService> {
  const service = createService<Notes>({
    vendorUrl: options.vendorUrl,
    serviceKey: options.serviceKey,
    name: { en: 'Prefecture Search', ja: '都道府県サーチ' },
    links: [
      { path: '/', name: { en: 'Search', ja: '検索' } },
      { path: '/bill', name: { en: 'Bill', ja: '請求' } },
    ],
    home: '/',
    createNotes: () => ({ usage: undefined }),
  });

  service.memberPage('GET', '/', ({ language, visitor }) => searchPage(language, visitor.notes.usage));

  service.memberPage('POST', '/search', async ({ language, visitor, vendor, member, form }) => {
    const text = (form.get('text') ?? '').slice(0, 60);
    if (text.trim() === '') {
      return { goTo: '/' };
    }
    // Counted first: what is not counted is not served.
    visitor.notes.usage = await vendor.call(recordUsage, {
      params: { usageId: uuidv7(new Date(), systemRandom) },
      body: { session: member.session, quantity: 1, description: `search: ${text}` },
    });
    return searchPage(language, visitor.notes.usage, { text, rows: search(text) });
  });

  service.memberPage('GET', '/bill', async ({ language, visitor, vendor, member }) => {
    const { availableMilli } = await vendor.call(readSessionPoints, { query: { session: member.session } });
    return billPage(language, visitor.notes.usage, availableMilli);
  });

  return serve(service, options);
}
