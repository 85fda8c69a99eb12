import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type CommandOptions, requireCommand } from '../support/process.ts';
import type { ResourceMapping } from '../support/recovery-guide.ts';

const template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});

export type Template = z.infer<typeof template>;

export interface Synthesized {
  /** Path of the stack's template. */
  readonly path: string;
  readonly template: Template;
}

export interface Deployed extends Synthesized {
  readonly outputs: Readonly<Record<string, string>>;
  /** The output of the CDK CLI. */
  readonly log: string;
}

/** Settings of the service, as CDK context. */
export type Settings = Readonly<Record<string, string>>;

/** The CDK CLI of the project with the emulator as its endpoint. Every method throws Error with the CLI's output if it fails. */
export interface Toolkit {
  bootstrap(): Promise<void>;
  /** Synthesizes the app of the project with `cdk synth`. */
  synth(settings: Settings): Promise<Synthesized>;
  deploy(settings: Settings): Promise<Deployed>;
  /** Imports existing resources into the stack. */
  import(settings: Settings, mapping: ResourceMapping, ...flags: string[]): Promise<void>;
  destroy(settings: Settings): Promise<void>;
}

export interface ToolkitOptions extends CommandOptions {
  /** Folder for all output files. */
  readonly directory: string;
  readonly stackName: string;
  /** Command that runs the deployed app. @default - the app of this checkout */
  readonly app?: string | undefined;
}

const CLI = 'node_modules/aws-cdk/bin/cdk';

/** The deployed app. `adaptation.ts` lists its differences from the app of the project. */
const APP = 'node test/e2e/app.ts';

export const createToolkit = ({ directory, stackName, app = APP, ...options }: ToolkitOptions): Toolkit => {
  const cdk = (...args: string[]) => requireCommand(process.execPath, [CLI, ...args], options);
  const contextOf = (settings: Settings) =>
    Object.entries(settings).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
  const assembly = (name: string) => join(directory, name);
  const read = async (name: string): Promise<Synthesized> => {
    const path = join(assembly(name), `${stackName}.template.json`);
    return { path, template: template.parse(JSON.parse(await readFile(path, 'utf8'))) };
  };

  return {
    async bootstrap() {
      const own = await cdk('bootstrap', '--show-template');
      const file = join(directory, 'bootstrap.yaml');
      // `cdk import` forms URLs of templates with this output. MiniStack finds them only with the bucket in their path.
      const inPath = `s3.${options.env.AWS_REGION}.amazonaws.com/\${$1}`;
      await writeFile(file, own.replace(/\$\{(StagingBucket)\.RegionalDomainName\}/, inPath));
      // An explicit environment avoids synthesizing an app.
      await cdk(
        ...['bootstrap', `aws://000000000000/${options.env.AWS_REGION}`, '--template', file],
        ...['--output', assembly('bootstrap')],
      );
    },

    async synth(settings) {
      await cdk('synth', '--quiet', ...contextOf(settings), '--output', assembly('original'));
      return read('original');
    },

    async deploy(settings) {
      const file = join(directory, 'outputs.json');
      const log = await cdk(
        ...['deploy', '--app', app, '--require-approval', 'never', '--progress', 'events'],
        ...[...contextOf(settings), '--output', assembly('deployed'), '--outputs-file', file],
      );
      const outputs = z.record(z.string(), z.record(z.string(), z.string()));
      const { [stackName]: ofStack = {} } = outputs.parse(JSON.parse(await readFile(file, 'utf8')));
      return { ...(await read('deployed')), outputs: ofStack, log };
    },

    async import(settings, mapping, ...flags) {
      const file = join(directory, 'kept.json');
      await writeFile(file, JSON.stringify(mapping));
      await cdk(
        ...['import', '--app', app, '--resource-mapping', file, ...flags],
        ...[...contextOf(settings), '--output', assembly('imported')],
      );
    },

    async destroy(settings) {
      await cdk('destroy', '--app', app, '--force', ...contextOf(settings), '--output', assembly('deployed'));
    },
  };
};
