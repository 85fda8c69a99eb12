import * as z from 'zod';

// Code that zod generates for a schema pays off after hundreds of values, and costs each start several milliseconds.
// To be imported before any schema is made: that is when zod decides.
z.config({ jitless: true });
