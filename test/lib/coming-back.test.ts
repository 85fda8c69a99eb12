import { describe, expect, it } from 'vitest';
import { LEDGER_SCHEMA } from '../../lambda/shared/table.ts';
import { readConfiguration } from '../../lib/config.ts';
import { allResources, deployed, embedded, resources, statements, theResource } from './synthesize.ts';

const tableOf = (...settings: Parameters<typeof deployed>) =>
  theResource(deployed(...settings).template, 'AWS::DynamoDB::Table');

describe('what is kept', () => {
  it('cannot be deleted by mistake: table and stack are protected', () => {
    expect(tableOf().Properties.DeletionProtectionEnabled).toBe(true);
    expect(deployed().stack.terminationProtection).toBe(true);
    const { template } = embedded();
    expect(theResource(template(), 'AWS::DynamoDB::Table').Properties.DeletionProtectionEnabled).toBe(true);
  });

  it('is not protected if it is to be deleted with the stack', () => {
    const settings = { removalPolicy: 'destroy' };
    expect(tableOf(settings).Properties.DeletionProtectionEnabled).toBe(false);
    expect(deployed(settings).stack.terminationProtection).toBe(false);
  });
});

describe('a first deployment that fails', () => {
  const isKept = ({ DeletionPolicy = '' }: { DeletionPolicy?: string | undefined }) =>
    DeletionPolicy.startsWith('Retain');

  it.each([
    ['a stage', deployed().template],
    ['the construct in another stack', embedded().template()],
  ])('keeps only the empty table, which is protected: %s', (_, template) => {
    const kept = allResources(template).filter(isKept);
    const types = ['DynamoDB::Table', 'Logs::LogGroup', 'S3::Bucket', 'SQS::Queue', 'SecretsManager::Secret'];
    expect([...new Set(kept.map(({ Type }) => Type))].sort()).toEqual(types.map((type) => `AWS::${type}`));
    for (const { Type, DeletionPolicy, UpdateReplacePolicy } of kept) {
      const isTable = Type === 'AWS::DynamoDB::Table';
      expect(DeletionPolicy, Type).toBe(isTable ? 'Retain' : 'RetainExceptOnCreate');
      expect(UpdateReplacePolicy, Type).toBe('Retain');
    }
  });

  it('keeps nothing if everything is to be deleted with the stack', () => {
    expect(allResources(deployed({ removalPolicy: 'destroy' }).template).filter(isKept)).toEqual([]);
  });
});

describe('a restored table as the ledger', () => {
  const ledgerTableName = 'photo-avatars-restored';
  const { template, stack } = deployed({ ledgerTableName });

  it('takes the place of an own table in the functions, their permissions and the output', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
    template.hasOutput('TableName', { Value: ledgerTableName });
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: { LEDGER_TABLE: ledgerTableName } },
    });
    const granted = resources(template, 'AWS::IAM::Policy')
      .flatMap(({ Properties }) => statements(Properties.PolicyDocument))
      .filter(({ Action }) => Action.some((action) => action.startsWith('dynamodb:')))
      .flatMap(({ Resource }) => Resource)
      .map((arn) => /:table\/[^"]*/.exec(JSON.stringify(arn))?.[0]);
    const indexes = Object.values(LEDGER_SCHEMA.indexes);
    const table = `:table/${ledgerTableName}`;
    expect(new Set(granted)).toEqual(
      new Set([table, ...indexes.map(({ indexName }) => `${table}/index/${indexName}`)]),
    );
  });

  it('changes no resource but the table, functions and permissions, so URL and queue stay the same', () => {
    const logicalIds = (of: typeof template) => Object.keys(of.toJSON().Resources).sort();
    const before = deployed().template;
    const table = theResource(before, 'AWS::DynamoDB::Table');
    expect(logicalIds(template)).toEqual(logicalIds(before).filter((id) => id !== table.logicalId));
    expect(table.DeletionPolicy).toBe('Retain');
    expect(stack.terminationProtection).toBe(true);
  });

  it('must have the name of a table', () => {
    expect(() => readConfiguration({ ledgerTableName: 'arn:aws:dynamodb:eu-west-1:1:table/x' })).toThrow(
      'ledgerTableName is "arn:aws:dynamodb:eu-west-1:1:table/x". Expected: the name of a DynamoDB table',
    );
  });
});
