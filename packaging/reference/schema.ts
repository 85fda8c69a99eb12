import { SCHEMA_PATH, type Schema } from './document.ts';
import { type Html, html, markdown } from './html.ts';

/** The anchor of a schema. */
export const schemaAnchor = (name: string): string => `schema-${name}`;

/** The type of a value in a few words, with a link to a schema that has a name. */
export const typeOf = ({ $ref, type, format, items, oneOf }: Schema): Html => {
  if ($ref !== undefined) {
    const name = $ref.slice(SCHEMA_PATH.length);
    return html`<a href="#${schemaAnchor(name)}">${name}</a>`;
  }
  if (oneOf) return html`${oneOf.map((each, index) => html`${index > 0 ? ' or ' : ''}${typeOf(each)}`)}`;
  if (items) return html`list of ${typeOf(items)}`;
  return html`${type ?? 'any value'}${format === undefined ? '' : ` (${format})`}`;
};

const shown = (value: unknown): Html => html`<code>${JSON.stringify(value)}</code>`;

const limits = ({ minimum, maximum, minLength, maxLength }: Schema): string => {
  const least = minimum ?? minLength;
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : (maximum ?? maxLength);
  const unit = minLength === undefined && maxLength === undefined ? '' : ' characters';
  const said = (value: number) => value.toLocaleString('en');
  if (least !== undefined && most !== undefined) return `${said(least)} to ${said(most)}${unit}.`;
  if (most !== undefined) return `Up to ${said(most)}${unit}.`;
  return least === undefined ? '' : `At least ${said(least)}${unit}.`;
};

/** What a value may be, besides its type. */
export const rulesOf = (schema: Schema): Html => {
  const { description, pattern } = schema;
  const values = schema.const === undefined ? schema.enum : [schema.const];
  return html`${description === undefined ? '' : markdown(description)}${
    values === undefined
      ? ''
      : html`<p>${values.length > 1 ? 'One of ' : 'Always '}${values.map((value, index) => html`${index > 0 ? ', ' : ''}${shown(value)}`)}.</p>`
  }${limits(schema) === '' ? '' : html`<p>${limits(schema)}</p>`}${
    schema.default === undefined ? '' : html`<p>Default: ${shown(schema.default)}.</p>`
  }${
    pattern === undefined
      ? ''
      : html`<details><summary>Pattern</summary><pre><code>${pattern}</code></pre></details>`
  }`;
};

interface Row {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
}

/** The fields of an object, and those of objects in it, each with its full name. */
const rowsOf = ({ properties = {}, required = [] }: Schema, prefix = ''): Row[] =>
  Object.entries(properties).flatMap(([name, schema]) => {
    const row = { name: `${prefix}${name}`, required: required.includes(name), schema };
    const inner = schema.items ?? schema;
    return [row, ...rowsOf(inner, `${row.name}${schema.items ? '[]' : ''}.`)];
  });

/** A table of the fields of an object. */
export const fieldsOf = (schema: Schema): Html => {
  const rows = rowsOf(schema);
  if (rows.length === 0) return html`<p>It has no fields.</p>`;
  return html`<table><thead><tr><th scope="col">field</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead><tbody>${rows.map(
    ({ name, required, schema: of }) =>
      html`<tr><th scope="row"><code>${name}</code>${required ? html` <span class="required">required</span>` : ''}</th><td>${typeOf(of)}</td><td>${rulesOf(of)}</td></tr>`,
  )}</tbody></table>`;
};
