import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { deployed } from './synthesize.ts';

const jwt = { jwtIssuer: 'https://login.example.com', jwtAudience: 'people' };

const findings = (app: App): string[] =>
  [new AwsSolutionsChecks(app), new ServerlessChecks(app)]
    .flatMap((pack) => pack.validateScope(app).violations)
    .flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    );

describe("AWS's best practices, as cdk-nag checks them", () => {
  it.each([
    ['IAM', {}],
    ['JWT', jwt],
    ['JWT, for pages of other origins', { ...jwt, corsOrigins: 'https://shop.example.com' }],
  ])('are followed with authorization by %s', (_, settings) => {
    expect(findings(deployed(settings).app)).toEqual([]);
  });

  it('are checked: a topic without TLS is found', () => {
    const app = new App();
    new Topic(new Stack(app, 'Careless'), 'Topic');
    expect(findings(app)).toEqual(['AwsSolutions-SNS3 at Careless/Topic/Resource']);
  });
});
