import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Content, type Operation, type Route, readDocument, routesOf } from './document.ts';
import { type Html, html, markdown } from './html.ts';
import { fieldsOf, rulesOf, schemaAnchor, typeOf } from './schema.ts';

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8');

/** The page needs its own style and nothing else: no script, no font, no picture, no network. */
export const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const anchorOf = (tag: string): string => `tag-${tag.toLowerCase().replaceAll(' ', '-')}`;

const json = (value: unknown): Html => html`<pre><code>${JSON.stringify(value, null, 2)}</code></pre>`;

const examplesOf = (content: Content): Html[] =>
  Object.entries(content).flatMap(([, { example, examples }]) => [
    ...Object.entries(examples).map(
      ([name, { summary, value }]) =>
        html`<details><summary>Example <code>${name}</code>: ${summary}</summary>${json(value)}</details>`,
    ),
    ...(example === undefined ? [] : [html`<details><summary>Example</summary>${json(example)}</details>`]),
  ]);

const bodyOf = (content: Content): Html =>
  html`${Object.entries(content).map(([type, { schema }]) => html`<p><code>${type}</code>: ${typeOf(schema)}</p>`)}${examplesOf(content)}`;

const parameters = ({ parameters: all }: Operation): Html =>
  all.length === 0
    ? html``
    : html`<h4>Parameters</h4><table><thead><tr><th scope="col">name</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead><tbody>${all.map(
        ({ name, in: where, required, description, schema }) =>
          html`<tr><th scope="row"><code>${name}</code> in ${where}${required ? html` <span class="required">required</span>` : ''}</th><td>${typeOf(schema)}</td><td>${markdown(description)}${rulesOf(schema)}</td></tr>`,
      )}</tbody></table>`;

const requestBody = ({ requestBody: body }: Operation): Html =>
  body === undefined
    ? html``
    : html`<h4>Request body${body.required ? html` <span class="required">required</span>` : ''}</h4>${markdown(body.description)}${bodyOf(body.content)}`;

const responses = ({ responses: all }: Operation): Html =>
  html`<h4>Responses</h4><table class="responses"><thead><tr><th scope="col">status</th><th scope="col">meaning and body</th><th scope="col">headers</th></tr></thead><tbody>${Object.entries(
    all,
  ).map(
    ([status, { description, headers, content }]) =>
      html`<tr><th scope="row">${status}</th><td>${markdown(description)}${bodyOf(content)}</td><td>${Object.keys(headers).map((name) => html`<p><code>${name}</code></p>`)}</td></tr>`,
  )}</tbody></table>`;

const route = ({ method, path }: Route): Html =>
  html`<span class="method">${method}</span> <code>${path}</code>`;

const article = (each: Route): Html => {
  const { operation } = each;
  return html`<article id="${operation.operationId}"><h3><a href="#${operation.operationId}">${route(each)}</a></h3><p><strong>${operation.summary}.</strong></p>${markdown(operation.description)}${parameters(operation)}${requestBody(operation)}${responses(operation)}</article>`;
};

/** Every header of a response, once: an operation names those that it sends. */
const headers = (routes: readonly Route[]): Html => {
  const all = new Map(
    routes.flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap((response) => Object.entries(response.headers)),
    ),
  );
  return html`<table><thead><tr><th scope="col">header</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead><tbody>${[
    ...all,
  ].map(
    ([name, { description, schema }]) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${typeOf(schema)}</td><td>${markdown(description)}${rulesOf(schema)}</td></tr>`,
  )}</tbody></table>`;
};

/** The reference of an OpenAPI document, as one page of HTML. */
export const referencePage = (openApi: unknown): string => {
  const document = readDocument(openApi);
  const { info, servers, tags, components } = document;
  const routes = routesOf(document);
  const ofTag = (name: string) => routes.filter(({ operation }) => operation.tags.includes(name));
  const schemas = Object.entries(components.schemas);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} ${info.version}: HTTP API</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<nav aria-label="Contents">
<p><a href="#about">${info.title} ${info.version}</a></p>
${tags.map(
  ({ name }) =>
    html`<p><a href="#${anchorOf(name)}">${name}</a></p><ul>${ofTag(name).map((each) => html`<li><a href="#${each.operation.operationId}">${route(each)}</a></li>`)}</ul>`,
)}
<p><a href="#headers">Headers</a></p>
<p><a href="#schemas">Schemas</a></p><ul>${schemas.map(([name]) => html`<li><a href="#${schemaAnchor(name)}">${name}</a></li>`)}</ul>
</nav>
<main>
<section id="about"><h1>${info.title}: HTTP API</h1>${markdown(info.description)}
<h2>Servers</h2><ul>${servers.map(({ url, description }) => html`<li><code>${url}</code> ${markdown(description)}</li>`)}</ul>
<h2>Authorization</h2><dl>${Object.entries(components.securitySchemes).map(([name, { description }]) => html`<dt>${name}</dt><dd>${markdown(description)}</dd>`)}</dl></section>
${tags.map(({ name, description }) => html`<section id="${anchorOf(name)}"><h2>${name}</h2>${markdown(description)}${ofTag(name).map(article)}</section>`)}
<section id="headers"><h2>Headers</h2>${headers(routes)}</section>
<section id="schemas"><h2>Schemas</h2>${schemas.map(([name, schema]) => html`<article id="${schemaAnchor(name)}"><h3><a href="#${schemaAnchor(name)}">${name}</a></h3>${schema.description === undefined ? '' : markdown(schema.description)}${fieldsOf(schema)}</article>`)}</section>
</main>
</body>
</html>
`.html;
};
