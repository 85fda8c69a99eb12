/** A duration for people: `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export const durationText = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return both(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return both(Math.floor(minutes / (24 * 60)), 'd', Math.floor(minutes / 60) % 24, 'h');
};

const both = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;

/** The time from one step to the next, as exactly as it matters: `0.4 s`, `12 s`, `3 min`. */
export const stepText = (milliseconds: number): string =>
  milliseconds < 10_000 ? `${(Math.max(0, milliseconds) / 1_000).toFixed(1)} s` : durationText(milliseconds);

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** The time of day where the person is: `14:03:59`. */
export const timeText = (instant: number | string): string => TIME.format(new Date(instant));

/** The time of day, with the date unless it is today. */
export const momentText = (instant: number | string, now: number): string => {
  const day = DAY.format(new Date(instant));
  return day === DAY.format(new Date(now)) ? timeText(instant) : `${day}, ${timeText(instant)}`;
};
