import type { AccountBody } from '../../../client/index.ts';
import { isSimulated } from '../../../lambda/shared/is-simulated.ts';
import { useStore } from '../store.ts';

interface PayButtonProps {
  readonly isBusy: boolean;
  readonly isDisabled: boolean;
  readonly account: AccountBody | undefined;
}

/** Says before the call what it costs. */
export const PayButton = ({ isBusy, isDisabled, account }: PayButtonProps) => {
  const session = useStore().session.value;
  const isFree = session?.hasSimulator || (account !== undefined && isSimulated(account));
  const left = account?.credits?.left;
  return (
    <>
      <p class="cost" id="cost">
        <strong>One paid call{isFree ? ', simulated' : ''}.</strong>{' '}
        {isFree ? 'It costs nothing.' : 'JoggAI charges it at once; its public price is 0.2 credits.'}
        {left !== undefined && ` Credits left: ${left.toLocaleString('en')}.`}
      </p>
      <button
        type="submit"
        class={`wide ${isFree ? 'primary' : 'primary paid'}`}
        aria-describedby="cost"
        disabled={isDisabled}
      >
        {isBusy ? 'Sending…' : isFree ? 'Ask for pictures' : 'Pay for pictures'}
      </button>
    </>
  );
};
