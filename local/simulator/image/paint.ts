/** Red, green and blue, from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** One colour, or a gradient between two. Points and radius are in the coordinates of the pen that fills. */
export interface Paint {
  readonly from: Colour;
  readonly to: Colour;
  /** Opacity of `from` and of `to`, from 0 to 1. */
  readonly alphas: readonly [from: number, to: number];
  readonly gradient?:
    | { readonly kind: 'linear'; readonly points: readonly [x0: number, y0: number, x1: number, y1: number] }
    | { readonly kind: 'radial'; readonly centre: readonly [x: number, y: number]; readonly radius: number };
}

export const solid = (colour: Colour, alpha = 1): Paint => ({
  from: colour,
  to: colour,
  alphas: [alpha, alpha],
});

export const linear = (
  points: readonly [x0: number, y0: number, x1: number, y1: number],
  from: Colour,
  to: Colour,
  alphas: readonly [number, number] = [1, 1],
): Paint => ({ from, to, alphas, gradient: { kind: 'linear', points } });

/** A spot that fades out towards its radius. */
export const glow = (x: number, y: number, radius: number, colour: Colour, alpha: number): Paint => ({
  from: colour,
  to: colour,
  alphas: [alpha, 0],
  gradient: { kind: 'radial', centre: [x, y], radius },
});

export const radial = (x: number, y: number, radius: number, from: Colour, to: Colour): Paint => ({
  from,
  to,
  alphas: [1, 1],
  gradient: { kind: 'radial', centre: [x, y], radius },
});

export const hex = (text: string): Colour => {
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
};

export const mix = (one: Colour, other: Colour, share: number): Colour => [
  one[0] + (other[0] - one[0]) * share,
  one[1] + (other[1] - one[1]) * share,
  one[2] + (other[2] - one[2]) * share,
];

export const BLACK: Colour = [0, 0, 0];
export const WHITE: Colour = [255, 255, 255];

/** Shadows are dark blue or brown, never grey: they look alive. */
export const darker = (colour: Colour, share: number): Colour => mix(colour, [28, 16, 34], share);
export const lighter = (colour: Colour, share: number): Colour => mix(colour, [255, 250, 240], share);

export const brightness = ([red, green, blue]: Colour): number =>
  (0.299 * red + 0.587 * green + 0.114 * blue) / 255;

/** Shadows on skin are warm. */
export const skinShadow = (skin: Colour): Colour => mix(darker(skin, 0.2), hex('#a83a24'), 0.16);

/** Light on skin keeps its warmth: mixing with white would turn dark skin grey. */
export const skinLight = (skin: Colour): Colour => {
  const most = Math.min(1.25, 255 / Math.max(...skin));
  return lighter([skin[0] * most, skin[1] * most, skin[2] * most], 0.22 * brightness(skin) + 0.06);
};
