import type { Hairstyle } from './looks.ts';
import { blob, ellipse, line, mirrored, type Path, symmetric } from './shapes.ts';

export interface Hair {
  /** Behind the head and the body. */
  readonly back?: readonly Path[];
  /** In front of the head. */
  readonly front: readonly Path[];
  /** In front of the shoulders and of the sides of the face. */
  readonly locks?: readonly Path[];
  /** Lines that show how it falls. */
  readonly strands?: readonly Path[];
}

const circles = (values: readonly number[]): readonly Path[] =>
  Array.from({ length: values.length / 3 }, (_, index) =>
    ellipse(values[index * 3] ?? 0, values[index * 3 + 1] ?? 0, values[index * 3 + 2] ?? 0),
  );

/** Circles along an arc above the head: curls. */
const curls = (radius: number, size: number, count: number, from: number, to: number): readonly Path[] =>
  Array.from({ length: count }, (_, index) => {
    const angle = from + ((to - from) * index) / (count - 1);
    const wobble = 1 + 0.04 * Math.sin(index * 2.4);
    return ellipse(
      radius * 1.02 * wobble * Math.sin(angle),
      -0.18 - radius * 1.12 * wobble * Math.cos(angle),
      size * (1 + 0.15 * Math.cos(index * 1.7)),
    );
  });

/** From ear to ear over the top, back along the hairline. */
const cap = (top: number, width: number, hairline: Path): Path => {
  const left = [-width, 0.08, -width - 0.03, -0.45, -0.82, -1.05, -0.4, top + 0.1];
  const right = [0.4, top + 0.1, 0.82, -1.05, width + 0.03, -0.45, width, 0.08];
  return blob([...left, 0, top, ...right, ...hairline]);
};

const SIDE_PART = [
  0.97, -0.2, 0.86, -0.55, 0.5, -0.78, 0.02, -0.92, -0.38, -1.0, -0.66, -0.78, -0.88, -0.5, -0.97, -0.2,
];
const CENTRE_PART = [
  0.98, -0.1, 0.88, -0.42, 0.5, -0.8, 0.03, -1.16, 0, -1.18, -0.03, -1.16, -0.5, -0.8, -0.88, -0.42, -0.98,
  -0.1,
];
const STRAIGHT = [0.99, -0.2, 0.88, -0.6, 0.5, -0.86, 0, -0.93, -0.5, -0.86, -0.88, -0.6, -0.99, -0.2];

const strand = (points: Path): Path => line(points, 0.036, [0, 0]);
const both = (...paths: readonly Path[]): readonly Path[] => [...paths, ...paths.map(mirrored)];

const CROP_LINE = [
  0.98, -0.25, 0.88, -0.62, 0.62, -0.7, 0.45, -0.78, 0.2, -0.72, -0.05, -0.8, -0.3, -0.72, -0.55, -0.78,
  -0.86, -0.62, -0.98, -0.25,
];
const SHORT_LINE = [
  0.99, -0.2, 0.9, -0.5, 0.7, -0.72, 0.2, -0.78, -0.3, -0.92, -0.62, -0.86, -0.86, -0.55, -0.99, -0.2,
];
const BUZZ_LINE = [0.985, -0.25, 0.9, -0.66, 0.45, -0.86, 0, -0.9, -0.45, -0.86, -0.9, -0.66, -0.985, -0.25];
const STRANDS = [
  strand([-0.1, -1.36, -0.55, -1.05, -0.9, -0.5]),
  strand([0.05, -1.38, 0.5, -1.12, 0.88, -0.6]),
  strand([-0.25, -1.34, -0.75, -1, -1, -0.4]),
];

