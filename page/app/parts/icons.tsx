import type { ComponentChildren } from 'preact';

const icon = (content: ComponentChildren) => () => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    {content}
  </svg>
);

export const PauseIcon = icon(<path d="M5 3v10M11 3v10" />);
export const PlayIcon = icon(<path d="M4.5 2.8 12.5 8 4.5 13.2z" class="filled" />);
export const CloseIcon = icon(<path d="m3.5 3.5 9 9m0-9-9 9" />);
export const CopyIcon = icon(
  <>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 2.5h-6a2 2 0 0 0-2 2v6" />
  </>,
);
export const CheckIcon = icon(<path d="m3 8.5 3.5 3.5L13 4.5" />);
export const WarningIcon = icon(
  <>
    <path d="M8 2 1.5 13.5h13z" />
    <path d="M8 6.5v3.2M8 11.6v.2" />
  </>,
);
export const ArrowIcon = icon(<path d="M3 8h10M9 4l4 4-4 4" />);
export const BackIcon = icon(<path d="M13 8H3M7 4 3 8l4 4" />);
export const OpenIcon = icon(<path d="M9 2.5h4.5V7M13.5 2.5 7 9M11.5 9.5v4h-9v-9h4" />);
export const PersonIcon = icon(
  <>
    <circle cx="8" cy="5.5" r="2.8" />
    <path d="M2.8 14c.4-3.2 2.5-4.5 5.2-4.5s4.8 1.3 5.2 4.5" />
  </>,
);
