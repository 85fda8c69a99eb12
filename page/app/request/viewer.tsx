import { useEffect, useRef, useState } from 'preact/hooks';
import type { RecordView } from '../../../client/index.ts';
import { ArrowIcon, BackIcon, CloseIcon, OpenIcon } from '../parts/icons.tsx';
import { useStore } from '../store.ts';

interface ViewerProps {
  readonly images: NonNullable<RecordView['images']>;
  readonly at: number;
  readonly onMove: (at: number) => void;
  readonly onClose: () => void;
}

/** One picture as large as the window. The arrow keys lead to the others, Esc closes it, a click shows its own size. */
export const Viewer = ({ images, at, onMove, onClose }: ViewerProps) => {
  const { record } = useStore();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isZoomed, setZoomed] = useState(false);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const count = images.length;
  const move = (step: number) => {
    setZoomed(false);
    onMove((at + step + count) % count);
  };
  const link = images[at]?.link;
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={`Picture ${at + 1} of ${count}`}
      onClose={onClose}
      onKeyDown={({ key }) => {
        if (key === 'ArrowRight') move(1);
        if (key === 'ArrowLeft') move(-1);
      }}
    >
      <header class="viewer-head">
        <span aria-live="polite">
          Picture {at + 1} of {count}
        </span>
        <span class="space" />
        {link && (
          <a class="button" href={link} target="_blank" rel="noreferrer" download>
            <OpenIcon /> Open the file
          </a>
        )}
        <button type="button" class="square" aria-label="Previous picture" onClick={() => move(-1)}>
          <BackIcon />
        </button>
        <button type="button" class="square" aria-label="Next picture" onClick={() => move(1)}>
          <ArrowIcon />
        </button>
        <button type="button" class="square" aria-label="Close" onClick={() => dialog.current?.close()}>
          <CloseIcon />
        </button>
      </header>
      <div class={isZoomed ? 'viewer-stage zoomed' : 'viewer-stage'}>
        {link ? (
          <button
            type="button"
            class="bare"
            aria-label={isZoomed ? 'Fit into the window' : 'Show in its own size'}
            onClick={() => setZoomed(!isZoomed)}
          >
            <img src={link} alt={`Avatar ${at + 1}`} onError={() => record.refresh()} />
          </button>
        ) : (
          <p>There is no copy of this picture: {images[at]?.refused ?? 'it is being made'}.</p>
        )}
      </div>
    </dialog>
  );
};
