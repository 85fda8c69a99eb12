import { App } from 'aws-cdk-lib';
import { ConfigurationError, readConfiguration } from '../lib/config.ts';
import { PhotoAvatarsStack } from '../lib/photo-avatars-stack.ts';

try {
  const app = new App();
  const configuration = readConfiguration(app.node.getAllContext());
  new PhotoAvatarsStack(app, `PhotoAvatars-${configuration.stage}`, {
    configuration,
    description: `JoggAI photo avatars (${configuration.stage})`,
  });
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
