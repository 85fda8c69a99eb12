import type { RecordView } from '../lambda/views/schemas.ts';
import { isPhotoAvatarsError } from './errors.ts';
import { refusedHere, toError } from './failure.ts';
import type { Downloaded, PhotoAvatarsClient } from './photo-avatars-client.ts';
import type { Send } from './transport.ts';

type Image = NonNullable<RecordView['images']>[number];

/** The id of the record in the key of a copy: `images/<id>/1.png`. */
const RECORD_ID = /^images\/([^/]+)\/[^/]+$/;

export interface DownloadPorts {
  readonly send: Send;
  readonly get: PhotoAvatarsClient['get'];
}

/** Downloads the copy of an image by its signed link, which needs no other authorization. */
export const createDownload =
  ({ send, get }: DownloadPorts): PhotoAvatarsClient['download'] =>
  async (image, { signal } = {}) => {
    const { copy } = image;
    const id = RECORD_ID.exec(copy?.key ?? '')?.[1];
    if (!copy || id === undefined) throw noCopy(image);
    const fetchCopy = async (link: string): Promise<Downloaded> => {
      const { bytes } = await send({ method: 'GET', url: link, signal });
      return { bytes, contentType: copy.content_type };
    };
    const newLink = async (): Promise<string> => {
      const { images = [] } = await get(id, { signal });
      const link = images.find((one) => one.copy?.key === copy.key)?.link;
      if (link === undefined) throw noCopy(image);
      return link;
    };
    if (image.link === undefined) return fetchCopy(await newLink());
    try {
      return await fetchCopy(image.link);
    } catch (error) {
      if (!isPhotoAvatarsError(error) || error.status !== 403) throw error;
      return fetchCopy(await newLink());
    }
  };

const noCopy = ({ refused }: Image) => {
  const what = refused === undefined ? 'The image has no copy yet.' : `The image has no copy: ${refused}.`;
  const advice = 'Read the record again in a minute, or use the `url` at JoggAI while it works.';
  return toError(refusedHere(undefined, what, advice), {});
};
