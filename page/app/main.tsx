import { type Signal, signal } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import { createService } from './service/service.ts';
import { takeToken } from './service/token.ts';
import { createStore, type Store, StoreProvider } from './store.ts';
import './styles/main.css';

/** The server asked for its token, and the page does not have it. */
const isLockedOut = signal(false);

const { token, hash } = takeToken(location.hash, sessionStorage);
// The token must not be in the address, from which people copy links.
history.replaceState(null, '', `${location.pathname}${hash === '' ? '' : `#${hash}`}`);

const store: Store = createStore(
  createService({
    origin: location.origin,
    token,
    fetch: (...call) => fetch(...call),
    onUnauthorized: () => {
      isLockedOut.value = true;
      store.stop();
    },
  }),
);

const readSession = async (): Promise<void> => {
  try {
    store.session.value = await store.service.session();
    document.title = `Photo avatars · ${store.session.value.stack ?? store.session.value.service}`;
  } catch {
    // The other reads fail, too, and say why.
    window.setTimeout(readSession, 5_000);
  }
};
void readSession();

const Root = ({ store, isLockedOut }: { readonly store: Store; readonly isLockedOut: Signal<boolean> }) =>
  isLockedOut.value ? (
    <LockedOut />
  ) : (
    <StoreProvider value={store}>
      <App />
    </StoreProvider>
  );

const LockedOut = () => (
  <main class="locked-out">
    <img src="/favicon.svg" alt="" width="40" height="40" />
    <h1>Open the printed URL again</h1>
    <p>
      This page lacks the token of the service that serves it. The service makes a new token at each start,
      and prints a URL that carries it.
    </p>
    <p>
      Look at the terminal of <code>npm start</code> or <code>photo-avatars console</code>, and open that URL.
      If it does not run any more, start it again.
    </p>
  </main>
);

const root = document.getElementById('app');
if (root) render(<Root store={store} isLockedOut={isLockedOut} />, root);
