/** What all clients of the AWS SDK have. */
interface AwsClient {
  readonly middlewareStack: { remove(middleware: string): boolean };
}

/**
 * Takes the middleware out that describes each call to a logger. No client here has a logger, but the descriptions,
 * with secrets and requests blanked out field by field, would be made all the same.
 */
export const withoutCallLog = <Client extends AwsClient>(client: Client): Client => {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
};
