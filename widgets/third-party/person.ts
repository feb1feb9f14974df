import { digest } from '../core/proof';
import type { Core, Manifest, ThirdParty } from '../core/types';
import { profileAnswers } from '../operations';
import type { Answered, Person } from '../sdk/index';

/** The grants that a visitor agrees to first. */
const personal = ['first_name', 'email', 'answers'] as const;
export type Personal = (typeof personal)[number];
export const personalOf = ({ grants }: ThirdParty): Personal[] => personal.filter((grant) => grants.includes(grant));

/** Who is signed in as one widget knows them: no other widget, and no other site, has the same. */
export const subjectFor = (site: string, tag: string, subject: string): Promise<string> => digest(`${site} ${tag} ${subject}`);

/** What a widget is told of whoever is signed in: what is granted, and the personal part only where the visitor agreed. */
export async function personFor(core: Core, { language }: Manifest, widget: ThirdParty, subject: string, agreed: boolean): Promise<Person | null> {
  const { me } = core;
  const granted = (grant: string) => widget.grants.includes(grant);
  if (!me) return null;
  const told: Person = {
    ...(granted('signed_in') && { subject }),
    ...(agreed && granted('first_name') && { firstName: me.firstName }),
    ...(agreed && granted('email') && { email: me.email }),
    ...(agreed && granted('answers') && { answers: await answers(core, language) }),
  };
  return Object.keys(told).length > 0 ? told : null;
}

async function answers(core: Core, language: string): Promise<Answered[]> {
  const { me } = await core.graphql(profileAnswers, { language });
  return (me?.profile.answers ?? []).flatMap(({ field: { id, label }, yesNo, text, number, date, checked, choices }) => {
    const answer = yesNo ?? text ?? number ?? date ?? checked ?? choices?.map((choice) => choice.label);
    return answer == null ? [] : [{ id, question: label, answer }];
  });
}
