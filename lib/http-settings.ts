import * as z from 'zod';
import { isWebOrigin, listOf, text, trueOrFalse } from './setting-types.ts';

/** API Gateway accepts 64 characters. Source: https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
const scope = text(/^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/, 'one OAuth 2.0 scope of up to 64 characters');

const ORIGINS =
  'origins without a path and without *, as in https://www.example.com (http:// only for localhost)';

/** The settings of who may call the HTTP API, and where. */
export const httpSettings = {
  jwtIssuer: z
    .url({ protocol: /^https$/, error: 'the https:// URL of an OpenID Connect issuer' })
    .optional()
    .describe('OpenID Connect issuer whose JWTs authorize callers, instead of IAM. Requires jwtAudience.'),
  jwtAudience: listOf('audience')
    .optional()
    .describe('Accepted JWT audiences, separated by commas. Requires jwtIssuer.'),
  jwtSubmitScope: scope
    .optional()
    .describe(
      'Scope of submitters. Set all three scopes or none. Without them every token may call every route.',
    ),
  jwtReadScope: scope.optional().describe('Scope of readers.'),
  jwtOperateScope: scope.optional().describe('Scope of operators.'),
  ownRecordsOnly: trueOrFalse
    .default(false)
    .describe('Shows a submitter only its own records. With JWT it requires the scopes.'),
  corsOrigins: listOf('origin')
    .refine((origins) => origins.every((origin) => isWebOrigin(origin) && !origin.includes('*')), {
      error: ORIGINS,
    })
    .transform((origins) => origins.map((origin) => origin.replace(/\/$/, '')))
    .optional()
    .describe('Origins of web pages that may call the HTTP API, separated by commas. Requires jwtIssuer.'),
  domainName: text(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'a domain name in lower case, as in avatars.example.com',
  )
    .optional()
    .describe('Domain of your own for the HTTP API. Requires certificateArn.'),
  certificateArn: text(
    /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
    'the ARN of a certificate in ACM',
  )
    .optional()
    .describe('ARN of the certificate of domainName, in the region of the stack.'),
};

type HttpSettings = z.output<z.ZodObject<typeof httpSettings>>;

/** Settings of which all are set, or none. */
const GROUPS = [
  ['jwtIssuer', 'jwtAudience'],
  ['jwtSubmitScope', 'jwtReadScope', 'jwtOperateScope'],
  ['domainName', 'certificateArn'],
] as const satisfies (keyof HttpSettings)[][];

/** Settings that require another one. */
const REQUIREMENTS = [
  ['jwtSubmitScope', 'jwtIssuer'],
  ['corsOrigins', 'jwtIssuer'],
] as const satisfies [keyof HttpSettings, keyof HttpSettings][];

const listed = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);

/** Settings that are missing because of others, and what is expected of each. */
export const missingHttpSettings = (read: HttpSettings): { name: keyof HttpSettings; expected: string }[] => {
  const has = (name: keyof HttpSettings) => Boolean(read[name]);
  const ofGroups = GROUPS.filter((names) => names.some(has)).flatMap((names) =>
    names
      .filter((name) => !has(name))
      .map((name) => ({
        name,
        expected: `a value, because ${listed(names)} are set together or not at all`,
      })),
  );
  const required = REQUIREMENTS.filter(([name, other]) => has(name) && !has(other)).map(([name, other]) => ({
    name: other,
    expected: `a value, because ${name} requires it`,
  }));
  const scopes =
    read.ownRecordsOnly && has('jwtIssuer') && !has('jwtSubmitScope')
      ? [{ name: 'jwtSubmitScope' as const, expected: 'a value, because ownRecordsOnly requires the scopes' }]
      : [];
  return [...ofGroups, ...required, ...scopes];
};
