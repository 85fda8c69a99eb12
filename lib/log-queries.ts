import { type ILogGroup, QueryDefinition, QueryString, type QueryStringProps } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface LogQueriesProps {
  /** Folder of the queries in the CloudWatch console. */
  readonly serviceName: string;
  /** Log groups of all functions, because several functions process one request. */
  readonly functionLogs: readonly ILogGroup[];
  /** Of the HTTP API. */
  readonly accessLogs: ILogGroup;
}

/** The query that also searches the access log of the HTTP API. */
const CORRELATION_QUERY = 'One correlation id';

/** The saved queries by their names in the CloudWatch console. */
export const LOG_QUERIES = {
  'One request': {
    fields: [
      '@timestamp',
      'function_name',
      'message',
      'status',
      'charged',
      'attempts',
      'outcome',
      'httpStatus',
      'code',
      'rid',
      'latency_ms',
      'error_code',
      'photo_id',
      'function_request_id',
    ],
    filterStatements: ['record_id = "PUT THE ID HERE"'],
    sort: '@timestamp asc',
    limit: 1_000,
  },
  // By the id that a caller saw: its own, or that of API Gateway, of an event or of a message. One id has several names:
  // it is found wherever it is a whole value.
  [CORRELATION_QUERY]: {
    fields: [
      '@timestamp',
      'function_name',
      'message',
      'record_id',
      'status',
      'outcome',
      'httpStatus',
      'code',
      'error_code',
      'routeKey',
      'correlation_id',
      'first_correlation_id',
      'http_request_id',
      'function_request_id',
    ],
    filterStatements: [`@message like '"PUT THE ID HERE"'`],
    sort: '@timestamp asc',
    limit: 1_000,
  },
  // Lines about a crash or the account have no record_id.
  'One invocation': {
    fields: ['@timestamp', 'level', 'message', 'record_id', '@message'],
    filterStatements: ['function_request_id = "PUT THE ID HERE"'],
    sort: '@timestamp asc',
    limit: 1_000,
  },
  'JoggAI calls': {
    filterStatements: ['message = "JoggAI called"'],
    statsStatements: [
      'count(*) as calls, pct(latency_ms, 50) as median_ms, pct(latency_ms, 99) as p99_ms, max(latency_ms) as slowest_ms by outcome, httpStatus, code',
    ],
    sort: 'calls desc',
  },
  // Lambda's lines about a failed invocation are not JSON and have no level.
  Errors: {
    fields: [
      '@timestamp',
      'function_name',
      'message',
      'record_id',
      'problem.name',
      'problem.message',
      '@message',
    ],
    filterStatements: [
      'level = "ERROR" or @message like /Task timed out|Runtime exited|Runtime\\.|Uncaught Exception/',
    ],
    sort: '@timestamp desc',
    limit: 200,
  },
} satisfies Record<string, QueryStringProps>;

/** Saved queries over the logs of all functions and of the HTTP API. */
export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, { serviceName, functionLogs, accessLogs }: LogQueriesProps) {
    super(scope, id);
    for (const [name, query] of Object.entries<QueryStringProps>(LOG_QUERIES)) {
      new QueryDefinition(this, name.replaceAll(' ', ''), {
        queryDefinitionName: `${serviceName}/${name}`,
        queryString: new QueryString(query),
        logGroups: [...functionLogs, ...(name === CORRELATION_QUERY ? [accessLogs] : [])],
      });
    }
  }
}
