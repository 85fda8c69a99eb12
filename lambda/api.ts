import type { Context } from 'aws-lambda';
import { createImageLinks } from './adapters/image-links.ts';
import { invocationOf } from './adapters/invocation.ts';
import { createPlatform } from './adapters/platform.ts';
import { createFollow } from './domain/completion.ts';
import { createResolve } from './domain/resolution.ts';
import { isHttpEvent } from './http/event.ts';
import { createHttpApi } from './http/http-api.ts';
import { type HttpResponse, problemResponse } from './http/problem.ts';
import type { RecordView } from './http/schemas.ts';
import { createDirectApi, RefusedInvocation } from './invoke/direct-api.ts';

const { telemetry, ready, environment, ...platform } = createPlatform();
const http = createHttpApi({
  ...platform,
  follow: createFollow(platform),
  resolve: createResolve(platform),
  signImageLink: createImageLinks(environment.IMAGE_ORIGIN, environment.AWS_REGION),
  onSubmission: telemetry.submissionEnded,
});
const direct = createDirectApi({ ...platform, onSubmission: telemetry.submissionEnded });

/** Waited for by the entry that Lambda loads. */
export { ready };

/** Answers the HTTP API, and whoever invokes the function itself with a request. */
export const handler = (event: unknown, context: Context): Promise<HttpResponse | RecordView> =>
  telemetry.during(context, async () => {
    const invocation = invocationOf(context);
    try {
      return await (isHttpEvent(event) ? http(event, invocation) : direct(event, invocation));
    } catch (error) {
      if (error instanceof RefusedInvocation) {
        telemetry.invocationRefused(error.name);
        throw error;
      }
      telemetry.failed('Request failed', error);
      if (!isHttpEvent(event)) throw error;
      return problemResponse(
        'unavailable',
        'Something this service needs did not answer. If the request had an Idempotency-Key, ask again with the same key.',
      );
    }
  });
