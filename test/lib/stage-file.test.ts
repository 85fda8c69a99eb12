import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../lib/config.ts';
import { readStage } from '../../lib/stage-file.ts';
import { deployedContext } from './synthesize.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const STAGES = globSync('stages/*', { cwd: root });

const scratch = mkdtempSync(join(tmpdir(), 'photo-avatars-stages-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A project with these files. A text is written as it is. */
const projectWith = (files: Record<string, object | string>): string => {
  const project = mkdtempSync(join(scratch, 'project-'));
  mkdirSync(join(project, 'stages'));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(project, name), typeof content === 'string' ? content : JSON.stringify(content));
  return project;
};

describe('the stages of this project', () => {
  it.each(STAGES)('are valid: %s', (file) => {
    expect(file).toMatch(/\.json$/);
    const stage = basename(file, '.json');
    expect(readStage(root, { ...deployedContext, stage }).stage).toBe(stage);
  });
});

describe('the file of a stage', () => {
  it('has settings of this stage only', () => {
    const project = projectWith({
      'stages/test.json': { memorySize: 1024, corsOrigins: 'https://a.example' },
    });
    const jwt = { jwtIssuer: 'https://login.example.com', jwtAudience: 'people' };
    const test = readStage(project, { stage: 'test', ...jwt });
    expect(test).toMatchObject({ stage: 'test', memorySize: 1024, corsOrigins: ['https://a.example'] });
    expect(readStage(project, { stage: 'other' })).toEqual(readConfiguration({ stage: 'other' }));
  });

  it('applies to the default stage, too', () => {
    const project = projectWith({ 'stages/prod.json': { dailyCallLimit: 5_000 } });
    expect(readStage(project, {})).toMatchObject({ stage: 'prod', dailyCallLimit: 5_000 });
  });

  it('is overridden by the command line', () => {
    const project = projectWith({ 'stages/test.json': { memorySize: 1024, throttleRate: 7 } });
    const settings = readStage(project, { stage: 'test', memorySize: '256' });
    expect(settings).toMatchObject({ memorySize: 256, throttleRate: 7 });
  });

  it('extends the settings of all stages in cdk.json', () => {
    const context = { '@aws-cdk/core:someFlag': true, throttleRate: 7 };
    const project = projectWith({ 'cdk.json': { context }, 'stages/test.json': { memorySize: 1024 } });
    expect(readStage(project, { ...context, stage: 'test' })).toMatchObject({
      memorySize: 1024,
      throttleRate: 7,
    });
  });

  it('must not repeat a setting of cdk.json, because one of the two would be ignored', () => {
    const context = { dailyCallLimit: 100 };
    const project = projectWith({ 'cdk.json': { context }, 'stages/test.json': { dailyCallLimit: 200 } });
    expect(() => readStage(project, { ...context, stage: 'test' })).toThrow(
      '  stages/test.json: dailyCallLimit is also in "context" of cdk.json. Keep one of the two.',
    );
  });

  it.each([
    [{ memorySize: 'big' }, 'memorySize is "big". Expected: a whole number from 128 to 10240.'],
    [{ throtleRate: 1 }, 'throtleRate is not a setting. The settings are: stage, '],
    [{ '@aws-cdk/core:someFlag': true }, '@aws-cdk/core:someFlag is not a setting.'],
    [{ stage: 'prod' }, 'stage is not allowed here, because the name of the file is the stage.'],
  ])('is named in the error of its setting: %o', (settings, problem) => {
    const project = projectWith({ 'stages/test.json': settings });
    expect(() => readStage(project, { stage: 'test' })).toThrow(`  stages/test.json: ${problem}`);
  });

  it('is not named in the error of a setting that the command line overrides', () => {
    const project = projectWith({ 'stages/test.json': { memorySize: 1024, throttleRate: 0 } });
    expect(() => readStage(project, { stage: 'test', memorySize: 'big' })).toThrow(
      /\n {2}stages\/test\.json: throttleRate is 0\..*\n {2}memorySize is "big"\./,
    );
  });

  it.each(['{ "memorySize": }', '[]', '"text"', ''])('must be a JSON object, not %j', (text) => {
    const project = projectWith({ 'stages/test.json': text });
    expect(() => readStage(project, { stage: 'test' })).toThrow(/^stages\/test\.json cannot be read: .+\.$/);
  });

  it('is never looked for outside the folder', () => {
    const project = projectWith({ 'secret.json': { memorySize: 1024 } });
    expect(() => readStage(project, { stage: '../secret' })).toThrow(
      'stage is "../secret". Expected: up to 20',
    );
  });
});
