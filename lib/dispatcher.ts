import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { type CommonFunctionProps, ServiceFunction } from './service-function.ts';

/** Runs dispatch every minute: it moves on whatever is open in the ledger. */
export class Dispatcher extends Construct {
  readonly function: ServiceFunction;
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, props: CommonFunctionProps) {
    super(scope, id);
    this.function = new ServiceFunction(this, 'Handler', {
      ...props,
      handlerName: 'dispatch',
      description: 'Submits queued requests at the rate that JoggAI allows, and repairs what others left.',
      // Longer than a minute: one run is always there, waiting for the next free slot.
      timeout: Duration.minutes(2),
      impact: {
        error: 'Queued requests wait longer than they need to: dispatch broke off, or could not start.',
        throttle: 'Queued requests wait longer than they need to: Lambda had no capacity for dispatch.',
      },
    });
    const { functionArn } = this.function.function;
    // The ready-made target may invoke every version of the function, too: `function:*`.
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    this.schedule = new Schedule(this, 'Schedule', {
      description: 'Moves on open requests for photo avatars.',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: {
        // What failed is not repeated: the next minute's run does the same work.
        bind: () => ({
          arn: functionArn,
          role,
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        }),
      },
    });
  }
}
