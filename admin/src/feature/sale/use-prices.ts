import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { QuoteDocument, type QuoteQuery } from '@/gql/graphql';
import type { Cart, CartLine } from './cart';

/** What each line costs whom it is for; one question for each of these. */
export function usePrices(cart: Cart) {
  const groups = new Map<string, number[]>();
  cart.lines.forEach((line, at) => {
    const whose = line.attendee?.id ?? cart.buyer?.id ?? '';
    groups.set(whose, [...(groups.get(whose) ?? []), at]);
  });
  const answers = useQuotes(cart.lines, [...groups]);
  const prices = cart.lines.map((_, at) => answers.get(at));
  const known = prices.every((price) => price !== undefined);
  return { prices, total: known ? prices.reduce((sum, price) => sum + (price?.amount ?? 0), 0) : null };
}

type Answer = QuoteQuery['quote']['items'][number];

/** The answers by line; those of an earlier sale stay until there are new ones. */
function useQuotes(lines: readonly CartLine[], groups: readonly (readonly [string, readonly number[]])[]): Map<number, Answer> {
  const client = useClient();
  const asked = JSON.stringify(groups.map(([contactId, at]) => ({ contactId, at, items: at.map((i) => itemOf(lines[i]!)) })));
  const [answers, setAnswers] = useState(new Map<number, Answer>());
  useEffect(() => {
    let current = true;
    const questions = JSON.parse(asked) as { contactId: string; at: number[]; items: ReturnType<typeof itemOf>[] }[];
    void Promise.all(
      questions.map(async ({ contactId, at, items }) => {
        const { data } = await client.query(QuoteDocument, { items, contactId: contactId || null }, { requestPolicy: 'network-only' });
        return at.flatMap((line, i) => (data?.quote.items[i] ? [[line, data.quote.items[i]] as const] : []));
      }),
    ).then((all) => {
      if (current) setAnswers(new Map(all.flat()));
    });
    return () => {
      current = false;
    };
  }, [asked, client]);
  return answers;
}

/** A line as the API takes it. */
export const itemOf = (line: CartLine) => ({ productId: line.productId, quantity: line.quantity, slotId: line.slot?.id ?? null });
