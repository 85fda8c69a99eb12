import { en } from 'zod/locales';
import * as z from 'zod/mini';

// Code that zod generates for a schema pays off after hundreds of values, and costs each start several milliseconds.
// To be imported before any schema is made: that is when zod decides. `zod/mini` brings no words of its own.
z.config({ ...en(), jitless: true });
