import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { PhotoAvatars } from 'photo-avatars';

/** A shop that requests a photo avatar for every order. */
class ShopStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const avatars = new PhotoAvatars(this, 'Avatars', { dailyCallLimit: 200 });
    const orders = new Role(this, 'Orders', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    avatars.grantRequest(orders);
    avatars.grantDirectInvoke(orders);
    avatars.metricInDoubt().createAlarm(this, 'RequestInDoubt', { threshold: 1, evaluationPeriods: 1 });
  }
}

// No resource has a fixed physical name, so one account can contain any number of stages.
const app = new App();
for (const stage of ['Test', 'Prod']) new ShopStack(app, `Shop-${stage}`);
