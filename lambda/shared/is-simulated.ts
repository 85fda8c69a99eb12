/**
 * Whether paid calls cost nothing. Only a server on this machine is taken for a simulator: any other may pass them on to
 * JoggAI.
 */
export const isSimulated = ({ joggai_url: url }: { readonly joggai_url: string }): boolean =>
  URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
