/** What a page may do: `fetch` of a browser, which throws TypeError where the page may not read the answer. */
export interface Page {
  fetch(url: string, init: PageRequest): Promise<PageResponse>;
}

export interface PageRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The part of a response that a page of another origin can read. */
export interface PageResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Source: https://fetch.spec.whatwg.org/#cors-safelisted-method */
const SAFE_METHODS = ['GET', 'HEAD', 'POST'];

/** Source: https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name */
const SAFE_RESPONSE_HEADERS = [
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
];

/** Source: https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const isSafeHeader = (name: string, value: string): boolean =>
  name === 'accept' ||
  name === 'accept-language' ||
  name === 'content-language' ||
  (name === 'content-type' &&
    /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i.test(value));

const listed = (headers: Headers, name: string): string[] =>
  (headers.get(name) ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

/**
 * A page of this origin in a browser: it follows the fetch standard for requests in mode `cors` without credentials. A
 * request with a header or a method that is not safelisted is preceded by a preflight request.
 * Source: https://fetch.spec.whatwg.org/#cors-preflight-fetch
 */
export const pageOf = (origin: string): Page => {
  const check = (response: Response, what: string) => {
    const allowed = response.headers.get('access-control-allow-origin');
    if (allowed !== origin && allowed !== '*') {
      throw new TypeError(`${what} does not allow the origin (HTTP ${response.status}).`);
    }
  };

  const preflight = async (url: string, method: string, unsafe: readonly string[]) => {
    const response = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        accept: '*/*',
        origin,
        'access-control-request-method': method,
        ...(unsafe.length > 0 && { 'access-control-request-headers': unsafe.join() }),
      },
    });
    await response.arrayBuffer();
    check(response, 'The preflight response');
    if (!response.ok) throw new TypeError(`The preflight response is not ok: HTTP ${response.status}.`);
    const methods = listed(response.headers, 'access-control-allow-methods');
    if (!SAFE_METHODS.includes(method) && !methods.includes(method) && !methods.includes('*')) {
      throw new TypeError(`The preflight response does not allow ${method}.`);
    }
    const headers = listed(response.headers, 'access-control-allow-headers').map((name) =>
      name.toLowerCase(),
    );
    // The wildcard does not include Authorization.
    const refused = unsafe.filter(
      (name) => !headers.includes(name) && (name === 'authorization' || !headers.includes('*')),
    );
    if (refused.length > 0) throw new TypeError(`The preflight response does not allow ${refused.join()}.`);
  };

  return {
    async fetch(url, { method, headers = {}, body }) {
      const names = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
      const unsafe = names.filter(([name, value]) => !isSafeHeader(name, value)).map(([name]) => name);
      if (unsafe.length > 0 || !SAFE_METHODS.includes(method)) {
        await preflight(url, method, unsafe.toSorted());
      }
      const response = await fetch(url, {
        method,
        headers: { ...headers, origin },
        ...(body !== undefined && { body }),
      });
      const text = await response.text();
      check(response, 'The response');
      const exposed = [
        ...SAFE_RESPONSE_HEADERS,
        ...listed(response.headers, 'access-control-expose-headers').map((name) => name.toLowerCase()),
      ];
      return {
        status: response.status,
        headers: new Headers([...response.headers].filter(([name]) => exposed.includes(name))),
        text,
      };
    },
  };
};
