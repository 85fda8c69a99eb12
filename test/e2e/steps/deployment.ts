import { isDeepStrictEqual } from 'node:util';
import type { CommandOptions } from '../../support/process.ts';
import { runCommand } from '../../support/process.ts';
import { reasonToDiffer } from '../adaptation.ts';
import type { Deployed, Settings, Synthesized, Template, Toolkit } from '../toolkit.ts';
import { callApi, type Report, recordOf, type World } from '../world.ts';

/**
 * Ignored cfn-lint rules, each with its reason:
 *
 * - W3005 (`DependsOn` beside a reference): CDK adds it to every function for the policies of its role.
 */
const IGNORED_RULES = ['W3005'];

/** Checks the template of the project's app before the first deployment. */
export const checkTemplate = async (
  report: Report,
  { path, template }: Synthesized,
  cfnLint: string,
  options: CommandOptions,
): Promise<void> => {
  report.section('cdk synth, and cfn-lint on the template');
  const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
  report.print(`${Object.keys(template.Resources).length} resources of ${types.size} types`);
  const ignore = IGNORED_RULES.flatMap((rule) => ['--ignore-checks', rule]);
  const { exitCode, output } = await runCommand(cfnLint, ['--template', path, ...ignore], options);
  if (output) report.print(output.trim());
  report.check(`cfn-lint reports no finding (ignored: ${IGNORED_RULES.join(', ')})`, exitCode === 0);
};

export const deployFirst = async (
  report: Report,
  toolkit: Toolkit,
  settings: Settings,
  original: Synthesized,
): Promise<Deployed> => {
  report.section('cdk bootstrap and cdk deploy into an empty account');
  await toolkit.bootstrap();
  const deployed = await toolkit.deploy(settings);
  for (const [name, value] of Object.entries(deployed.outputs)) report.print(`${name}: ${value}`);
  const differing = differences(original.template, deployed.template);
  const reasons = differing.map((id) =>
    reasonToDiffer(original.template.Resources[id] ?? deployed.template.Resources[id]),
  );
  report.check(
    "the deployed template is that of the project's app, except for what MiniStack does not support",
    reasons.every((reason) => reason !== undefined),
  );
  for (const [index, id] of differing.entries()) report.limitation(`${reasons[index]}: ${id}.`);
  return deployed;
};

/** Logical ids of the resources that differ. */
const differences = (one: Template, other: Template): string[] =>
  [...new Set([...Object.keys(one.Resources), ...Object.keys(other.Resources)])].filter(
    (id) => !isDeepStrictEqual(one.Resources[id], other.Resources[id]),
  );

export const deployAgain = async ({ report, settings }: World, toolkit: Toolkit): Promise<void> => {
  report.section('cdk deploy a second time');
  const { log } = await toolkit.deploy(settings);
  report.check('nothing changes', log.includes('(no changes)'));
};

/** @returns the world with the new settings and outputs */
export const update = async (world: World, toolkit: Toolkit, recordId: string): Promise<World> => {
  const { report, aws } = world;
  report.section('cdk deploy with a changed setting and the examples of docs/triggers.md');
  const before = await recordOf(world, recordId);
  const settings = { ...world.settings, dailyCallLimit: '900', 'e2e:examples': 'true' };
  const updated = { ...world, settings, deployed: await toolkit.deploy(settings) };
  const account = await callApi(updated, aws, 'GET', '/account');
  report.check('the setting applies: 900 paid calls a day', account.json.daily_call_limit === 900);
  report.check('the URL is the same', updated.deployed.outputs.ApiUrl === world.deployed.outputs.ApiUrl);
  const after = await recordOf(updated, recordId);
  // Compares only these fields: the generation may have ended meanwhile.
  report.check(
    'the ledger is the same',
    after.photo_id === before.photo_id && after.created_at === before.created_at,
  );
  return updated;
};
