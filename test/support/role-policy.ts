import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { functionOf, resources, statements } from '../lib/synthesize.ts';
import { ACCOUNT, type AwsCall } from './aws-calls.ts';

/** An action on a resource that a role allows; all of its texts may have wildcards. */
export type Allowance = AwsCall;

/** The ARNs of a template's resources by their logical ids. */
export type Arns = ReadonlyMap<string, string>;

const reference = z.union([
  z.string(),
  z.strictObject({ Ref: z.string() }),
  z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
  z.strictObject({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }),
]);

const PSEUDO_PARAMETERS = new Map([
  ['AWS::Partition', ACCOUNT.partition],
  ['AWS::Region', ACCOUNT.region],
  ['AWS::AccountId', ACCOUNT.id],
]);

/** @throws Error for a value that is neither text nor one of the functions above, or that refers to a resource without an ARN */
const resolve = (value: unknown, arns: Arns): string => {
  const read = reference.parse(value);
  if (typeof read === 'string') return read;
  if ('Fn::Join' in read) return read['Fn::Join'][1].map((part) => resolve(part, arns)).join('');
  const name = 'Ref' in read ? read.Ref : read['Fn::GetAtt'][0];
  const arn = PSEUDO_PARAMETERS.get(name) ?? arns.get(name);
  if (arn === undefined) throw new Error(`A policy names ${name}, whose ARN this test does not know.`);
  return arn;
};

const attached = z.object({ Roles: z.array(z.object({ Ref: z.string() })), PolicyDocument: z.unknown() });
const withRole = z.object({ Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) });

/** The one condition that the roles have. */
const prefixCondition = z.optional(
  z.strictObject({ StringLike: z.strictObject({ 's3:prefix': z.string() }) }),
);

/** All that the role of a function allows, as pairs of an action and a resource. */
export const allowancesOf = (
  template: Template,
  name: Parameters<typeof functionOf>[1],
  arns: Arns,
): Allowance[] => {
  const [role] = withRole.parse(functionOf(template, name).Properties).Role['Fn::GetAtt'];
  return allowancesOfRole(template, role, arns);
};

/** All that a role allows. @param role its logical id */
export const allowancesOfRole = (template: Template, role: string, arns: Arns): Allowance[] =>
  resources(template, 'AWS::IAM::Policy')
    .map(({ Properties }) => attached.parse(Properties))
    .filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role))
    .flatMap(({ PolicyDocument }) => statements(PolicyDocument))
    .flatMap(({ Effect, Action, Resource, Condition }) => {
      const condition = prefixCondition.safeParse(Condition);
      if (Effect !== 'Allow' || !condition.success)
        throw new Error(`This test cannot evaluate a statement with ${Effect} and such conditions.`);
      const limits = condition.data && { prefix: condition.data.StringLike['s3:prefix'] };
      return Action.flatMap((action) =>
        Resource.map((resource) => ({ action, resource: resolve(resource, arns), ...limits })),
      );
    });

/** Matches as IAM does: `*` is any text, `?` any character. */
const matches = (pattern: string, text: string): boolean => {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
};

export const allows = ({ action, resource, prefix }: Allowance, call: AwsCall): boolean =>
  matches(action.toLowerCase(), call.action.toLowerCase()) &&
  matches(resource, call.resource) &&
  (prefix === undefined || (call.prefix !== undefined && matches(prefix, call.prefix)));
