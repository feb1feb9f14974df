import { expect, it } from 'vitest';
import { contrastOnWhite } from './contrast';

it('measures contrast with white', () => {
  expect(contrastOnWhite('#000000')).toBeCloseTo(21);
  expect(contrastOnWhite('#ffffff')).toBeCloseTo(1);
  expect(contrastOnWhite('#767676')).toBeGreaterThanOrEqual(4.5);
  expect(contrastOnWhite('#777777')).toBeLessThan(4.5);
});

it('knows what is no colour', () => {
  expect(contrastOnWhite('#fff')).toBeNull();
  expect(contrastOnWhite('')).toBeNull();
});
