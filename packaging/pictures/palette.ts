/** The two appearances of the documents' drawings. */
export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export interface Palette {
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly box: string;
  readonly own: string;
  readonly ownLine: string;
  readonly panel: string;
  /** Of lines in a graph, in their order. */
  readonly series: readonly string[];
  readonly limit: string;
}

/** The colours of GitHub's own pages, on which these drawings are shown. Source: https://primer.style/primitives */
export const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: {
    ink: '#1f2328',
    quiet: '#59636e',
    line: '#818b98',
    box: '#ffffff',
    own: '#ddf4ff',
    ownLine: '#0969da',
    panel: '#f6f8fa',
    series: [
      '#0969da',
      '#1a7f37',
      '#9a6700',
      '#8250df',
      '#cf222e',
      '#bc4c00',
      '#57606a',
      '#0a7ea4',
      '#bf3989',
    ],
    limit: '#cf222e',
  },
  dark: {
    ink: '#f0f6fc',
    quiet: '#9198a1',
    line: '#656c76',
    box: '#151b23',
    own: '#121d2f',
    ownLine: '#4493f8',
    panel: '#0d1117',
    series: [
      '#4493f8',
      '#3fb950',
      '#d29922',
      '#ab7df8',
      '#f85149',
      '#db6d28',
      '#9198a1',
      '#39c5cf',
      '#db61a2',
    ],
    limit: '#f85149',
  },
};

/** XML of a text: the drawings show titles of the template and names of metrics. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** An SVG document that says what it shows to those who do not see it. */
export const svgDocument = (
  { width, height, title }: { readonly width: number; readonly height: number; readonly title: string },
  content: readonly string[],
): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title" font-family="-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif" font-size="13">`,
    `<title id="title">${escaped(title)}</title>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
