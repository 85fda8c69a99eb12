import { isPhotoAvatarEvent, validateRequestDetail } from '../../events/index.ts';

/** The URLs at JoggAI of the pictures in an event, as EventBridge delivers it. */
export const picturesIn = (event: unknown): string[] => {
  if (!isPhotoAvatarEvent(event) || event['detail-type'] !== 'Photo Avatar Succeeded') return [];
  return event.detail.images.map(({ url }) => url);
};

/** Throws what the service would record as rejected: check a request before you put its event. */
export const checkRequest = (detail: unknown): void => {
  const [error] = validateRequestDetail(detail);
  if (error) throw new Error(`${error.field} ${error.message}`);
};
