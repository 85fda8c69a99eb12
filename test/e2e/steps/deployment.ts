import { isDeepStrictEqual } from 'node:util';
import { reasonToDiffer } from '../adaptation.ts';
import type { CommandOptions } from '../process.ts';
import { runCommand } from '../process.ts';
import type { Deployed, Settings, Synthesized, Template, Toolkit } from '../toolkit.ts';
import { callApi, recordOf, type Teller, type World } from '../world.ts';

/**
 * Rules of cfn-lint that are not applied, each with its reason:
 *
 * - W3005 (a `DependsOn` beside a reference): CDK writes it on every function, for its role's policies.
 */
const IGNORED_RULES = ['W3005'];

/** What the project's own app makes, before anything is deployed. */
export const checkTemplate = async (
  teller: Teller,
  { path, template }: Synthesized,
  cfnLint: string,
  options: CommandOptions,
): Promise<void> => {
  teller.chapter('cdk synth, and cfn-lint over the template');
  const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
  teller.say(`${Object.keys(template.Resources).length} resources of ${types.size} types`);
  const ignore = IGNORED_RULES.flatMap((rule) => ['--ignore-checks', rule]);
  const { exitCode, output } = await runCommand(cfnLint, ['--template', path, ...ignore], options);
  if (output) teller.say(output.trim());
  teller.check(`cfn-lint finds nothing (but for ${IGNORED_RULES.join(', ')})`, exitCode === 0);
};

export const deployFirst = async (
  teller: Teller,
  toolkit: Toolkit,
  settings: Settings,
  own: Synthesized,
): Promise<Deployed> => {
  teller.chapter('cdk bootstrap and cdk deploy, into an account with nothing in it');
  await toolkit.bootstrap();
  const deployed = await toolkit.deploy(settings);
  for (const [name, value] of Object.entries(deployed.outputs)) teller.say(`${name}: ${value}`);
  const differing = differences(own.template, deployed.template);
  const reasons = differing.map((id) => reasonToDiffer(own.template.Resources[id]));
  teller.check(
    "what is deployed is what the project's own app makes, but for what MiniStack does not know",
    reasons.every((reason) => reason !== undefined),
  );
  for (const [index, id] of differing.entries()) teller.remark(`${reasons[index]}: ${id}.`);
  return deployed;
};

/** Logical ids of what is not the same in both. */
const differences = (one: Template, other: Template): string[] =>
  [...new Set([...Object.keys(one.Resources), ...Object.keys(other.Resources)])].filter(
    (id) => !isDeepStrictEqual(one.Resources[id], other.Resources[id]),
  );

export const deployAgain = async ({ teller, settings }: World, toolkit: Toolkit): Promise<void> => {
  teller.chapter('cdk deploy a second time');
  const { log } = await toolkit.deploy(settings);
  teller.check('nothing changes', log.includes('(no changes)'));
};

/** @returns the world with what is new in it */
export const update = async (world: World, toolkit: Toolkit, recordId: string): Promise<World> => {
  const { teller, aws } = world;
  teller.chapter('cdk deploy with another setting, and with the examples of docs/triggers.md added');
  const before = await recordOf(world, recordId);
  const settings = { ...world.settings, dailyCallLimit: '900', 'e2e:examples': 'true' };
  const updated = { ...world, settings, deployed: await toolkit.deploy(settings) };
  const account = await callApi(updated, aws, 'GET', '/account');
  teller.check('the setting holds: 900 paid calls a day', account.json.daily_call_limit === 900);
  teller.check('the address is the same', updated.deployed.outputs.ApiUrl === world.deployed.outputs.ApiUrl);
  const after = await recordOf(updated, recordId);
  // Its generation may have ended meanwhile.
  teller.check(
    'the ledger is the same',
    after.photo_id === before.photo_id && after.created_at === before.created_at,
  );
  return updated;
};
