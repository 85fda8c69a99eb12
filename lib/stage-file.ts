import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  type Configuration,
  ConfigurationError,
  configuration,
  invalidConfiguration,
  readConfiguration,
  type StageFile,
} from './config.ts';

const settings = z.record(z.string(), z.unknown());
const cdkJson = z.looseObject({ context: settings.default({}) });

/** @throws ConfigurationError that names the file and the position of the mistake */
const parse = (path: string, text: string): z.output<typeof settings> => {
  try {
    return settings.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'the settings must be one JSON object';
    throw new ConfigurationError(`${path} cannot be read: ${reason}.`);
  }
};

/** The file of a stage; `undefined` if the stage has none. */
const readStageFile = (project: string, stage: string): StageFile | undefined => {
  const path = `stages/${stage}.json`;
  const file = join(project, path);
  return existsSync(file) ? { path, settings: parse(path, readFileSync(file, 'utf8')) } : undefined;
};

/** A setting has one place besides the command line, so that no value is overridden silently. */
const misplaced = ({ path, settings }: StageFile, inCdkJson: object): string[] =>
  Object.keys(settings).flatMap((name) => {
    if (name === 'stage')
      return [`${path}: stage is not allowed here, because the name of the file is the stage.`];
    return Object.hasOwn(inCdkJson, name)
      ? [`${path}: ${name} is also in "context" of cdk.json. Keep one of the two.`]
      : [];
  });

/**
 * Reads the settings of a stage from the context, the file `stages/<stage>.json` and `cdk.json`. The CDK passes those of
 * `cdk.json` as context, too.
 *
 * @param project folder with `cdk.json` and `stages/`
 * @param context the context of the app, which wins over the file
 * @throws ConfigurationError
 */
export const readStage = (project: string, context: Record<string, unknown>): Configuration => {
  const stage = configuration.shape.stage.safeParse(context.stage);
  const file = stage.success ? readStageFile(project, stage.data) : undefined;
  if (file) {
    const own = join(project, 'cdk.json');
    const inCdkJson = existsSync(own) ? cdkJson.parse(JSON.parse(readFileSync(own, 'utf8'))).context : {};
    const problems = misplaced(file, inCdkJson);
    if (problems.length > 0) throw invalidConfiguration(problems);
  }
  return readConfiguration(context, file);
};
