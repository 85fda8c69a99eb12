import { escaped, PALETTES, type Palette, svgDocument, type Theme } from './palette.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly string[];
  /** Whether it is a function of this service. */
  readonly own?: true;
}

const WIDTH = 960;
const HEIGHT = 448;

const caller = (y: number, ...lines: string[]): Box => ({ x: 16, y, width: 164, height: 52, lines });
const entrance = (y: number, ...lines: string[]): Box => ({ x: 250, y, width: 150, height: 52, lines });
const ownFunction = (y: number, ...lines: string[]): Box => ({
  x: 484,
  y,
  width: 164,
  height: 64,
  lines,
  own: true,
});
const external = (y: number, ...lines: string[]): Box => ({ x: 750, y, width: 194, height: 52, lines });

const BOXES = {
  people: caller(24, 'People, programs', 'HTTPS, signed'),
  workflows: caller(92, 'Step Functions', 'and other functions'),
  events: caller(164, 'EventBridge', 'events'),
  messages: caller(232, 'SQS, SNS, S3, CLI', 'messages'),
  schedule: caller(318, 'Scheduler', 'every minute'),
  httpApi: entrance(24, 'HTTP API', 'IAM or JWT'),
  rule: entrance(164, 'Rule and queue', 'dead-letter queue'),
  queue: entrance(232, 'Queue', 'dead-letter queue'),
  api: ownFunction(52, 'api', 'answers callers'),
  intake: ownFunction(192, 'intake', 'records messages'),
  dispatch: ownFunction(312, 'dispatch', 'follows, repairs, reports'),
  joggai: external(58, 'JoggAI', 'paid POST, free GETs'),
  ledger: external(198, 'Ledger and gate', 'DynamoDB'),
  images: external(284, 'Copies of the pictures', 'S3'),
  results: external(352, 'Results', 'EventBridge'),
} as const satisfies Record<string, Box>;

/** Around the functions: each of them calls JoggAI and uses the ledger. */
const FUNCTIONS = { x: 464, y: 24, width: 204, height: 372 };

type Area = Pick<Box, 'x' | 'y' | 'width' | 'height'>;

const middle = ({ y, height }: Area): number => y + height / 2;

/** An arrow to the middle of a box, of right angles if it starts at another height. */
const arrow = (from: Area, to: Area, at: { readonly fromY?: number; readonly toY?: number } = {}): string => {
  const { fromY = middle(from), toY = middle(to) } = at;
  const start = from.x + from.width;
  const column = to.x - 34;
  return `M ${start} ${fromY} L ${column} ${fromY} L ${column} ${toY} L ${to.x} ${toY}`;
};

const fromFunctionsTo = (to: Area): string => arrow(FUNCTIONS, to, { fromY: middle(to) });

const ARROWS = [
  arrow(BOXES.people, BOXES.httpApi),
  arrow(BOXES.httpApi, BOXES.api, { toY: 72 }),
  arrow(BOXES.workflows, BOXES.api, { toY: 96 }),
  arrow(BOXES.events, BOXES.rule),
  arrow(BOXES.messages, BOXES.queue),
  arrow(BOXES.rule, BOXES.intake, { toY: 212 }),
  arrow(BOXES.queue, BOXES.intake, { toY: 236 }),
  arrow(BOXES.schedule, BOXES.dispatch),
  fromFunctionsTo(BOXES.joggai),
  fromFunctionsTo(BOXES.ledger),
  arrow(BOXES.dispatch, BOXES.images, { fromY: 330 }),
  arrow(BOXES.dispatch, BOXES.results, { fromY: 358 }),
];

const drawBox = ({ x, y, width, height, lines, own }: Box, palette: Palette): string => {
  const [name = '', detail = ''] = lines;
  const centre = x + width / 2;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${own ? palette.own : palette.box}" stroke="${own ? palette.ownLine : palette.line}" stroke-width="${own ? 1.6 : 1}"/>`,
    `<text x="${centre}" y="${y + height / 2 - 4}" text-anchor="middle" font-weight="600" fill="${palette.ink}">${escaped(name)}</text>`,
    `<text x="${centre}" y="${y + height / 2 + 13}" text-anchor="middle" font-size="12" fill="${palette.quiet}">${escaped(detail)}</text>`,
  ].join('\n');
};

/** The parts of the service and how they call each other. */
export const drawArchitecture = (theme: Theme): string => {
  const palette = PALETTES[theme];
  return svgDocument(
    {
      width: WIDTH,
      height: HEIGHT,
      title:
        'People and programs call an HTTP API, workflows invoke the function api. Events and messages go through queues to the function intake. A schedule starts the function dispatch. The three functions call JoggAI and keep ledger and gate in DynamoDB; dispatch copies pictures to S3 and reports results to EventBridge.',
    },
    [
      `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M 0 0 L 8 4 L 0 8 z" fill="${palette.line}"/></marker></defs>`,
      `<rect x="${FUNCTIONS.x}" y="${FUNCTIONS.y}" width="${FUNCTIONS.width}" height="${FUNCTIONS.height}" rx="14" fill="${palette.panel}" stroke="${palette.ownLine}" stroke-dasharray="4 4"/>`,
      `<text x="${FUNCTIONS.x + FUNCTIONS.width / 2}" y="${FUNCTIONS.y - 8}" text-anchor="middle" font-size="12" fill="${palette.quiet}">three Lambda functions</text>`,
      ...ARROWS.map(
        (path) =>
          `<path d="${path}" fill="none" stroke="${palette.line}" stroke-width="1.2" marker-end="url(#head)"/>`,
      ),
      ...Object.values(BOXES).map((box) => drawBox(box, palette)),
      `<text x="${WIDTH / 2}" y="436" text-anchor="middle" font-size="12" fill="${palette.quiet}">Secret with the JoggAI key · alarms → SNS topic · dashboard · logs · all in your AWS account, one CDK stack</text>`,
    ],
  );
};
