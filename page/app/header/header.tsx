import { isSimulated } from '../../../lambda/shared/is-simulated.ts';
import { useStore } from '../store.ts';
import { stateText } from '../text/account.ts';
import { Meter } from './meter.tsx';
import { PauseSwitch } from './pause-switch.tsx';

/** Which service this is, whether it costs money, and whether calls are made now: always in sight. */
export const Header = () => (
  <header class="top">
    <div class="top-row">
      <h1 class="brand">
        <img src="/favicon.svg" alt="" width="22" height="22" />
        <span>Photo avatars</span>
      </h1>
      <ServiceName />
      <MoneyMark />
      <span class="space" />
      <AccountState />
      <PauseSwitch />
    </div>
  </header>
);

const ServiceName = () => {
  const session = useStore().session.value;
  if (!session) return null;
  const { stack, account, region, service } = session;
  const parts = stack ? [stack, account, region].filter((part) => part !== undefined) : [service];
  return (
    <span class="service" title={service}>
      {parts.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </span>
  );
};

const MoneyMark = () => {
  const { account, session } = useStore();
  const { value } = account.state.value;
  if (!value) return null;
  return session.value?.hasSimulator || isSimulated(value) ? (
    <span class="money" title={`Paid calls go to ${value.joggai_url}, which charges nothing.`}>
      Simulator
    </span>
  ) : (
    <span class="money is-real" title={`Paid calls go to ${value.joggai_url} and cost credits.`}>
      Real money
    </span>
  );
};

const AccountState = () => {
  const { account, now } = useStore();
  const { value, error } = account.state.value;
  if (!value) return error ? <span class="faint">Account not known</span> : null;
  const { name, tone } = stateText(value, now.value);
  const { slots, calls_today: calls, daily_call_limit: limit, credits } = value;
  return (
    <dl class="facts" aria-label="Account">
      <div>
        <dt>Account</dt>
        <dd>
          <span class={`state ${tone}`} data-testid="account-state">
            {name}
          </span>
        </dd>
      </div>
      <div>
        <dt>Credits</dt>
        <dd title={credits ? undefined : 'JoggAI did not say yet.'}>
          {credits ? credits.left.toLocaleString('en') : '–'}
        </dd>
      </div>
      <div>
        <dt>Calls today</dt>
        <dd>
          {calls.toLocaleString('en')}
          <span class="faint"> of {limit.toLocaleString('en')}</span>
          <Meter value={calls} limit={limit} />
        </dd>
      </div>
      <div>
        <dt>Slots used</dt>
        <dd>
          {slots.in_use}
          <span class="faint"> of {slots.total}</span>
          <Meter value={slots.in_use} limit={slots.total} />
        </dd>
      </div>
    </dl>
  );
};
