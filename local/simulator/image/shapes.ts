/** The corners of a closed contour: x, y, x, y, … Curves have many corners. */
export type Path = readonly number[];

const STEPS = 8;

export const rectangle = (x: number, y: number, width: number, height: number): Path => [
  x,
  y,
  x + width,
  y,
  x + width,
  y + height,
  x,
  y + height,
];

export const ellipse = (x: number, y: number, radiusX: number, radiusY = radiusX, steps = 48): Path =>
  Array.from({ length: steps }, (_, step) => (step / steps) * 2 * Math.PI).flatMap((angle) => [
    x + radiusX * Math.cos(angle),
    y + radiusY * Math.sin(angle),
  ]);

/** A rectangle with round corners. With a high roundness it is nearly an ellipse. */
export const rounded = (x: number, y: number, width: number, height: number, radius: number): Path =>
  [
    [x + width - radius, y + radius, -1],
    [x + width - radius, y + height - radius, 0],
    [x + radius, y + height - radius, 1],
    [x + radius, y + radius, 2],
  ].flatMap(([centreX = 0, centreY = 0, quarter = 0]) =>
    Array.from({ length: STEPS + 1 }, (_, step) => ((quarter + step / STEPS) * Math.PI) / 2).flatMap(
      (angle) => [centreX + radius * Math.cos(angle), centreY + radius * Math.sin(angle)],
    ),
  );

/** A point of the Catmull-Rom curve between the second and the third of four points. */
const between = (p0: number, p1: number, p2: number, p3: number, t: number): number =>
  0.5 *
  (2 * p1 +
    (p2 - p0) * t +
    (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t +
    (3 * p1 - p0 - 3 * p2 + p3) * t * t * t);

const smooth = (points: Path, isClosed: boolean): number[] => {
  const count = points.length / 2;
  const value = (index: number, axis: number): number => {
    const wrapped = isClosed ? (index + count) % count : Math.min(count - 1, Math.max(0, index));
    return points[wrapped * 2 + axis] ?? 0;
  };
  const curve: number[] = [];
  for (let index = 0; index < (isClosed ? count : count - 1); index += 1) {
    for (let step = 0; step < STEPS; step += 1) {
      for (const axis of [0, 1]) {
        const [p0, p1, p2, p3] = [-1, 0, 1, 2].map((offset) => value(index + offset, axis));
        curve.push(between(p0 ?? 0, p1 ?? 0, p2 ?? 0, p3 ?? 0, step / STEPS));
      }
    }
  }
  return isClosed ? curve : [...curve, value(count - 1, 0), value(count - 1, 1)];
};

/** A closed curve through the points. */
export const blob = (points: Path): Path => smooth(points, true);

export const mirrored = (path: Path): Path => path.map((value, index) => (index % 2 === 0 ? -value : value));

/** A closed curve through the points of its right half, from top to bottom, and their mirror images. */
export const symmetric = (right: Path): Path => {
  const left: number[] = [];
  for (let at = right.length - 2; at >= 0; at -= 2)
    if (right[at] !== 0) left.push(-(right[at] ?? 0), right[at + 1] ?? 0);
  return blob([...right, ...left]);
};

/**
 * The outline of a line through the points.
 *
 * @param width in the middle
 * @param ends width of the ends, as a share of `width`
 */
export const line = (points: Path, width: number, ends: readonly [number, number] = [1, 1]): Path => {
  const curve = smooth(points, false);
  const count = curve.length / 2;
  const right: number[] = [];
  const left: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const [before, after] = [Math.max(0, index - 1), Math.min(count - 1, index + 1)];
    const dx = (curve[after * 2] ?? 0) - (curve[before * 2] ?? 0);
    const dy = (curve[after * 2 + 1] ?? 0) - (curve[before * 2 + 1] ?? 0);
    const length = Math.hypot(dx, dy) || 1;
    const along = index / (count - 1);
    const end = along < 0.5 ? ends[0] : ends[1];
    // Thickest in the middle.
    const half = (width / 2) * (end + (1 - end) * Math.sin(Math.PI * along));
    const [x = 0, y = 0] = [curve[index * 2], curve[index * 2 + 1]];
    right.push(x - (dy / length) * half, y + (dx / length) * half);
    left.unshift(x + (dy / length) * half, y - (dx / length) * half);
  }
  return [...right, ...left];
};

/** Contours of a ring: the hole turns the other way, so that it is not filled. */
export const ring = (outer: Path, inner: Path): readonly Path[] => {
  const hole: number[] = [];
  for (let at = inner.length - 2; at >= 0; at -= 2) hole.push(inner[at] ?? 0, inner[at + 1] ?? 0);
  return [outer, hole];
};
