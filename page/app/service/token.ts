const STORED = 'token';

/** The part of `sessionStorage` that is used, so that tests need no browser. */
export interface SessionStore {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

export interface TakenToken {
  readonly token: string | undefined;
  /** The fragment without the token, to put into the address. */
  readonly hash: string;
}

/** Takes the token out of the fragment of the address, and keeps it for this tab. */
export const takeToken = (hash: string, store: SessionStore): TakenToken => {
  const place = new URLSearchParams(hash.replace(/^#/, ''));
  const token = place.get('token');
  if (token) store.setItem(STORED, token);
  place.delete('token');
  return { token: token || (store.getItem(STORED) ?? undefined), hash: place.toString() };
};
