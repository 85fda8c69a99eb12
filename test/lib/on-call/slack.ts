import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import type { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

/** The ids of a workspace that is connected to Amazon Q Developer in chat applications, and of its channel. */
export const addSlack = (
  scope: Construct,
  photoAvatars: PhotoAvatars,
  workspaceId: string,
  channelId: string,
) =>
  new SlackChannelConfiguration(scope, 'Slack', {
    slackChannelConfigurationName: 'photo-avatars-alarms',
    slackWorkspaceId: workspaceId,
    slackChannelId: channelId,
    notificationTopics: [photoAvatars.alarmTopic.topic],
  });
