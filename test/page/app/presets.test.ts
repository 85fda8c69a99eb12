import { describe, expect, it } from 'vitest';
import { fault } from '../../../local/simulator/faults.ts';
import { faultText, PRESETS } from '../../../page/app/simulator/presets.ts';

describe("the simulator's faults on the page", () => {
  it.each(PRESETS)('are taken by the simulator, and named again: $name', ({ name, fault: preset }) => {
    const active = fault.parse({ ...preset, times: 3 });
    expect(faultText(active)).toBe(`${name}: the next 3 calls`);
  });

  it('are named also if they were added elsewhere', () => {
    expect(faultText(fault.parse({ kind: 'empty', times: 'until_cleared' }))).toBe('empty: all calls');
  });
});
