import { describe, expect, it } from 'vitest';
import { brightness } from '../../../../local/simulator/image/paint.ts';
import { createPerson } from '../../../../local/simulator/image/person.ts';
import { readWords } from '../../../../local/simulator/image/words.ts';

const person = (appearance: string, gender = 'Female', style = 'Professional') =>
  createPerson({ gender, age: 'Adult', avatar_style: style, appearance }, '25-abc', 0);

describe('the words of a request', () => {
  it.each([
    ['wears glasses', true],
    ['GLASSES.', true],
    ['no glasses', false],
    ['without any glasses', false],
    ['no hat, glasses', true],
    ['a wineglass', false],
    ['', false],
  ])('%j says whether there are glasses', (text, expected) => {
    expect(readWords(text).has('glasses')).toBe(expected);
  });

  it('have the colour of what follows it', () => {
    const red = readWords('red').anyColour();
    const words = readWords('a red winter scarf and a blue coat, green');
    expect(words.colourOf('scarf')).toEqual(red);
    expect(words.colourOf('coat')).toEqual(readWords('blue').anyColour());
    expect(words.colourOf('hat')).toBeUndefined();
    expect(readWords('a red car, a coat').colourOf('coat')).toBeUndefined();
  });

  it('have no colours of other objects in the process', () => {
    expect(readWords('constructor hair, __proto__ scarf, toString').anyColour()).toBeUndefined();
    expect(readWords('constructor hair').hairColour()).toBeUndefined();
  });
});

describe('a person', () => {
  it('has what the words say', () => {
    expect(person('round glasses, long blonde hair, freckles and a necklace')).toMatchObject({
      glasses: 'round',
      hasFreckles: true,
      hasNecklace: true,
    });
    expect(['long', 'wavy']).toContain(person('long blonde hair').hairstyle);
    expect(brightness(person('blonde hair').hair)).toBeGreaterThan(brightness(person('black hair').hair));
    expect(person('a blue hijab')).toMatchObject({ headwear: 'headscarf' });
    expect(person('full beard, navy suit, white shirt and red tie', 'Male')).toMatchObject({
      beard: 'full',
      garment: 'tie',
      cloth: readWords('navy').anyColour(),
      accent: readWords('red').anyColour(),
    });
    expect(person('a green t-shirt', 'Male', 'Social')).toMatchObject({
      garment: 'tshirt',
      cloth: readWords('green').anyColour(),
    });
    expect(person('a white shirt', 'Male', 'Professional').garment).not.toBe('shirt');
  });

  it('has no beard that the words exclude', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `25-${index}`);
    const beards = (appearance?: string) =>
      new Set(ids.map((id) => createPerson({ gender: 'Male', age: 'Adult', appearance }, id, 0).beard));
    expect(beards()).toEqual(new Set(['none', 'stubble', 'full']));
    expect(beards('no beard')).toEqual(new Set(['none']));
    expect(beards('clean-shaven')).toEqual(new Set(['none']));
  });

  it('is the same in all pictures of a photo, with other hair and clothes', () => {
    for (let photo = 0; photo < 30; photo += 1) {
      const [first, ...others] = [0, 1, 2, 3].map((index) =>
        createPerson({ gender: photo % 2 ? 'Male' : 'Female', age: 'Adult' }, `25-${photo}`, index),
      );
      const all = [first, ...others];
      for (const { skin, hair, eyes, lips, beard } of others as (typeof first & object)[])
        expect({ skin, hair, eyes, lips, beard }).toEqual({
          skin: first?.skin,
          hair: first?.hair,
          eyes: first?.eyes,
          lips: first?.lips,
          beard: first?.beard,
        });
      expect(new Set(all.map((each) => each?.hairstyle)).size).toBe(4);
      expect(new Set(all.map((each) => each?.turn)).size).toBe(4);
    }
  });

  it('has grey or white hair when elderly, and no beard as a teenager', () => {
    for (let photo = 0; photo < 30; photo += 1) {
      const [red, , blue] = createPerson({ gender: 'Male', age: 'Elderly' }, `25-${photo}`, 0).hair;
      expect(Math.abs(red - blue)).toBeLessThan(10);
      expect(createPerson({ gender: 'Male', age: 'Teenager' }, `25-${photo}`, 0).beard).toBe('none');
    }
  });
});