export const HAIR: Readonly<Record<Hairstyle, Hair>> = {
  long: {
    back: [symmetric([0, -1.2, 0.8, -0.9, 1.12, 0, 1.22, 1.2, 1.18, 2.5, 0, 2.6])],
    front: [cap(-1.46, 1.08, CENTRE_PART)],
    locks: both(
      blob([
        0.7, -1.12, 1.03, -0.85, 1.2, -0.1, 1.29, 0.8, 1.32, 2.06, 1.15, 2.75, 0.84, 2.65, 0.84, 1.79, 0.9,
        0.8, 0.93, 0.1, 0.82, -0.45,
      ]),
    ),
    strands: [...STRANDS, ...both(strand([0.98, -0.3, 1.08, 0.6, 1.12, 1.6, 1.05, 2.3]))],
  },
  wavy: {
    back: [symmetric([0, -1.2, 0.85, -0.9, 1.18, -0.2, 1.3, 0.8, 1.25, 1.5, 1.35, 2.2, 0, 2.4])],
    front: [cap(-1.5, 1.12, SIDE_PART)],
    locks: both(
      blob([
        0.75, -1.15, 1.08, -0.9, 1.24, -0.3, 1.32, 0.3, 1.42, 0.8, 1.32, 1.3, 1.48, 1.8, 1.36, 2.35, 1.05,
        2.45, 0.92, 2.1, 1.02, 1.7, 0.86, 1.3, 0.98, 0.8, 0.92, 0.2, 0.86, -0.45,
      ]),
    ),
    strands: [...STRANDS, ...both(strand([1.02, -0.3, 1.14, 0.3, 1.2, 0.8, 1.1, 1.3, 1.24, 1.9]))],
  },
  bob: {
    back: [symmetric([0, -1.2, 0.85, -0.9, 1.12, -0.2, 1.2, 0.7, 1.12, 1.28, 0, 1.3])],
    front: [cap(-1.46, 1.08, SIDE_PART)],
    locks: both(
      blob([
        0.72, -1.1, 1.05, -0.85, 1.2, -0.1, 1.28, 0.6, 1.2, 1.2, 0.95, 1.3, 0.76, 1.12, 0.88, 0.7, 0.93, 0.1,
        0.84, -0.45,
      ]),
    ),
    strands: [...STRANDS, ...both(strand([1.0, -0.3, 1.08, 0.3, 1.06, 1.0]))],
  },
  bun: {
    back: [ellipse(0, -1.52, 0.52, 0.46)],
    front: [cap(-1.4, 1.04, STRAIGHT)],
    strands: [
      strand([-0.35, -1.55, 0, -1.72, 0.36, -1.5]),
      strand([-0.5, -0.92, -0.3, -1.2, -0.1, -1.36]),
      strand([0.5, -0.92, 0.3, -1.2, 0.1, -1.36]),
      strand([0, -0.96, 0, -1.36]),
    ],
  },
  ponytail: {
    back: [
      blob([
        0.4, -1.35, 1.0, -1.4, 1.5, -0.9, 1.62, 0, 1.5, 1, 1.62, 1.75, 1.3, 1.5, 1.12, 0.8, 1.1, 0, 0.85,
        -0.7,
      ]),
    ],
    front: [cap(-1.42, 1.05, SIDE_PART)],
    strands: [...STRANDS, strand([1.05, -1.15, 1.35, -0.5, 1.38, 0.4])],
  },
  curly: {
    back: [...curls(1.12, 0.36, 15, -2.3, 2.3), symmetric([0, -1.3, 1.1, -0.8, 1.25, 0.4, 1.1, 1.3, 0, 1.3])],
    front: [
      ...curls(1.02, 0.27, 9, -1.15, 1.15),
      ...circles([-0.55, -0.98, 0.25, -0.2, -1.06, 0.26, 0.18, -1.05, 0.25, 0.56, -0.96, 0.26]),
    ],
    locks: both(
      ...circles([1.06, -0.35, 0.25, 1.16, 0.05, 0.26, 1.18, 0.5, 0.27, 1.12, 0.92, 0.26, 1.06, 1.28, 0.24]),
    ),
  },
  afro: {
    back: [...curls(1.42, 0.36, 19, -2.05, 2.05), ellipse(0, -0.42, 1.55, 1.42)],
    front: [cap(-1.5, 1.1, STRAIGHT), ...curls(0.98, 0.16, 13, -1.25, 1.25)],
  },
  pixie: {
    front: [
      blob([
        -1.03, 0.2, -1.1, -0.4, -0.86, -1.1, -0.3, -1.46, 0.3, -1.46, 0.86, -1.12, 1.1, -0.4, 1.03, 0.2, 0.93,
        -0.05, 0.9, -0.45, 0.62, -0.5, 0.2, -0.66, -0.2, -0.9, -0.5, -0.78, -0.84, -0.5, -0.94, -0.1,
      ]),
    ],
    strands: [
      strand([-0.3, -1.2, 0.2, -1.0, 0.7, -0.62]),
      strand([-0.1, -1.36, 0.5, -1.1, 0.92, -0.6]),
      strand([-0.45, -1.25, -0.8, -0.9, -0.96, -0.4]),
    ],
  },
  braids: {
    back: [symmetric([0, -1.2, 0.82, -0.9, 1.06, 0, 1, 0.9, 0, 0.9])],
    front: [cap(-1.43, 1.06, CENTRE_PART)],
    locks: both(
      ...circles([
        1.08, 0.5, 0.22, 1.13, 0.82, 0.23, 1.16, 1.14, 0.235, 1.17, 1.46, 0.23, 1.16, 1.77, 0.22, 1.14, 2.06,
        0.2, 1.11, 2.32, 0.17,
      ]),
      blob([1.08, 2.4, 1.24, 2.7, 1.1, 2.95, 0.97, 2.68]),
      blob([0.85, -0.7, 1.1, -0.4, 1.2, 0.3, 1.05, 0.6, 0.92, 0.2]),
    ),
    strands: STRANDS,
  },
  short: {
    front: [cap(-1.46, 1.03, SHORT_LINE)],
    strands: [strand([-0.6, -0.98, -0.1, -1.2, 0.6, -0.95]), strand([-0.55, -1.1, 0.1, -1.34, 0.78, -1.02])],
  },
  quiff: {
    front: [
      blob([
        -1.03, 0.05, -1.08, -0.5, -0.9, -1.05, -0.72, -1.4, -0.2, -1.72, 0.4, -1.74, 0.86, -1.46, 0.98, -1.0,
        1.08, -0.5, 1.03, 0.05, 0.98, -0.2, 0.88, -0.6, 0.6, -0.9, 0.1, -1.0, -0.4, -0.98, -0.8, -0.75, -0.92,
        -0.5, -0.98, -0.2,
      ]),
    ],
    strands: [
      strand([-0.55, -1.02, -0.3, -1.4, 0.3, -1.6]),
      strand([-0.15, -1.04, 0.15, -1.36, 0.65, -1.42]),
      strand([0.3, -1.0, 0.55, -1.2, 0.86, -1.2]),
    ],
  },
  crop: {
    front: [cap(-1.42, 1.02, CROP_LINE)],
    strands: [
      strand([-0.5, -0.85, -0.45, -1.1, -0.2, -1.3]),
      strand([0, -0.85, 0.05, -1.1, 0.15, -1.32]),
      strand([0.45, -0.85, 0.5, -1.05, 0.5, -1.22]),
    ],
  },
  curlyShort: {
    front: [
      cap(-1.36, 1.02, STRAIGHT),
      ...curls(1.06, 0.24, 13, -1.25, 1.25),
      ...circles([-0.62, -0.92, 0.2, -0.3, -0.98, 0.22, 0.05, -1, 0.21, 0.38, -0.98, 0.22, 0.68, -0.9, 0.19]),
    ],
  },
  buzz: {
    front: [cap(-1.33, 1, BUZZ_LINE)],
  },
  receding: {
    front: both(blob([0.99, 0.1, 1.09, -0.35, 1.02, -0.85, 0.72, -1.2, 0.62, -1.14, 0.82, -0.8, 0.9, -0.4])),
    strands: both(strand([1, 0, 1.02, -0.5, 0.82, -0.98])),
  },
  bald: { front: [] },
};
