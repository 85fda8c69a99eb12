import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { ConfigurationError } from '../lib/config.ts';
import { PhotoAvatarsStack } from '../lib/photo-avatars-stack.ts';
import { readStage } from '../lib/stage-file.ts';

try {
  const app = new App();
  const configuration = readStage(fileURLToPath(new URL('..', import.meta.url)), app.node.getAllContext());
  new PhotoAvatarsStack(app, `PhotoAvatars-${configuration.stage}`, {
    configuration,
    description: `JoggAI photo avatars (${configuration.stage})`,
  });
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
