import { ROLES, ROLES_OF, ROUTES, type Role } from '../../../lambda/shared/routes.ts';
import { type Aws, elementOf } from '../aws.ts';
import { callApi, outputOf, REQUEST, type World } from '../world.ts';

/** Assumes the role whose ARN an output holds. */
export const assumeRole = async (world: World, output: string): Promise<Aws> => {
  const input = { RoleArn: outputOf(world, output), RoleSessionName: 'end-to-end' };
  const xml = await world.aws.query('sts', 'AssumeRole', input);
  return world.as({
    accessKeyId: elementOf(xml, 'AccessKeyId'),
    secretAccessKey: elementOf(xml, 'SecretAccessKey'),
    sessionToken: elementOf(xml, 'SessionToken'),
  });
};

const OUTPUTS = {
  submitter: 'SubmitterRoleArn',
  reader: 'ReaderRoleArn',
  operator: 'OperatorRoleArn',
} as const satisfies Record<Role, string>;

/** Without a record, so that a call that is let in changes nothing and costs nothing. */
const UNKNOWN_ID = '0198c5f2-7a1e-7c3a-9d4e-2b6f8a1c3d5e';

/** Calls every route in every role. */
export const callInRoles = async (world: World): Promise<void> => {
  const { report } = world;
  report.section('The three roles over the routes of the HTTP API');
  for (const role of ROLES) {
    const caller = await assumeRole(world, OUTPUTS[role]);
    const wrong: string[] = [];
    for (const route of ROUTES) {
      const [method = '', path = ''] = route.split(' ');
      const target = route === 'POST /photo-avatars' ? `${path}?dry_run=true` : path;
      // Not with DELETE, for which Node's client sends no length of a body.
      const hasBody = method === 'POST' || method === 'PATCH';
      const body = hasBody ? (route === 'POST /photo-avatars' ? REQUEST : {}) : undefined;
      const { status } = await callApi(world, caller, method, target.replace('{id}', UNKNOWN_ID), body);
      if ((status !== 403) !== ROLES_OF[route].includes(role)) wrong.push(`${route}: ${status}`);
    }
    if (wrong.length > 0) report.print(wrong.join('\n'));
    report.check(
      `${role}: may call the routes of its role, and receives 403 from all others`,
      wrong.length === 0,
    );
    const { status } = await callApi(world, caller, 'GET', '/unknown');
    report.check(
      `${role}: receives ${role === 'operator' ? 404 : 403} for an unknown route`,
      status === (role === 'operator' ? 404 : 403),
    );
  }
};
