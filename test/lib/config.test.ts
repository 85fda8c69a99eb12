import { describe, expect, it } from 'vitest';
import { configuration, readConfiguration } from '../../lib/config.ts';
import { deployedContext } from './synthesize.ts';

describe('the configuration', () => {
  it('is complete without a single setting', () => {
    expect(readConfiguration({})).toEqual({
      stage: 'prod',
      joggaiBaseUrl: 'https://api.jogg.ai',
      joggaiCallsPerMinute: 20,
      dailyCallLimit: 1000,
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

  it('says in a sentence what each setting does', () => {
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

  it("passes over the CDK's own context", () => {
    const own = { 'aws:cdk:enable-path-metadata': true, 'availability-zones:account=1:region=x': ['a'] };
    expect(readConfiguration({ ...deployedContext, ...own })).toEqual(readConfiguration({}));
  });

  it.each([
    ['stage', 'Über Prod'],
    ['alarmEmail', 'nobody'],
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
  ])('refuses %s=%s, saying which setting has which value', (name, value) => {
    expect(() => readConfiguration({ [name]: value })).toThrow(
      `  ${name} is ${JSON.stringify(value)}. Expected: `,
    );
  });

  it('lets the API key travel in the clear only within one machine', () => {
    expect(readConfiguration({ joggaiBaseUrl: 'http://127.0.0.1:8080' }).joggaiBaseUrl).toBe(
      'http://127.0.0.1:8080',
    );
  });

  it('names the values that a setting can have', () => {
    expect(() => readConfiguration({ logRetentionDays: 42 })).toThrow('one of 1, 3, 5, 7, 14, 30');
    expect(() => readConfiguration({ removalPolicy: 'keep' })).toThrow('retain or destroy');
  });

  it('names every wrong setting at once', () => {
    expect(() => readConfiguration({ stage: 7, memorySize: 'big' })).toThrow(
      /stage is 7.*\n.*memorySize is "big"/,
    );
  });

  it.each([
    ['throtleRate', 'throttleRate'],
    ['alarmMail', 'alarmEmail'],
    ['retentiondays', 'retentionDays'],
  ])('suggests what was meant by %s', (typed, meant) => {
    expect(() => readConfiguration({ [typed]: '1' })).toThrow(
      `${typed} is not a setting. Did you mean ${meant}?`,
    );
  });

  it('lists the settings when nothing is near', () => {
    expect(() => readConfiguration({ zebra: '1' })).toThrow(
      'zebra is not a setting. There are: stage, alarmEmail',
    );
  });

  it.each([
    [{ jwtIssuer: 'https://login.example.com' }, 'jwtAudience is missing'],
    [{ jwtAudience: 'people' }, 'jwtIssuer is missing'],
  ])('refuses half of a JWT configuration: %o', (settings, problem) => {
    expect(() => readConfiguration(settings)).toThrow(problem);
  });

  it('does not repeat what was given as the name of the secret', () => {
    const thing = 'a key, pasted by mistake';
    expect(() => readConfiguration({ apiKeySecret: thing })).toThrow('apiKeySecret is malformed');
    expect(() => readConfiguration({ apiKeySecret: thing })).not.toThrow(thing);
  });
});
