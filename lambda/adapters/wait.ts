import { setTimeout } from 'node:timers/promises';

export const wait = (milliseconds: number): Promise<void> => setTimeout(milliseconds);
