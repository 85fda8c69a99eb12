import { type Colour, linear } from './paint.ts';
import type { Pen } from './pen.ts';
import type { Random } from './random.ts';
import { rectangle } from './shapes.ts';

/** Backdrops are drawn in the rectangle from (0, 0) to (width, 1). */
export interface Place {
  readonly pen: Pen;
  readonly width: number;
  readonly random: Random;
  /** A colour that the request names, or one of several. */
  readonly colour: Colour;
  readonly isNight: boolean;
  readonly isSunset: boolean;
}

export const fillAll = ({ pen, width }: Place, top: Colour, bottom: Colour, to = 1): void =>
  pen.fill(linear([0, 0, 0, to], top, bottom), rectangle(0, 0, width, 1));

export type DrawPlace = (place: Place) => void;
