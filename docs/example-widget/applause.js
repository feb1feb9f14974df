// A classic script, since files of modules need Access-Control-Allow-Origin in a page without an origin. It imports the SDK, which has it.
const sdk = document.currentScript.dataset.sdk;
const texts = {
  en: { title: 'How was the evening?', hello: 'How was the evening, {name}?', stars: 'Stars', send: 'Send', thanks: 'Thank you!' },
  fr: { title: 'Comment était la soirée ?', hello: 'Comment était la soirée, {name} ?', stars: 'Étoiles', send: 'Envoyer', thanks: 'Merci !' },
  nb: { title: 'Hvordan var kvelden?', hello: 'Hvordan var kvelden, {name}?', stars: 'Stjerner', send: 'Send', thanks: 'Takk!' },
};
const find = (selector) => document.querySelector(selector);

for (let n = 1; n <= 5; n++) {
  const label = document.createElement('label');
  const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'stars', value: n, required: true });
  label.append(input, String(n));
  find('#stars').append(label);
}

import(sdk).then(async ({ connect }) => {
  const carnet = await connect();
  const show = () => {
    const text = texts[carnet.locale] ?? texts.en;
    const name = carnet.person()?.firstName;
    document.title = text.title;
    find('h1').textContent = name ? text.hello.replace('{name}', name) : text.title;
    find('legend').textContent = text.stars;
    find('button').textContent = text.send;
  };
  show();
  carnet.onChange(show);
  find('form').addEventListener('submit', (event) => {
    event.preventDefault();
    carnet.emit('given', { stars: Number(new FormData(event.target).get('stars')) }); // the site hears x-demo-applause:given
    find('[role=status]').textContent = (texts[carnet.locale] ?? texts.en).thanks;
  });
  find('#widget').hidden = false;
});
