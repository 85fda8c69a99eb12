import { troubleOf } from '../text/trouble.ts';
import { WarningIcon } from './icons.tsx';

/** A failure, which stays until the next try. */
export const TroubleBox = ({ error }: { readonly error: unknown }) => {
  if (error === undefined) return null;
  const { title, text, requestId } = troubleOf(error);
  return (
    <div class="box bad" role="alert">
      <WarningIcon />
      <div>
        <strong>{title}</strong>
        <p>{text}</p>
        {requestId && (
          <p class="faint">
            Request id <code>{requestId}</code>
          </p>
        )}
      </div>
    </div>
  );
};
