import { home, library, office } from './indoors.ts';
import { beach, city, mountains, park } from './outdoors.ts';
import { type Colour, darker, hex, lighter, radial } from './paint.ts';
import type { DrawPlace, Place } from './place.ts';
import { rectangle } from './shapes.ts';
import type { Words } from './words.ts';

const studio: DrawPlace = ({ pen, width, colour }) => {
  pen.fill(
    radial(width / 2, 0.4, 0.8, lighter(colour, 0.5), darker(colour, 0.14)),
    rectangle(0, 0, width, 1),
  );
};

const PLACES: readonly (readonly [draw: DrawPlace, ...words: string[]])[] = [
  [beach, 'beach', 'sea', 'ocean', 'coast', 'seaside', 'shore', 'sand', 'island'],
  [mountains, 'mountain', 'mountains', 'alps', 'snow', 'hills', 'hiking'],
  [park, 'park', 'garden', 'forest', 'nature', 'trees', 'woods', 'meadow', 'field', 'outdoor', 'outdoors'],
  [city, 'city', 'street', 'skyline', 'urban', 'downtown', 'buildings', 'rooftop'],
  [library, 'library', 'bookshelf', 'bookshelves', 'books', 'bookshop'],
  [office, 'office', 'desk', 'meeting', 'boardroom', 'conference', 'workplace', 'classroom', 'lab'],
  [home, 'home', 'living', 'kitchen', 'cafe', 'coffee', 'restaurant', 'room', 'sofa', 'indoor', 'indoors'],
];

const placeIn = (words: Words): DrawPlace | undefined =>
  PLACES.find(([, ...names]) => words.has(...names))?.[0];

/** Whether the words name a place with things in it. */
export const isPlace = (words: Words): boolean => placeIn(words) !== undefined;

/** Draws the place that the words name, or a studio. */
export const drawBackdrop = (place: Place, words: Words): void => (placeIn(words) ?? studio)(place);

export const BACKDROP_COLOURS: readonly Colour[] = [
  '#8fb3c9',
  '#d9a58b',
  '#a9b68f',
  '#b7a3c7',
  '#e0c07f',
  '#9aa5b1',
  '#c98f95',
  '#7fb0a6',
].map(hex);
