import type { AddressInput, ContactFullFragment, ContactMeans, ContactReferenceInput, ContactStatus, LabelledInput, OperationalType, OrganizationKind, SeatInput, UpdateContactInput } from '@/gql/graphql';

/** The kinds of organization, in the order they are offered (P-09). */
export const organizationKinds: readonly OrganizationKind[] = ['SCHOOL', 'ASSOCIATION', 'PUBLIC_SERVICE', 'CLUB', 'COMPANY'];

/** A kind, or empty while none is chosen. */
export type OrganizationKindValue = OrganizationKind | '';

/** The operational types, in the order they are offered (S-08 to S-14). */
export const operationalTypes: readonly OperationalType[] = ['GUIDE', 'SUPPLIER', 'PARTNER', 'PRODUCER', 'SUPPORT'];

/** The computed statuses, in the order they are offered (P-04 to P-08, S-04, T-28). */
export const statuses: readonly ContactStatus[] = ['SUBSCRIBER', 'CUSTOMER', 'PROSPECT', 'ATTENDEE', 'ORGANIZER', 'USER'];

/** The addresses of a record (S-49). */
export const addressNames = ['address', 'deliveryAddress', 'billingAddress'] as const;
export type AddressName = (typeof addressNames)[number];

/** An address as typed, its lines in one text. */
export interface AddressValues {
  lines: string;
  postcode: string;
  city: string;
  country: string;
  /** Region or department, an ISO 3166-2 code. */
  subdivision: string;
}

/** The values of the general form, of the shape of UpdateContactInput, so that the server's paths fit. */
export interface ContactValues {
  title: string;
  firstName: string;
  lastName: string;
  birthDate: string;
  company: string;
  name: string;
  organizationKind: OrganizationKindValue;
  recognised: boolean;
  email: string;
  phone: string;
  mobile: string;
  language: string;
  fax: string;
  address: AddressValues;
  deliveryAddress: AddressValues;
  billingAddress: AddressValues;
  functionId: string;
  natureId: string;
  types: OperationalType[];
  validUntil: string;
  administrativeNumber: string;
  iban: string;
  ambassador: boolean;
  preferredMeans: ContactMeans | '';
  onlyPreferredMeans: boolean;
  doNotContact: boolean;
  color: string;
  listed: boolean;
  otherEmails: Required<LabelledInput>[];
  otherPhones: Required<LabelledInput>[];
  seats: Required<SeatInput>[];
  references: ContactReferenceInput[];
}

/** The lists of a record, each sent whole. */
const listNames = ['otherEmails', 'otherPhones', 'seats', 'references'] as const;

const addressValues = (address: ContactFullFragment['address'] | null): AddressValues => ({
  lines: address?.lines.join('\n') ?? '',
  postcode: address?.postcode ?? '',
  city: address?.city ?? '',
  country: address?.country ?? '',
  subdivision: address?.subdivision ?? '',
});

/** An address as the API takes it. */
export function addressInput({ lines, ...place }: AddressValues): AddressInput {
  return { ...place, lines: lines.split('\n').map((line) => line.trim()).filter(Boolean) };
}

/** A contact's values as the form holds them: texts for everything that is typed. */
export function valuesOf(contact: ContactFullFragment): ContactValues {
  const person = contact.__typename === 'Person' ? contact : null;
  const organization = contact.__typename === 'Organization' ? contact : null;
  return {
    title: person?.title ?? '',
    firstName: person?.firstName ?? '',
    lastName: person?.lastName ?? '',
    birthDate: person?.birthDate ?? '',
    company: person?.company ?? '',
    name: organization?.name ?? '',
    organizationKind: organization?.organizationKind ?? '',
    recognised: organization?.recognised ?? false,
    email: contact.email,
    phone: contact.phone,
    mobile: contact.mobile,
    language: contact.language,
    fax: contact.fax,
    address: addressValues(contact.address),
    deliveryAddress: addressValues(contact.deliveryAddress),
    billingAddress: addressValues(contact.billingAddress),
    functionId: person?.function?.id ?? '',
    natureId: contact.nature?.id ?? '',
    types: contact.types,
    validUntil: contact.validUntil ?? '',
    administrativeNumber: contact.administrativeNumber,
    iban: contact.iban,
    ambassador: contact.ambassador,
    preferredMeans: contact.preferredMeans ?? '',
    onlyPreferredMeans: contact.onlyPreferredMeans,
    doNotContact: contact.doNotContact,
    color: contact.color,
    listed: contact.listed,
    otherEmails: contact.otherEmails.map(({ label, value }) => ({ label, value })),
    otherPhones: contact.otherPhones.map(({ label, value }) => ({ label, value })),
    seats: contact.seats.map(({ venue, zone, row, seat, note }) => ({ venue, zone, row, seat, note })),
    references: contact.references.map(({ source, externalId }) => ({ source, externalId })),
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The input that brings a contact from one set of values to another: only what changed. */
export function changeOf(id: string, before: ContactValues, after: ContactValues): UpdateContactInput {
  const input: UpdateContactInput = { id };
  const texts = ['title', 'firstName', 'lastName', 'company', 'name', 'email', 'phone', 'mobile', 'fax', 'language', 'color', 'administrativeNumber', 'iban'] as const;
  for (const key of texts) if (before[key] !== after[key]) input[key] = after[key];
  if (before.birthDate !== after.birthDate) input.birthDate = after.birthDate || null;
  if (before.organizationKind !== after.organizationKind) input.organizationKind = after.organizationKind || null;
  if (before.recognised !== after.recognised || before.organizationKind !== after.organizationKind) {
    // Only a club is recognised or not (P-10).
    if (after.organizationKind === 'CLUB') input.recognised = after.recognised;
    else if (before.organizationKind === 'CLUB') input.recognised = null;
  }
  if (before.listed !== after.listed) input.listed = after.listed;
  for (const key of ['functionId', 'natureId', 'validUntil'] as const) if (before[key] !== after[key]) input[key] = after[key] || null;
  for (const key of ['ambassador', 'onlyPreferredMeans', 'doNotContact'] as const) if (before[key] !== after[key]) input[key] = after[key];
  if (before.preferredMeans !== after.preferredMeans) input.preferredMeans = after.preferredMeans || null;
  if (!same(before.types, after.types)) input.types = after.types;
  for (const name of listNames) if (!same(before[name], after[name])) Object.assign(input, { [name]: after[name] });
  for (const name of addressNames) if (!same(before[name], after[name])) input[name] = addressInput(after[name]);
  return input;
}
