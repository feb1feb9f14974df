// Runs before the first paint: a visitor who was signed in gets less room reserved for the login, so that nothing moves.
const member = 'fjordlight-member';
if (localStorage.getItem(member)) document.documentElement.dataset.member = '';
addEventListener('carnet:signed-in', () => localStorage.setItem(member, '1'));
addEventListener('carnet:signed-out', () => {
  localStorage.removeItem(member);
  delete document.documentElement.dataset.member;
});
