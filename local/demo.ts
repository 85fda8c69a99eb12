import { tellEventsStory } from './demo/events-story.ts';
import { tellHttpStory, tellLedger } from './demo/http-story.ts';
import { createNarrator } from './demo/narrator.ts';
import { tellPictureStory } from './demo/picture-story.ts';
import { CALLS_PER_WINDOW, setStage, WINDOW_SECONDS } from './demo/stage.ts';

/** The whole story in one command. Exits with 0 only if every step came out as it should. */
const narrator = createNarrator((line) => console.log(line));
const stage = await setStage();
try {
  console.log(`Photo avatars at ${stage.service.url}, JoggAI's simulator at ${stage.simulator.url}.`);
  console.log(`JoggAI's 60 seconds are ${WINDOW_SECONDS} here: ${CALLS_PER_WINDOW} calls in each.`);
  const first = await tellHttpStory(stage, narrator);
  await tellEventsStory(stage, narrator);
  await tellPictureStory(stage, narrator, first);
  await stage.stopSchedule();
  await tellLedger(stage, narrator);
} finally {
  await stage.close();
}
process.exitCode = narrator.end() ? 0 : 1;
