import type { Context } from 'aws-lambda';
import { createAccountNotes } from './adapters/account-notes.ts';
import { invocationOf } from './adapters/aws/invocation.ts';
import { createImageLinks } from './adapters/images/image-links.ts';
import { compose, composeFreeApi, pollSettings, wait } from './composition.ts';
import { createPollGeneration } from './domain/generation/completion.ts';
import { createRefresh } from './domain/generation/refresh.ts';
import type { Invocation } from './domain/ports.ts';
import { createErase } from './domain/record/erase.ts';
import { correlationIdIn } from './domain/request/keyed-request.ts';
import { createCancel } from './domain/submission/cancel.ts';
import { createResolve } from './domain/submission/resolve.ts';
import { createSubmitter } from './domain/submission/submit.ts';
import { CORRELATION_HEADER, correlationOf } from './http/correlation.ts';
import { type HttpEvent, isHttpEvent } from './http/event.ts';
import { createHttpApi } from './http/http-api.ts';
import { type HttpResponse, problemResponse } from './http/problem.ts';
import { createDirectApi, RefusedInvocation, unavailable } from './invoke/direct-api.ts';
import { createViewOf } from './views/record-view.ts';
import type { RecordView } from './views/schemas.ts';

const { environment, clock, telemetry, dynamoDb, ledger, apiKeys, gate, paidApi, ready } = compose();
const secretId = environment.API_KEY_SECRET;
const events = telemetry;
const viewOf = createViewOf(environment.IMAGE_BUCKET);
const onSubmission = telemetry.submissionEnded;
const submitter = createSubmitter({ ledger, gate, paidApi, apiKeys, clock, events, wait });
const freeApi = composeFreeApi(environment, telemetry);
const pollGeneration = createPollGeneration({
  ledger,
  freeApi,
  apiKeys,
  clock,
  events,
  settings: pollSettings(environment),
});
const http = createHttpApi({
  submitter,
  ledger,
  gate,
  apiKeys,
  notes: createAccountNotes(dynamoDb, environment.LEDGER_TABLE, telemetry.itemUnreadable),
  pollGeneration,
  refresh: createRefresh({ ledger, freeApi, apiKeys, clock, events, pollGeneration }),
  cancel: createCancel({ ledger, clock }),
  resolve: createResolve({ ledger, clock }),
  erase: createErase({ ledger, clock }),
  signImageLink: createImageLinks(environment.IMAGE_ORIGIN, environment.AWS_REGION),
  clock,
  joggaiUrl: environment.JOGGAI_BASE_URL,
  viewOf,
  ownRecordsOnly: environment.OWN_RECORDS_ONLY !== undefined,
  secretId,
  onSubmission,
});
const direct = createDirectApi({ submitter, secretId, viewOf, onSubmission });

/** Awaited by the entry that Lambda loads. */
export { ready };

const answerHttp = async (event: HttpEvent, invocation: Invocation): Promise<HttpResponse> => {
  const correlationId = correlationOf(event);
  telemetry.correlate(correlationId, event.requestContext.requestId);
  const response = await http(event, invocation).catch((error: unknown) => {
    telemetry.failed('Request failed', error);
    return problemResponse(
      'unavailable',
      'A service that this API depends on did not answer. If the request had an Idempotency-Key, send it again with the same key.',
    );
  });
  return { ...response, headers: { ...response.headers, [CORRELATION_HEADER]: correlationId } };
};

const answerDirectly = async (event: unknown, invocation: Invocation): Promise<RecordView> => {
  telemetry.correlate(correlationIdIn(event) ?? invocation.id);
  try {
    return await direct(event, invocation);
  } catch (error) {
    if (error instanceof RefusedInvocation) {
      telemetry.invocationRefused(error.name);
      throw error;
    }
    telemetry.failed('Request failed', error);
    throw unavailable();
  }
};

/** Answers the HTTP API, and direct invocations of the function with a request. */
export const handler = (event: unknown, context: Context): Promise<HttpResponse | RecordView> =>
  telemetry.during<HttpResponse | RecordView>(context, () => {
    const invocation = invocationOf(context);
    return isHttpEvent(event, context.invokedFunctionArn)
      ? answerHttp(event, invocation)
      : answerDirectly(event, invocation);
  });
