import { expect, it } from 'vitest';
import { digitsOf, formatOf } from './format';

it('money has the decimals of its currency', () => {
  const { money } = formatOf('en');
  expect([digitsOf('NOK'), digitsOf('JPY')]).toEqual([2, 0]);
  expect([money(1250, 'EUR'), money(1200, 'EUR'), money(1200, 'JPY')]).toEqual(['€12.50', '€12.00', '¥1,200']);
});

it('money is short where it is large', () => {
  const { moneyShort } = formatOf('en');
  expect([moneyShort(99_999, 'EUR'), moneyShort(1_468_050, 'EUR'), moneyShort(9_763_040_000, 'EUR')]).toEqual(['€999.99', '€14,681', '€97.6M']);
});
