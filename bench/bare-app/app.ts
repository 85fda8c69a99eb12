/** A CDK app with a single queue: the baseline for the time of `cdk synth`. */
import { App, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';

new Queue(new Stack(new App(), 'Bare'), 'Queue');
