import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreatePersonDocument, type ContactFullFragment, type ContactNameFragment, type CreatePersonInput, type PossibleDuplicatesInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { addressInput, valuesOf, type ContactValues } from './contact-values';
import { noStructure, type Structure } from './structure-inputs';

/** A record with nothing in it, for the forms that make one. */
export const nobody: ContactFullFragment = {
  __typename: 'Person',
  id: '',
  number: 0,
  kind: 'PERSON',
  displayName: '',
  color: '',
  email: '',
  phone: '',
  mobile: '',
  address: { lines: [], postcode: '', city: '', country: '', subdivision: '' },
  statuses: [],
  listed: true,
  groups: [],
  createdAt: '',
  updatedAt: '',
  deletedAt: null,
  language: '',
  note: '',
  source: 'STAFF',
  roles: [],
  types: [],
  salesSummary: { orders: 0, spent: 0, spendBand: 'NONE', due: 0, attended: 0, assiduity: null, firstPurchaseOn: null, channel: '', childProduct: false, subscribedUntil: null, plans: [] },
  indicators: [],
  nature: null,
  validUntil: null,
  valid: true,
  administrativeNumber: '',
  iban: '',
  ambassador: false,
  preferredMeans: null,
  onlyPreferredMeans: false,
  doNotContact: false,
  fax: '',
  otherEmails: [],
  otherPhones: [],
  deliveryAddress: null,
  billingAddress: null,
  seats: [],
  references: [],
  answers: [],
  title: '',
  firstName: '',
  lastName: '',
  birthDate: null,
  age: null,
  function: null,
  company: '',
  addressOf: null,
};

/** A person as typed so far: what the quick form hands to the full record (S-108). */
export interface NewPerson {
  values: ContactValues;
  structure: Structure;
  /** Whether an account is made too; on by default (S-110). */
  account: boolean;
}

/** Nobody yet, in the site's country. */
export const newPerson = (country: string): NewPerson => {
  const values = valuesOf(nobody);
  return { values: { ...values, address: { ...values.address, country } }, structure: noStructure, account: true };
};

/** What a form knows of the person so far, to look whether they are in the book. */
export function knownOf({ firstName, lastName, email, phone, mobile, birthDate, address }: ContactValues): PossibleDuplicatesInput {
  const { lines, postcode, city, country } = addressInput(address);
  return { firstName, lastName, email, phone, mobile, birthDate: birthDate || null, addressLines: lines, postcode, city, country };
}

interface Done {
  contact: ContactNameFragment | null;
  fields: Record<string, string>;
}

/** Creates the person with what comes along. `rest` is what was refused and belongs to no input. */
export function useCreatePerson() {
  const locale = useLocale();
  const { send, busy } = useSend(CreatePersonDocument);
  const [rest, setRest] = useState<string[]>([]);
  const create = async (input: CreatePersonInput, { structure, account }: Pick<NewPerson, 'structure' | 'account'>): Promise<Done> => {
    const payload = await send({ input: { ...input, account, ...(structure.id && { organizationId: structure.id, useAddress: structure.useAddress }) } });
    if (!payload) return { contact: null, fields: {} };
    const refusal = refusalOf(locale, payload.errors, { ...input, email: '', title: '', organizationId: '', address: {} });
    setRest(refusal.rest);
    if (payload.person) confirmDone(locale.t('contact.added', { name: payload.person.displayName }));
    return { contact: payload.person, fields: refusal.fields };
  };
  return { create, busy, rest };
}
