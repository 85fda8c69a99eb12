import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ACCOUNT_DETAIL_TYPES, ENDED_DETAIL_TYPES, REQUEST_DETAIL_TYPE } from '../../events/index.ts';
import { deployed, resources, theResource } from './synthesize.ts';

const TYPES = ['AWS::EventSchemas::Registry', 'AWS::EventSchemas::Schema'] as const;

/** Source: https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html */
const MAX_CONTENT = 100_000;

const openApi = z.object({
  openapi: z.literal('3.0.0'),
  components: z.object({
    schemas: z.looseObject({
      AWSEvent: z.looseObject({
        'x-amazon-events-detail-type': z.string(),
        properties: z.looseObject({ detail: z.object({ $ref: z.string() }) }),
      }),
    }),
  }),
});

describe('the registry of event schemas', () => {
  it('is not deployed unless it is asked for', () => {
    const { template } = deployed();
    for (const type of TYPES) expect(resources(template, type)).toEqual([]);
    expect(template.toJSON().Outputs).not.toHaveProperty('EventSchemaRegistry');
  });

  describe('with eventSchemas', () => {
    const { template } = deployed({ eventSchemas: true });
    const schemas = resources(template, 'AWS::EventSchemas::Schema').map(({ Properties }) => Properties);

    it('holds the schema of every event, in the form that EventBridge makes code from', () => {
      const registry = theResource(template, 'AWS::EventSchemas::Registry');
      const RegistryName = { 'Fn::GetAtt': [registry.logicalId, 'RegistryName'] };
      expect(template.toJSON().Outputs.EventSchemaRegistry.Value).toEqual(RegistryName);
      const detailTypes = schemas.map(({ Content, ...properties }) => {
        const name = String(properties.SchemaName).split('@')[1] ?? '';
        expect(properties).toMatchObject({ RegistryName, Type: 'OpenApi3' });
        expect(properties.SchemaName).toMatch(/^[\w.@-]{1,385}$/);
        expect(String(Content).length).toBeLessThan(MAX_CONTENT);
        const { schemas: named } = openApi.parse(JSON.parse(String(Content))).components;
        expect(named.AWSEvent.properties.detail.$ref).toBe(`#/components/schemas/${name}`);
        // OpenAPI 3.0 knows no `const`.
        expect(Content).not.toContain('"const"');
        expect(named[name]).toMatchObject({ type: 'object' });
        return named.AWSEvent['x-amazon-events-detail-type'];
      });
      expect(detailTypes).toEqual([
        ...Object.values(ENDED_DETAIL_TYPES),
        ...Object.values(ACCOUNT_DETAIL_TYPES),
        REQUEST_DETAIL_TYPE,
      ]);
    });
  });
});
