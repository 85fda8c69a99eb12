/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

type Part = string | number | boolean | Html | undefined | readonly Part[];

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const textOf = (part: Part): string => {
  if (part === undefined) return '';
  if (typeof part === 'object') return 'html' in part ? part.html : part.map(textOf).join('');
  return escaped(String(part));
};

/** A template of HTML. Every value is escaped, unless it is HTML. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: texts.map((text, index) => text + textOf(parts[index])).join(''),
});

const inline = (text: string): Html => ({
  html: escaped(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>'),
});

/** The part of Markdown that the API's description uses: paragraphs, lists, code and bold text. */
export const markdown = (text: string): Html[] =>
  text.split('\n\n').map((block) =>
    block.startsWith('- ')
      ? html`<ul>${block
          .split(/^- /m)
          .slice(1)
          .map((item) => html`<li>${inline(item.trim())}</li>`)}</ul>`
      : html`<p>${inline(block)}</p>`,
  );
