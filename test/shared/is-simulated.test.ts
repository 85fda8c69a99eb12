import { expect, it } from 'vitest';
import { serviceLine } from '../../cli/session.ts';
import { isSimulated } from '../../lambda/shared/is-simulated.ts';

const FREE = 'nothing is charged';
const PAID = 'paid calls cost credits';
const UNKNOWN = 'paid calls may cost credits';

it.each([
  ['http://127.0.0.1:4000', true, FREE],
  ['http://localhost:4000', true, FREE],
  ['http://[::1]:4000', true, FREE],
  ['https://api.jogg.ai', false, PAID],
  // It may pass calls on to JoggAI.
  ['https://joggai-proxy.example.com', false, UNKNOWN],
  ['https://127.0.0.1.example.com', false, UNKNOWN],
  ['https://jogg.ai.example.com', false, UNKNOWN],
])(
  'of paid calls to %s page and command line say the same: simulated %s, %s',
  (joggai_url, simulated, cost) => {
    expect(isSimulated({ joggai_url })).toBe(simulated);
    expect(serviceLine('service', { joggai_url })).toMatch(new RegExp(`^service · JoggAI: .*${cost}$`));
  },
);

it('an unknown address is not taken for a simulator', () => {
  expect(isSimulated({ joggai_url: '' })).toBe(false);
  expect(serviceLine('service', { joggai_url: '' })).toBe('service · JoggAI: not known');
});
