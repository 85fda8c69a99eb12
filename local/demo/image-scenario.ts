import type { Output } from './output.ts';
import type { Demo } from './setup.ts';

const PNG_SIGNATURE = '89504e470d0a1a0a';

/** A successful request: copied images, and the published event. */
export const runImageScenario = async (demo: Demo, output: Output, id: string): Promise<void> => {
  output.section(`The images of the first request: GET /photo-avatars/${id}`);
  const record = await demo.waitFor(async () => {
    const { body } = await demo.call('GET', `/photo-avatars/${id}`);
    return body.status === 'succeeded' && body.images.every(({ copy }: { copy?: object }) => copy)
      ? body
      : undefined;
  });
  for (const { copy, link } of record.images) {
    output.print(`s3://${demo.service.bucketName}/${copy.key}  ${copy.content_type}, ${copy.bytes} bytes`);
    output.print(`  ${link.slice(0, 100)}…`);
  }
  output.check('the request succeeded, and the bucket has a copy of every image', record.images.length > 0);

  const response = await fetch(record.images[0].link);
  const image = Buffer.from(await response.arrayBuffer());
  const isImage = image.subarray(0, 8).toString('hex') === PNG_SIGNATURE;
  output.check('a presigned link returns an image', response.status === 200 && isImage);

  const published = await demo.waitFor(async () =>
    demo.events.find((event) => JSON.stringify(event).includes(`"id":"${id}"`)),
  );
  output.print(JSON.stringify(published, null, 2));
  output.check(
    'the service published the result on the event bus',
    JSON.stringify(published).includes('Photo Avatar Succeeded'),
  );
};
