import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

const PNG_SIGNATURE = '89504e470d0a1a0a';

/** What becomes of a request that JoggAI took: pictures that are kept, and a word to everybody who asked. */
export const tellPictureStory = async (stage: Stage, narrator: Narrator, id: string): Promise<void> => {
  narrator.chapter(`The pictures of the first request: GET /photo-avatars/${id}`);
  const record = await stage.until(async () => {
    const { body } = await stage.call('GET', `/photo-avatars/${id}`);
    return body.status === 'succeeded' && body.images.every(({ copy }: { copy?: object }) => copy)
      ? body
      : undefined;
  });
  for (const { copy, link } of record.images) {
    narrator.say(`s3://${stage.service.bucketName}/${copy.key}  ${copy.content_type}, ${copy.bytes} bytes`);
    narrator.say(`  ${link.slice(0, 100)}…`);
  }
  narrator.check('it succeeded, and every picture is kept in our bucket', record.images.length > 0);

  const response = await fetch(record.images[0].link);
  const picture = Buffer.from(await response.arrayBuffer());
  const isPicture = picture.subarray(0, 8).toString('hex') === PNG_SIGNATURE;
  narrator.check('a signed link opens a picture', response.status === 200 && isPicture);

  const announced = await stage.until(async () =>
    stage.announcements.find((event) => JSON.stringify(event).includes(`"id":"${id}"`)),
  );
  narrator.say(JSON.stringify(announced, null, 2));
  narrator.check(
    'everybody who listens on the bus was told',
    JSON.stringify(announced).includes('Photo Avatar Succeeded'),
  );
};
