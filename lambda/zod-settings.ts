import { en } from 'zod/locales';
import * as z from 'zod/mini';

// Code that zod generates for a schema pays off after hundreds of values, but costs each start several milliseconds.
// Import this before any schema is built, because zod decides then. `zod/mini` has no messages without a locale.
z.config({ ...en(), jitless: true });
