// A worked example: a front desk on its own address that signs staff in, lists and adds contacts, and shows
// the count of the site's first segment move. The two settings stand on the script's tag in index.html.
import { Carnet } from './carnet.js';

const { carnet: server, site } = document.querySelector('script[data-carnet]').dataset;
const carnet = new Carnet(server, site);
const at = (id) => document.getElementById(id);
const tell = (words) => { at('told').textContent = words; };
let stop = () => {};

async function show(signedIn) {
  at('in').hidden = signedIn;
  at('out').hidden = at('book').hidden = !signedIn;
  at('in').disabled = false;
  if (!signedIn) return stop();
  const { viewer, segments } = await carnet.graphql('{ viewer { access staff { name } } segments { id name } }');
  tell(`Signed in as ${viewer.staff.name}`);
  await list('');
  if (segments.length > 0) await follow(segments[0]);
}

async function list(search) {
  const { contacts } = await carnet.graphql('query($search: String) { contacts(search: $search, first: 20) { nodes { id displayName email } } }', { search });
  at('list').replaceChildren(...contacts.nodes.map(({ displayName, email }) => {
    const item = document.createElement('li');
    item.append(Object.assign(document.createElement('span'), { textContent: displayName }), Object.assign(document.createElement('span'), { textContent: email }));
    return item;
  }));
}

async function follow({ id, name }) {
  at('segment').textContent = name;
  stop = await carnet.subscribe(`subscription { segmentChanged(id: "${id}") { count } }`, ({ segmentChanged }) => { at('count').textContent = segmentChanged.count; }, tell);
}

at('in').addEventListener('click', () => carnet.signIn().then(() => show(true), (error) => tell(error.message)));
at('out').addEventListener('click', async () => {
  await carnet.signOut();
  await show(false);
  tell('Signed out');
});
at('search').addEventListener('submit', (event) => {
  event.preventDefault();
  list(event.target.elements.text.value).catch((error) => tell(error.message));
});
at('add').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { firstName, lastName } = event.target.elements;
  const input = { firstName: firstName.value, lastName: lastName.value };
  try {
    const { createPerson } = await carnet.graphql('mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { displayName } errors { message } } }', { input });
    tell(createPerson.errors[0]?.message ?? `${createPerson.person.displayName} is in the book`);
    event.target.reset();
    await list(input.lastName);
  } catch (error) {
    tell(error.message);
  }
});

carnet.open().then(show, (error) => tell(error.message));
