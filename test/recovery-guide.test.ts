import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LEDGER_SCHEMA } from '../lambda/shared/table.ts';
import { deployed, theResource } from './lib/synthesize.ts';
import { mapKept } from './support/recovery-guide.ts';

const guide = readFileSync(new URL('../docs/recovery.md', import.meta.url), 'utf8');
const { template } = deployed();
const all = z
  .record(z.string(), z.object({ Type: z.string(), DeletionPolicy: z.string().optional() }))
  .parse(template.toJSON().Resources);

/**
 * The primary identifiers of the types that support resource import.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
 */
const IDENTIFIERS: Record<string, string> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueUrl',
  'AWS::SecretsManager::Secret': 'Id',
};

describe('docs/recovery.md', () => {
  it('maps every resource that a deletion of the stack keeps, and no other', () => {
    const listed = Object.entries(all).map(([LogicalResourceId, { Type, DeletionPolicy }]) => ({
      LogicalResourceId,
      PhysicalResourceId: `physical-${LogicalResourceId}`,
      ResourceType: Type,
      ResourceStatus: DeletionPolicy?.startsWith('Retain') ? 'DELETE_SKIPPED' : 'DELETE_COMPLETE',
    }));
    const kept = listed.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_SKIPPED');
    expect(kept.length).toBeGreaterThan(7);
    const expected = kept.map(({ LogicalResourceId, ResourceType, PhysicalResourceId }) => [
      LogicalResourceId,
      { [IDENTIFIERS[ResourceType] ?? `unknown: ${ResourceType}`]: PhysicalResourceId },
    ]);
    expect(mapKept(listed)).toEqual(Object.fromEntries(expected));
  });

  it('names the table and its attributes as the template and the code do', () => {
    expect(guide).toContain(`"${theResource(template, 'AWS::DynamoDB::Table').logicalId}"`);
    expect(guide).toContain(`AttributeName=${LEDGER_SCHEMA.timeToLive}`);
  });
});
