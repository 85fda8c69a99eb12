import type { ComponentChildren } from 'preact';
import { Ask } from './ask/ask.tsx';
import { Banners } from './header/banners.tsx';
import { Header } from './header/header.tsx';
import { Line } from './line/line.tsx';
import { ToResolve } from './line/to-resolve.tsx';
import { Request } from './request/request.tsx';
import type { View } from './service/place.ts';
import { SimulatorPanel } from './simulator/simulator.tsx';
import { useStore } from './store.ts';

export const App = () => {
  const { place, announcement } = useStore();
  const { view, id } = place.value;
  return (
    <div class="page" data-view={view} data-open={id !== undefined}>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the requests
      </button>
      <Header />
      <Tabs />
      <Banners />
      <div class="layout">
        <Ask />
        <main id="main" tabIndex={-1}>
          {view === 'resolve' ? <ToResolve /> : view === 'simulator' ? <SimulatorPanel /> : <Line />}
        </main>
        {id !== undefined && <Request />}
      </div>
      <p class="visually-hidden" role="status" aria-live="polite">
        {announcement.value}
      </p>
    </div>
  );
};

const Tabs = () => {
  const { session, unresolved } = useStore();
  const { value } = unresolved.state.value;
  const count = value?.items.length ?? 0;
  return (
    <nav class="tabs" aria-label="Views">
      <Tab view="ask">New request</Tab>
      <Tab view="line">The line</Tab>
      <Tab view="resolve">
        To resolve
        {count > 0 && (
          <span class="count" data-testid="to-resolve">
            {count}
            {value?.isPartial && '+'}
          </span>
        )}
      </Tab>
      {session.value?.hasSimulator && <Tab view="simulator">Simulator</Tab>}
    </nav>
  );
};

const Tab = ({ view, children }: { readonly view: View; readonly children: ComponentChildren }) => {
  const { place, linkTo } = useStore();
  return (
    <a
      class="tab"
      data-view={view}
      href={linkTo({ view, id: undefined })}
      aria-current={place.value.view === view ? 'page' : undefined}
    >
      {children}
    </a>
  );
};
