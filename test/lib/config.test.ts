import { describe, expect, it } from 'vitest';
import { configuration, readConfiguration } from '../../lib/config.ts';
import { deployedContext } from './synthesize.ts';

describe('the configuration', () => {
  it('has a default for every required setting', () => {
    expect(readConfiguration({})).toEqual({
      stage: 'prod',
      runbookUrl: 'docs/operations.md',
      ownRecordsOnly: false,
      joggaiBaseUrl: 'https://api.jogg.ai',
      joggaiCallsPerMinute: 20,
      dailyCallLimit: 1000,
      eventSchemas: false,
      lowCreditThreshold: 10,
      generationTimeoutMinutes: 60,
      imageHosts: ['jogg.ai', '*.jogg.ai'],
      backlogAlarmMinutes: 360,
      logRetentionDays: 90,
      throttleRate: 20,
      throttleBurst: 50,
      memorySize: 512,
      retentionDays: 0,
      removalPolicy: 'retain',
      sourceMaps: false,
    });
  });

  it('describes each setting in sentences', () => {
    for (const setting of Object.values(configuration.shape)) expect(setting.description).toMatch(/\.$/);
  });

  it('reads numbers, booleans and lists from the strings of the command line', () => {
    expect(
      readConfiguration({
        memorySize: '1024',
        sourceMaps: 'true',
        logRetentionDays: '30',
        jwtIssuer: 'https://login.example.com/tenant',
        jwtAudience: 'people, programs',
        eventSources: 'my.shop,my.app',
        imageHosts: 'res.jogg.ai, *.cdn.example.com',
      }),
    ).toMatchObject({
      memorySize: 1024,
      sourceMaps: true,
      logRetentionDays: 30,
      jwtAudience: ['people', 'programs'],
      eventSources: ['my.shop', 'my.app'],
      imageHosts: ['res.jogg.ai', '*.cdn.example.com'],
    });
  });

  it("ignores the CDK's own context keys", () => {
    const cdkKeys = { 'aws:cdk:enable-path-metadata': true, 'availability-zones:account=1:region=x': ['a'] };
    expect(readConfiguration({ ...deployedContext, ...cdkKeys })).toEqual(readConfiguration({}));
  });

  it.each([
    ['stage', 'Über Prod'],
    ['alarmEmail', 'not-an-address'],
    ['joggaiBaseUrl', 'https://api.jogg.ai/v2'],
    ['joggaiBaseUrl', 'http://api.jogg.ai'],
    ['logRetentionDays', '42'],
    ['logRetentionDays', ''],
    ['eventBusName', 'my bus'],
    ['resultsBusName', 'arn:aws:events:us-east-1:111122223333:event-bus/mine'],
    ['eventSources', 'my.shop,'],
    ['lowCreditThreshold', '0.5'],
    ['generationTimeoutMinutes', '0'],
    ['imageHosts', 'https://res.jogg.ai'],
    ['imageHosts', 'Res.Jogg.ai'],
    ['imageHosts', '*'],
    ['imageHosts', '*.ai'],
    ['backlogAlarmMinutes', '0'],
    ['throttleRate', '0'],
    ['throttleBurst', '1.5'],
    ['memorySize', '64'],
    ['retentionDays', '-1'],
    ['removalPolicy', 'delete'],
    ['sourceMaps', 'yes'],
  ])('rejects %s=%s and names the setting and its value', (name, value) => {
    expect(() => readConfiguration({ [name]: value })).toThrow(
      `  ${name} is ${JSON.stringify(value)}. Expected: `,
    );
  });

  it('allows plain HTTP only on the loopback interface', () => {
    expect(readConfiguration({ joggaiBaseUrl: 'http://127.0.0.1:8080' }).joggaiBaseUrl).toBe(
      'http://127.0.0.1:8080',
    );
  });

  it('lists the valid values of a setting', () => {
    expect(() => readConfiguration({ logRetentionDays: 42 })).toThrow('one of 1, 3, 5, 7, 14, 30');
    expect(() => readConfiguration({ removalPolicy: 'keep' })).toThrow('retain or destroy');
  });

  it('reports every invalid setting at once', () => {
    expect(() => readConfiguration({ stage: 7, memorySize: 'big' })).toThrow(
      /stage is 7.*\n.*memorySize is "big"/,
    );
  });

  it.each(['throtleRate', 'alarmMail', 'retentiondays', 'zebra'])(
    'rejects the unknown setting %s and lists all settings',
    (name) => {
      const all = Object.keys(configuration.shape).join(', ');
      expect(() => readConfiguration({ [name]: '1' })).toThrow(
        `${name} is not a setting. The settings are: ${all}.`,
      );
    },
  );

  it.each([
    [{ jwtIssuer: 'https://login.example.com' }, 'jwtAudience is missing'],
    [{ jwtAudience: 'people' }, 'jwtIssuer is missing'],
  ])('rejects an incomplete JWT configuration: %o', (settings, problem) => {
    expect(() => readConfiguration(settings)).toThrow(problem);
  });

  it('does not repeat an invalid secret name, which may be the key', () => {
    const pasted = 'a key, pasted by mistake';
    expect(() => readConfiguration({ apiKeySecret: pasted })).toThrow('apiKeySecret is malformed');
    expect(() => readConfiguration({ apiKeySecret: pasted })).not.toThrow(pasted);
  });
});
