import { type Colour, darker, glow, hex, lighter, linear, mix, solid, WHITE } from './paint.ts';
import type { Pen } from './pen.ts';
import { type DrawPlace, fillAll, type Place } from './place.ts';
import { blob, ellipse, line, rectangle } from './shapes.ts';

const drawSky = (place: Place, horizon: number): void => {
  const { pen, width, isNight, isSunset, random } = place;
  if (isNight) {
    fillAll(place, hex('#141b3c'), hex('#3a3f74'), horizon);
    for (let star = 0; star < 40; star += 1)
      pen.fill(
        solid(WHITE, 0.7),
        ellipse(random.between(0, width), random.between(0, horizon * 0.8), 0.003, 0.003, 8),
      );
    pen.fill(solid(hex('#f4eed0')), ellipse(width * 0.84, 0.13, 0.05));
  } else if (isSunset) {
    fillAll(place, hex('#6a4c93'), hex('#ffb26b'), horizon);
    pen.fill(glow(width * 0.8, horizon, 0.45, hex('#ffe1a0'), 0.9), ellipse(width * 0.8, horizon, 0.45));
    pen.fill(solid(hex('#fff0c2')), ellipse(width * 0.8, horizon - 0.04, 0.08));
  } else {
    fillAll(place, hex('#6fb4e8'), hex('#d9eefb'), horizon);
    pen.fill(
      solid(WHITE, 0.85),
      ...[0.1, 0.62].flatMap((share) =>
        cloud(width * (share + random.between(0, 0.2)), random.between(0.08, 0.2)),
      ),
    );
  }
};

const cloud = (x: number, y: number) => [
  ellipse(x, y, 0.06, 0.032),
  ellipse(x + 0.055, y - 0.014, 0.055, 0.04),
  ellipse(x + 0.115, y, 0.06, 0.03),
];

const drawTree = (pen: Pen, x: number, y: number, size: number, leaves: Colour): void => {
  pen.fill(solid(hex('#6b4a36')), rectangle(x - size * 0.06, y - size * 0.5, size * 0.12, size * 0.5));
  pen.fill(solid(darker(leaves, 0.16)), ellipse(x, y - size * 0.62, size * 0.36, size * 0.4));
  pen.fill(
    solid(leaves),
    ellipse(x - size * 0.14, y - size * 0.7, size * 0.26, size * 0.28),
    ellipse(x + size * 0.1, y - size * 0.86, size * 0.22, size * 0.2),
  );
};

export const beach: DrawPlace = (place) => {
  const { pen, width, isNight } = place;
  drawSky(place, 0.5);
  const sea = isNight ? hex('#22345f') : hex('#2f9fb8');
  pen.fill(linear([0, 0.48, 0, 0.72], sea, lighter(sea, 0.4)), rectangle(0, 0.48, width, 0.3));
  for (const y of [0.54, 0.6, 0.66])
    pen.fill(
      solid(WHITE, 0.5),
      line([0, y, width * 0.3, y + 0.008, width * 0.7, y - 0.006, width, y], 0.006, [0.3, 0.3]),
    );
  pen.fill(
    solid(isNight ? hex('#6f6a72') : hex('#eed9a8')),
    blob([-0.1, 0.76, width * 0.3, 0.72, width * 0.7, 0.74, width + 0.1, 0.7, width + 0.2, 1.1, -0.2, 1.1]),
  );
  const [x, y] = [width * 0.12, 0.22];
  pen.fill(solid(hex('#7a5a3c')), line([width * 0.02, 0.8, width * 0.06, 0.5, x, y], 0.03, [1, 0.6]));
  for (const [dx, dy] of [
    [-0.16, 0.05],
    [-0.12, -0.08],
    [0.02, -0.12],
    [0.15, -0.06],
    [0.17, 0.07],
    [0.05, 0.12],
  ] as const)
    pen.fill(
      solid(dy < 0 ? hex('#3f9257') : hex('#2f7a47')),
      line([x, y, x + dx * 0.6, y + dy * 0.6 - 0.04, x + dx, y + dy], 0.045, [0.3, 0]),
    );
};

export const park: DrawPlace = (place) => {
  const { pen, width, random, isNight } = place;
  drawSky(place, 0.7);
  const grass = isNight ? hex('#2c4a3c') : hex('#86bd6b');
  pen.fill(
    solid(darker(grass, 0.2)),
    blob([-0.1, 0.6, width * 0.25, 0.5, width * 0.6, 0.58, width + 0.1, 0.48, width + 0.2, 1.1, -0.2, 1.1]),
  );
  for (const share of [0.08, 0.28, 0.74, 0.93])
    drawTree(
      pen,
      width * (share + random.between(-0.03, 0.03)),
      random.between(0.66, 0.74),
      random.between(0.34, 0.52),
      mix(hex('#4d9152'), grass, random.between(0, 0.5)),
    );
  pen.fill(
    solid(grass),
    blob([-0.1, 0.74, width * 0.4, 0.7, width * 0.8, 0.74, width + 0.1, 0.7, width + 0.2, 1.2, -0.2, 1.2]),
  );
};

export const mountains: DrawPlace = (place) => {
  const { pen, width } = place;
  drawSky(place, 0.6);
  pen.fill(solid(hex('#8fa5bd')), [
    -0.1,
    0.75,
    width * 0.22,
    0.26,
    width * 0.45,
    0.6,
    width * 0.72,
    0.2,
    width + 0.1,
    0.7,
    width + 0.1,
    1,
    -0.1,
    1,
  ]);
  pen.fill(
    solid(WHITE, 0.95),
    [width * 0.22, 0.26, width * 0.3, 0.38, width * 0.24, 0.36, width * 0.2, 0.42, width * 0.15, 0.38],
    [width * 0.72, 0.2, width * 0.83, 0.34, width * 0.76, 0.33, width * 0.71, 0.4, width * 0.63, 0.32],
  );
  pen.fill(
    solid(hex('#4f6f63')),
    blob([-0.1, 0.7, width * 0.3, 0.62, width * 0.6, 0.72, width + 0.1, 0.6, width + 0.2, 1.1, -0.2, 1.1]),
  );
};

export const city: DrawPlace = (place) => {
  const { pen, width, random, isNight } = place;
  drawSky(place, 0.9);
  for (const [shade, base] of [
    [0.25, 0.35],
    [0.6, 0.5],
  ] as const) {
    for (let x = -0.04; x < width; ) {
      const [wide, top] = [random.between(0.1, 0.18), base + random.between(-0.2, 0.1)];
      const wall = mix(
        isNight ? hex('#3b4470') : hex('#b9cbdb'),
        isNight ? hex('#151a38') : hex('#566f8c'),
        shade,
      );
      pen.fill(solid(wall), rectangle(x, top, wide, 1 - top));
      for (let windowY = top + 0.03; windowY < 0.95; windowY += 0.066)
        for (let windowX = x + 0.016; windowX < x + wide - 0.024; windowX += 0.04)
          if (random.number() < 0.6)
            pen.fill(
              solid(isNight ? hex('#ffd98a') : lighter(wall, 0.35), 0.8),
              rectangle(windowX, windowY, 0.022, 0.034),
            );
      x += wide + random.between(-0.01, 0.02);
    }
  }
};
