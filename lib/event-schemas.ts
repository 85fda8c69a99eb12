import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import { EVENTS, jsonSchemaOf } from '../events/schemas.ts';
import { EVENT_SCHEMA_VERSION, EVENT_SOURCE } from '../lambda/shared/event-names.ts';

const text = { type: 'string' };

/**
 * EventBridge makes code bindings from an OpenAPI document with a schema called `AWSEvent`.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schema.html
 */
const openApiOf = ({ name, detailType, event }: (typeof EVENTS)[number]) => ({
  openapi: '3.0.0',
  info: { version: `${EVENT_SCHEMA_VERSION}.0.0`, title: name },
  paths: {},
  components: {
    schemas: {
      AWSEvent: {
        type: 'object',
        required: [
          'detail-type',
          'resources',
          'detail',
          'id',
          'source',
          'time',
          'region',
          'version',
          'account',
        ],
        'x-amazon-events-detail-type': detailType,
        // Any source may request an avatar.
        ...(event.shape.source.def.type === 'literal' && { 'x-amazon-events-source': EVENT_SOURCE }),
        properties: {
          detail: { $ref: `#/components/schemas/${name}` },
          account: text,
          'detail-type': text,
          id: text,
          region: text,
          resources: { type: 'array', items: text },
          source: text,
          time: { ...text, format: 'date-time' },
          version: text,
        },
      },
      [name]: jsonSchemaOf(event.shape.detail, 'openapi-3.0'),
    },
  },
});

export interface EventSchemasProps {
  readonly serviceName: string;
}

/** The schemas of all events in a registry of EventBridge, from which its console and IDEs make code. */
export class EventSchemas extends Construct {
  readonly registry: CfnRegistry;

  constructor(scope: Construct, id: string, { serviceName }: EventSchemasProps) {
    super(scope, id);
    this.registry = new CfnRegistry(this, 'Registry', { description: `Events of ${serviceName}` });
    for (const event of EVENTS) {
      new CfnSchema(this, event.name, {
        registryName: this.registry.attrRegistryName,
        schemaName: `${EVENT_SOURCE}@${event.name}`,
        description: event.detailType,
        type: 'OpenApi3',
        content: JSON.stringify(openApiOf(event)),
      });
    }
  }
}
