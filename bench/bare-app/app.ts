/** A CDK app with a single queue: what `cdk synth` costs whatever is built. */
import { App, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';

new Queue(new Stack(new App(), 'Bare'), 'Queue');
