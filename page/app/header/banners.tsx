import type { ActiveAlarm } from '../../contract.ts';
import { Age } from '../parts/age.tsx';
import { OpenIcon, WarningIcon } from '../parts/icons.tsx';
import { useStore } from '../store.ts';
import { stateText } from '../text/account.ts';

/** Why no calls are made, and each alarm that is on. */
export const Banners = () => (
  <section class="banners" aria-label="Alarms and state of the account" aria-live="polite">
    <StateBanner />
    <AlarmBanners />
  </section>
);

const StateBanner = () => {
  const { account, now } = useStore();
  const { value } = account.state.value;
  if (!value) return null;
  const { name, tone, why, end } = stateText(value, now.value);
  if (why === undefined) return null;
  return (
    <div class={`banner ${tone}`} data-testid="state-banner">
      <WarningIcon />
      <p>
        <strong>{name}.</strong> {why} {end}
      </p>
    </div>
  );
};

const AlarmBanners = () => {
  const { value } = useStore().alarms.state.value;
  if (!value) return null;
  return (
    <>
      {value.items.map((alarm) => (
        <AlarmBanner key={alarm.name} {...alarm} />
      ))}
      {value.unavailable && <p class="faint unavailable">Alarms are not known: {value.unavailable}</p>}
    </>
  );
};

const AlarmBanner = ({ name, description, since, runbookUrl }: ActiveAlarm) => (
  <div class="banner bad" data-testid="alarm">
    <WarningIcon />
    <p>
      <strong>Alarm {name}.</strong> {description}{' '}
      {since && (
        <span class="faint">
          On for <Age at={since} />.
        </span>
      )}
    </p>
    {runbookUrl && isHttps(runbookUrl) && (
      <a class="runbook" href={runbookUrl} target="_blank" rel="noreferrer">
        What to do <OpenIcon />
      </a>
    )}
  </div>
);

/** No other scheme may become a link: it comes from a description. */
const isHttps = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'https:';
