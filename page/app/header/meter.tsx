/** A bar below a figure, which the figure beside it says in words. */
export const Meter = ({ value, limit }: { readonly value: number; readonly limit: number }) => {
  const share = limit > 0 ? Math.min(1, value / limit) : 0;
  return (
    <svg
      class={share >= 0.9 ? 'meter full' : 'meter'}
      viewBox="0 0 100 3"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="track" width="100" height="3" rx="1.5" />
      <rect class="fill" width={share * 100} height="3" rx="1.5" />
    </svg>
  );
};
