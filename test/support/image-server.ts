import type { ServerResponse } from 'node:http';
import { createHandlerServer, listen } from '../../local/server.ts';
import { encodePng } from '../../local/simulator/image/png.ts';

export const PNG = encodePng(64, 64, new Uint8Array(64 * 64 * 3));
export const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10]);
export const WEBP = Buffer.from('RIFF\x24\x00\x00\x00WEBPVP8 ', 'latin1');

type Answer = (response: ServerResponse) => void;

export const image =
  (body: Buffer, contentType = 'image/png'): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': contentType, 'content-length': body.length }).end(body);

/** An answer that starts like a PNG, of this many mebibytes and without a content-length. */
export const endless =
  (mebibytes: number): Answer =>
  (response) => {
    const chunk = Buffer.alloc(1024 * 1024);
    let left = mebibytes;
    response.writeHead(200, { 'content-type': 'image/png' }).write(PNG);
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write(chunk)) return response.once('drain', more);
      }
      return response.end();
    };
    more();
  };

/** Serves images and other content on 127.0.0.1, and records the requests. */
export const startImageServer = async () => {
  const answers = new Map<string, Answer>();
  const requests: string[] = [];
  const open = new Set<ServerResponse>();
  const server = await listen(
    createHandlerServer(async (request, response) => {
      const path = request.url ?? '';
      requests.push(path);
      open.add(response);
      response.once('close', () => open.delete(response));
      const answer = answers.get(path);
      if (answer) answer(response);
      else response.writeHead(404).end('<html>no such image</html>');
    }),
  );
  return {
    ...server,
    requests,
    /** Answers in progress. */
    open,
    /** Sets the answer of a path. Returns its URL. */
    serve(path: string, answer: Answer): string {
      answers.set(path, answer);
      return `${server.url}${path}`;
    },
  };
};

export type ImageServer = Awaited<ReturnType<typeof startImageServer>>;
