import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { readConfiguration } from '../../lib/config.ts';
import { PhotoAvatarsStack } from '../../lib/photo-avatars-stack.ts';

const area = { x: z.int(), y: z.int(), width: z.int(), height: z.int() };

/** Namespace, name, pairs of dimensions, and how it is shown. */
const metric = z
  .array(z.union([z.string(), z.object({ label: z.string().optional(), stat: z.string().optional() })]))
  .transform((parts) => {
    const [namespace = '', name = ''] = parts.filter((part) => typeof part === 'string');
    const shown = parts.find((part) => typeof part !== 'string');
    return { namespace, name, label: shown?.label ?? name, statistic: shown?.stat ?? 'Average' };
  });

const graph = z.object({
  ...area,
  type: z.literal('metric'),
  properties: z.object({
    title: z.string(),
    view: z.enum(['timeSeries', 'singleValue']),
    metrics: z.array(metric),
    annotations: z
      .object({ horizontal: z.array(z.object({ value: z.number(), label: z.string() })) })
      .optional(),
  }),
});

const alarms = z.object({
  ...area,
  type: z.literal('alarm'),
  properties: z.object({ title: z.string(), alarms: z.array(z.string()) }),
});

const widget = z.discriminatedUnion('type', [graph, alarms]);

export type Widget = z.infer<typeof widget>;
export type GraphWidget = z.infer<typeof graph>;
export type ShownMetric = z.infer<typeof metric>;

const body = z.object({ widgets: z.array(widget) }).transform(({ widgets }) => widgets);

const joined = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) });
const attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });

/** The section of an alarm in docs/operations.md, which its description links. */
const sectionOf = (description: unknown): string => String(description).match(/#([a-z-]+)/)?.[1] ?? '';

/** The widgets of the dashboard in the template of a stack with default settings. Alarms are named by their sections. */
export const dashboardWidgets = (): Widget[] => {
  const stack = new PhotoAvatarsStack(new App(), 'PhotoAvatars-prod', {
    configuration: readConfiguration({}),
  });
  const template = Template.fromStack(stack);
  const found = template.findResources('AWS::CloudWatch::Alarm');
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const text = joined.parse(dashboard?.Properties.DashboardBody)['Fn::Join'][1].map((part) => {
    if (typeof part === 'string') return part;
    const reference = attribute.safeParse(part);
    if (!reference.success) return '';
    const [logicalId] = reference.data['Fn::GetAtt'];
    return sectionOf(JSON.stringify(found[logicalId]?.Properties.AlarmDescription));
  });
  return body.parse(JSON.parse(text.join('')));
};
