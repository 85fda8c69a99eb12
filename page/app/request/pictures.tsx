import { useState } from 'preact/hooks';
import type { RecordView } from '../../../client/index.ts';
import { useStore } from '../store.ts';
import { Viewer } from './viewer.tsx';

/** Pictures that one generation usually has: their places are kept free while JoggAI works. */
const EXPECTED = 4;

/** The pictures, in a grid whose cells have their size before the pictures arrive. */
export const Pictures = ({ record }: { readonly record: RecordView }) => {
  const [viewed, setViewed] = useState<number>();
  const { images = [], status, request } = record;
  const shape = request?.aspect_ratio ?? 'square';
  if (status === 'generating') {
    return (
      <div class={`pictures ${shape}`} aria-hidden="true">
        {Array.from({ length: EXPECTED }, (_, place) => (
          <div key={place} class="picture loading" />
        ))}
      </div>
    );
  }
  if (images.length === 0) return null;
  return (
    <>
      <div class={`pictures ${shape}`}>
        {images.map((image, at) => (
          <Picture
            key={image.url}
            image={image}
            number={at + 1}
            of={images.length}
            onView={() => setViewed(at)}
          />
        ))}
      </div>
      {viewed !== undefined && (
        <Viewer images={images} at={viewed} onMove={setViewed} onClose={() => setViewed(undefined)} />
      )}
    </>
  );
};

interface PictureProps {
  readonly image: NonNullable<RecordView['images']>[number];
  readonly number: number;
  readonly of: number;
  readonly onView: () => void;
}

const Picture = ({ image: { link, copy, refused }, number, of, onView }: PictureProps) => {
  const { record } = useStore();
  const [broken, setBroken] = useState<string>();
  if (link === undefined) {
    return (
      <div class="picture missing">
        <p>
          {refused ? `There is no copy: ${refused}.` : copy ? 'Reading the link…' : 'Copied within a minute…'}
        </p>
      </div>
    );
  }
  if (broken === link) {
    return (
      <div class="picture missing">
        <p>The picture could not be loaded.</p>
        <button type="button" class="small" onClick={() => record.refresh()}>
          Read the link anew
        </button>
      </div>
    );
  }
  return (
    <button type="button" class="picture" onClick={onView} aria-label={`View picture ${number} of ${of}`}>
      <img
        src={link}
        alt=""
        loading="lazy"
        onError={() => {
          // A link is valid for 15 minutes: the record has a new one.
          setBroken(link);
          record.refresh();
        }}
      />
    </button>
  );
};
