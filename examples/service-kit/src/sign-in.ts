import { RemoteError } from '@taika/http/call';
import { openServiceSession } from '@taika/protocol/vendor/services';
import { type Html, html } from './html.ts';
import type { Language, Texts } from './language.ts';
import type { Page } from './layout.ts';
import type { Service } from './service.ts';

/**
 * Signing in with the license key that the agent shows (steps 601 to 604). The vendor server counts wrong keys of the whole
 * service, so the service counts those of each visitor first.
 */
export function addSignIn<Notes>(service: Service<Notes>, home: string): void {
  const wrongKeys = new WeakMap<object, number>();

  service.page('GET', '/sign-in', ({ language }) => signInPage(language));

  service.page('POST', '/sign-in', async ({ language, visitor, vendor, form, signIn }) => {
    const failures = wrongKeys.get(visitor) ?? 0;
    if (failures >= wrongKeysMax) {
      return signInPage(language, texts[language].tooMany);
    }
    try {
      const licenseKey = (form.get('key') ?? '').slice(0, 100);
      const opened = await vendor.call(openServiceSession, { body: { licenseKey } });
      signIn({ session: opened.session, name: opened.memberName, keyHint: opened.licenseKeyHint });
      return { goTo: home };
    } catch (error) {
      if (error instanceof RemoteError && error.status >= 400 && error.status < 500) {
        wrongKeys.set(visitor, failures + 1);
        return signInPage(language, refusalText(error, language));
      }
      throw error;
    }
  });

  service.page('POST', '/sign-out', ({ signOut }) => {
    signOut();
    return { goTo: '/' };
  });
}

const wrongKeysMax = 10;

function refusalText({ code, problem }: RemoteError, language: Language): string {
  const say = texts[language];
  if (code === 'rate-limited') {
    return say.tooMany;
  }
  if (code === 'license-refused') {
    return problem.license === 'revoked' ? say.revoked : say.ended;
  }
  return problem.mistyped === true ? say.mistyped : say.unknown;
}

function signInPage(language: Language, error?: string): Page {
  const say = texts[language];
  const alert: Html | undefined =
    error === undefined ? undefined : html`<p class="error" role="alert" id="wrong">${error}</p>`;
  return {
    title: say.title,
    body: html`${alert}
<form method="post" action="/sign-in">
<div class="field">
<label for="key">${say.label}</label>
<input id="key" name="key" required autocomplete="off" autocapitalize="characters" spellcheck="false" size="32" placeholder="XXXXX-XXXXX-XXXXX-XXXXX-XXXXX" aria-describedby="hint${error === undefined ? '' : ' wrong'}">
<span class="hint" id="hint">${say.hint}</span>
</div>
<button>${say.button}</button>
</form>
<p>${say.none}</p>
<pre><code>taika agent register</code></pre>`,
  };
}

type Name =
  | 'title'
  | 'label'
  | 'hint'
  | 'button'
  | 'none'
  | 'mistyped'
  | 'unknown'
  | 'ended'
  | 'revoked'
  | 'tooMany';

const texts: Texts<Record<Name, string>> = {
  en: {
    title: 'Sign in with your license key',
    label: 'License key',
    hint: 'The agent shows it when you register, and again with `taika agent key`. The key signs you in; it never spends points.',
    button: 'Sign in',
    none: 'No key yet? Install the agent and register with this service:',
    mistyped: 'This key has a typing error. Compare it with the agent’s screen.',
    unknown: 'No member of this service has this key.',
    ended:
      'This license has ended. Register again with `taika agent register`, and sign in with the new key.',
    revoked:
      'The contractor revoked the machine of this license for good. Ask the contractor why; you can pay with money.',
    tooMany: 'Too many wrong keys. Wait a minute and try again.',
  },
  ja: {
    title: 'ライセンスキーでサインイン',
    label: 'ライセンスキー',
    hint: '登録のときと `taika agent key` で表示されます。キーはサインインだけに使い、ポイントは使われません。',
    button: 'サインイン',
    none: 'キーをお持ちでない方は、エージェントを導入してこのサービスに登録してください。',
    mistyped: 'キーに打ち間違いがあります。エージェントの画面と見比べてください。',
    unknown: 'このキーの会員はいません。',
    ended:
      'このライセンスは終了しています。`taika agent register` でもう一度登録し、新しいキーでサインインしてください。',
    revoked:
      'このライセンスの端末は請負事業者により取り消されました。理由は請負事業者にお問い合わせください。ポイントを使わずにお支払いいただけます。',
    tooMany: '間違ったキーが続きました。しばらく待ってからお試しください。',
  },
};
