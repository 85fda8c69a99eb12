import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { TIMEOUT_SECONDS } from '../lambda/shared/limits.ts';
import { type CommonFunctionProps, ServiceFunction } from './service-function.ts';

/** Runs dispatch every minute to process the open records of the ledger. */
export class Dispatcher extends Construct {
  readonly function: ServiceFunction;
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, props: CommonFunctionProps) {
    super(scope, id);
    this.function = new ServiceFunction(this, 'Handler', {
      ...props,
      handlerName: 'dispatch',
      description: "Submits queued requests within JoggAI's rate limit and recovers interrupted ones.",
      // Longer than the schedule's interval, so that one run is always waiting for the next free slot.
      timeout: Duration.seconds(TIMEOUT_SECONDS.dispatch),
      impact: {
        error: 'Queued requests wait longer than necessary: dispatch ended with an error or could not start.',
        throttle: 'Queued requests wait longer than necessary: Lambda had no concurrency left for dispatch.',
      },
    });
    const { functionArn } = this.function.function;
    // The CDK's own target would also allow every version of the function: `function:*`.
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    this.schedule = new Schedule(this, 'Schedule', {
      description: 'Processes open photo avatar requests.',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: {
        // No retries: the next run does the same work.
        bind: () => ({
          arn: functionArn,
          role,
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        }),
      },
    });
  }
}
