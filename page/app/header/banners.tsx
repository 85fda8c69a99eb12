import { useEffect } from 'preact/hooks';
import type { ActiveAlarm } from '../../contract.ts';
import { Age } from '../parts/age.tsx';
import { OpenIcon, WarningIcon } from '../parts/icons.tsx';
import { useStore } from '../store.ts';
import { stateText } from '../text/account.ts';

/** Why no calls are made, and each alarm that is on. */
export const Banners = () => {
  useAnnouncement();
  return (
    <section class="banners" aria-label="Alarms and state of the account">
      <StateBanner />
      <AlarmBanners />
    </section>
  );
};

/** Says what changed. The banners themselves are not live: how long an alarm is on changes every second. */
const useAnnouncement = (): void => {
  const { account, alarms, announcement, now } = useStore();
  const { value } = account.state.value;
  const state = value && stateText(value, now.peek());
  const names = alarms.state.value.value?.items.map(({ name }) => name) ?? [];
  const text = [
    state && `Account: ${state.name}. ${state.why ?? ''}`,
    names.length > 0 && `Alarms: ${names.join(', ')}.`,
  ]
    .filter(Boolean)
    .join(' ');
  useEffect(() => {
    if (text !== '') announcement.value = text;
  }, [text]);
};

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
