import { darker, glow, hex, lighter, linear, mix, solid } from './paint.ts';
import type { Pen } from './pen.ts';
import { type DrawPlace, fillAll, type Place } from './place.ts';
import { ellipse, line, rectangle, rounded } from './shapes.ts';

const drawShelf = (place: Place, x: number, y: number, width: number): void => {
  const { pen, random } = place;
  const books = ['#b5523f', '#d9a441', '#4b7f79', '#3f5f8c', '#8c5a7a', '#e5dccb'].map(hex);
  for (let at = x + 0.01; at < x + width - 0.03; ) {
    const [thick, tall] = [random.between(0.014, 0.03), random.between(0.08, 0.125)];
    if (random.number() < 0.86) pen.fill(solid(random.of(books)), rectangle(at, y - tall, thick, tall));
    at += thick + 0.003;
  }
  pen.fill(solid(hex('#8a6243')), rectangle(x, y, width, 0.018));
};

const drawPlant = (pen: Pen, x: number, y: number, size: number): void => {
  for (const [lean, tall] of [
    [-0.5, 0.8],
    [-0.22, 1],
    [0.05, 1.12],
    [0.3, 0.95],
    [0.55, 0.75],
  ] as const)
    pen.fill(
      solid(lean < 0 ? hex('#4f8f5b') : hex('#3c7a4c')),
      line(
        [x, y, x + lean * size * 0.5, y - tall * size * 0.6, x + lean * size, y - tall * size],
        size * 0.24,
        [0.1, 0],
      ),
    );
  pen.fill(solid(hex('#c9785a')), [
    x - size * 0.28,
    y,
    x + size * 0.28,
    y,
    x + size * 0.2,
    y + size * 0.45,
    x - size * 0.2,
    y + size * 0.45,
  ]);
};

const drawWindow = (place: Place, x: number, width: number, bottom: number): void => {
  const { pen, isNight, isSunset } = place;
  const [top, low] = isNight
    ? [hex('#1d2750'), hex('#4a4f86')]
    : isSunset
      ? [hex('#e98a6d'), hex('#ffd19a')]
      : [hex('#9fd0f0'), hex('#eaf6fd')];
  pen.fill(solid(hex('#f2f0ec')), rectangle(x - 0.015, 0.05, width + 0.03, bottom - 0.035));
  pen.fill(linear([0, 0.06, 0, bottom], top, low), rectangle(x, 0.065, width, bottom - 0.065));
  const pane = pen.within(rectangle(x, 0.065, width, bottom - 0.065));
  for (let index = 0; index < 5; index += 1) {
    const tall = 0.1 + ((index * 37) % 17) / 90;
    pane.fill(
      solid(mix(low, hex('#5f7896'), 0.5)),
      rectangle(x + (index * width) / 5, bottom - tall, width / 5 - 0.006, tall),
    );
  }
  pen.fill(solid(hex('#f2f0ec')), rectangle(x + width / 2 - 0.006, 0.06, 0.012, bottom - 0.06));
};

export const office: DrawPlace = (place) => {
  const { pen, width, random, isNight } = place;
  const wall = mix(hex('#d7dde2'), place.colour, 0.18);
  fillAll(place, isNight ? darker(wall, 0.3) : wall, darker(wall, 0.16));
  const isLeft = random.number() < 0.5;
  drawWindow(place, isLeft ? 0.05 : width - 0.05 - width * 0.42, width * 0.42, 0.55);
  for (const y of [0.2, 0.38]) drawShelf(place, isLeft ? width * 0.62 : 0.04, y, width * 0.34);
  pen.fill(solid(hex('#9c7656')), rectangle(0, 0.72, width, 0.28));
  pen.fill(solid(hex('#b48a66')), rectangle(0, 0.71, width, 0.02));
  drawPlant(pen, isLeft ? width * 0.9 : width * 0.1, 0.64, 0.15);
};

export const home: DrawPlace = (place) => {
  const { pen, width, random } = place;
  const wall = mix(hex('#ecdcc6'), place.colour, 0.3);
  fillAll(place, wall, darker(wall, 0.12));
  const isLeft = random.number() < 0.5;
  const lamp = isLeft ? width * 0.14 : width * 0.86;
  pen.fill(glow(lamp, 0.3, 0.4, hex('#fff1c9'), 0.8), ellipse(lamp, 0.3, 0.4));
  pen.fill(solid(hex('#5a4a42')), rectangle(lamp - 0.006, 0.34, 0.012, 0.5));
  pen.fill(solid(hex('#f7e3b0')), [lamp - 0.06, 0.22, lamp + 0.06, 0.22, lamp + 0.1, 0.36, lamp - 0.1, 0.36]);
  const frame = isLeft ? width * 0.66 : width * 0.1;
  pen.fill(solid(hex('#7a5a44')), rectangle(frame, 0.1, 0.22, 0.26));
  pen.fill(solid(lighter(place.colour, 0.4)), rectangle(frame + 0.018, 0.118, 0.184, 0.224));
  pen.fill(solid(darker(place.colour, 0.2)), ellipse(frame + 0.11, 0.26, 0.06, 0.05));
  pen.fill(solid(mix(place.colour, hex('#6f7f86'), 0.5)), rounded(-0.05, 0.66, width + 0.1, 0.5, 0.08));
};

export const library: DrawPlace = (place) => {
  fillAll(place, hex('#5c4331'), hex('#3c2b20'));
  for (let y = 0.13; y < 1; y += 0.155) drawShelf(place, -0.02, y, place.width + 0.04);
};
