import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentIn, runCli } from '../support/cli.ts';
import { type Deployment, STACK, startDeployment, TOPIC_ARN } from '../support/deployment.ts';

let deployment: Deployment;
beforeAll(async () => {
  // The service itself is not called.
  deployment = await startDeployment('http://127.0.0.1:9');
});
beforeEach(() => deployment.reset());
afterAll(() => deployment.close());

const testAlarm = (...args: string[]) =>
  runCli(['test-alarm', '--stack', STACK, ...args], { env: deployment.env });
const changes = () =>
  deployment.calls.flatMap(([operation, input]) => (operation === 'SetAlarmState' ? [input] : []));

describe('test-alarm', () => {
  it('sets an alarm to ALARM and back to OK, and says who should have heard and what CloudWatch did', async () => {
    const result = await testAlarm('--json');
    expect(result.code).toBe(0);
    expect(documentIn(result)).toEqual({
      alarm: `${STACK}-CallsToday`,
      receivers: [{ protocol: 'email', endpoint: 'o…@example.com', status: 'confirmed' }],
      actions: [
        {
          executed: true,
          summary: expect.stringMatching(/^Successfully executed action .*<account>:alarms$/),
        },
      ],
    });
    expect(changes()).toMatchObject([
      {
        AlarmName: `${STACK}-CallsToday`,
        StateValue: 'ALARM',
        StateReason: expect.stringMatching(/test.*nothing is wrong/),
      },
      { AlarmName: `${STACK}-CallsToday`, StateValue: 'OK' },
    ]);
  });

  it('takes an alarm by its section in the runbook, and lists the receivers before it sets anything', async () => {
    const { code, stderr, stdout } = await testAlarm('low-credit');
    expect(code).toBe(0);
    expect(stderr).toMatch(/email +o…@example\.com +confirmed/);
    expect(stdout).toContain(`${STACK}-CreditsLeft was set to ALARM and back to OK.`);
    expect(changes()).toMatchObject([
      { AlarmName: `${STACK}-CreditsLeft` },
      { AlarmName: `${STACK}-CreditsLeft` },
    ]);
  });

  it('fails if CloudWatch could not notify the topic, and resets the alarm', async () => {
    deployment.change({
      actionSummary: `Failed to execute action ${TOPIC_ARN}. Received error: "no permission"`,
    });
    const { code, stdout } = await testAlarm();
    expect(code).toBe(1);
    expect(stdout).toContain('Received error: "no permission"');
    expect(changes()).toMatchObject([{ StateValue: 'ALARM' }, { StateValue: 'OK' }]);
  });

  it.each([
    ['there is no subscription', []],
    [
      'no subscription is confirmed',
      [{ protocol: 'email', endpoint: 'oncall@example.com', isConfirmed: false }],
    ],
  ])('sets nothing if %s, and says what to do', async (_, subscriptions) => {
    deployment.change({ subscriptions });
    const { code, stderr } = await testAlarm();
    expect(code).toBe(1);
    expect(stderr).toMatch(/No subscriber would receive the alarm, so it was not set\. (Click|Deploy)/);
    expect(stderr).not.toContain('oncall@example.com');
    expect(changes()).toEqual([]);
  });

  it('counts a pager that is notified directly, and shows no secret in the address of a subscriber', async () => {
    const pager = 'arn:aws:lambda:eu-west-1:111122223333:function:pager';
    deployment.change({
      subscriptions: [
        { protocol: 'https', endpoint: 'https://events.example.com/integration/s3cret', isConfirmed: false },
      ],
      alarms: deployment.alarms().map((alarm) => ({ ...alarm, AlarmActions: [TOPIC_ARN, pager] })),
      actionSummary: undefined,
    });
    const result = await testAlarm('--json');
    expect(result.code).toBe(0);
    expect(documentIn(result)).toMatchObject({
      receivers: [
        { protocol: 'https', endpoint: 'events.example.com', status: 'not confirmed' },
        { protocol: 'lambda', status: 'confirmed' },
      ],
      actions: [],
    });
    expect(result.stdout + result.stderr).not.toContain('s3cret');
  });

  it('does not touch an alarm that is on, because no notification would be sent', async () => {
    deployment.change({ alarms: deployment.alarms().map((alarm) => ({ ...alarm, StateValue: 'ALARM' })) });
    const { code, stderr } = await testAlarm();
    expect(code).toBe(1);
    expect(stderr).toMatch(/is on already/);
    expect(changes()).toEqual([]);
  });

  it('names the alarms if there is none of a name, and suggests one', async () => {
    const { code, stderr } = await testAlarm('low-credits');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /Did you mean "low-credit"\? The alarms are: backlog, daily-limit-near, low-credit\./,
    );
    expect(changes()).toEqual([]);
  });
});
