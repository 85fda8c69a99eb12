import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import { didYouMean } from './closest.ts';
import { CommandError, EXIT, usageError } from './exit-codes.ts';

export interface StackOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** Ends the look-up of a stack. */
  readonly signal?: AbortSignal | undefined;
}

export interface FoundStack {
  readonly name: string;
  /** The AWS account. */
  readonly account: string;
  readonly region: string;
  /** Values of the stack's outputs, by name. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Loaded only when a stack is looked up: the client takes longer to load than the rest of the command line. */
const createCloudFormation = async ({ region, profile }: StackOptions) => {
  const sdk = await import('@aws-sdk/client-cloudformation');
  const chosen = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  return {
    ...sdk,
    client: new sdk.CloudFormationClient({ ...(chosen && { region: chosen }), ...(profile && { profile }) }),
  };
};

const outputsOf = ({ Outputs = [] }: Stack): Map<string, string> =>
  new Map(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));

/** `arn:aws:cloudformation:<region>:<account>:stack/<name>/<id>` */
const accountOf = ({ StackId = '' }: Stack): string => StackId.split(':')[4] ?? '';

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const NOT_SIGNED_IN = /Credential|Token|AccessDenied|UnrecognizedClient|SignatureDoesNotMatch|Expired|SSO/;

/** Explains an error of the AWS SDK. */
export const awsError = (error: unknown, { profile }: StackOptions): unknown => {
  if (!(error instanceof Error)) return error;
  if (error.message.includes('Region is missing')) {
    return usageError('No AWS region is set, and nothing was sent. Pass --region, or set AWS_REGION.');
  }
  if (!NOT_SIGNED_IN.test(error.name)) return error;
  const name = profile === undefined ? '' : ` of the profile "${profile}"`;
  return new CommandError(
    EXIT.notAllowed,
    'not-signed-in',
    `AWS did not accept the credentials${name}: ${error.message.trim()} Nothing was sent or charged. ` +
      'Sign in (for example with "aws sso login"), or choose another --profile.',
  );
};

/** The names of the stacks that are photo avatars services, for the message about one that does not exist. */
const servicesIn = async (
  client: CloudFormationClient,
  { paginateDescribeStacks }: typeof import('@aws-sdk/client-cloudformation'),
): Promise<string[]> => {
  const names: string[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    const services = Stacks.filter((stack) => {
      const outputs = outputsOf(stack);
      return outputs.has('ApiUrl') && outputs.has('PutApiKeyCommand');
    });
    names.push(...services.map(({ StackName = '' }) => StackName));
  }
  return names;
};

/**
 * Finds a deployed stack and its outputs.
 *
 * @throws CommandError if it does not exist, or if AWS does not accept the credentials
 */
export const findStack = async (name: string, options: StackOptions): Promise<FoundStack> => {
  const { client, ...sdk } = await createCloudFormation(options);
  try {
    const region = await client.config.region();
    const { Stacks: [stack] = [] } = await client
      .send(new sdk.DescribeStacksCommand({ StackName: name }), { abortSignal: options.signal })
      .catch(async (error: unknown) => {
        // CloudFormation's only error for a name without a stack.
        if (nameOf(error) !== 'ValidationError') throw error;
        const others = await servicesIn(client, sdk);
        const known = others.length === 0 ? 'none' : others.join(', ');
        throw usageError(
          `There is no stack "${name}" in ${region}.${didYouMean(name, others)} Stacks of this service there: ${known}. Nothing was sent.`,
        );
      });
    if (!stack) throw usageError(`CloudFormation returned no stack "${name}". Nothing was sent.`);
    return { name, region, account: accountOf(stack), outputs: outputsOf(stack) };
  } catch (error) {
    throw awsError(error, options);
  } finally {
    client.destroy();
  }
};

/** The region for requests to an API under a name of its own, which does not contain the region. */
export const regionOf = async (options: StackOptions): Promise<string> => {
  const { client } = await createCloudFormation(options);
  try {
    return await client.config.region();
  } catch (error) {
    throw awsError(error, options);
  } finally {
    client.destroy();
  }
};
