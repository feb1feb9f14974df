import { button, h } from '../kit/dom';
import { mistakeText } from '../kit/texts';
import { startMyPayment } from '../operations';
import type { Sales } from './index';
import { worded } from './texts';

/** The way to the page of the site's payment provider, where an order is paid; one comes back to this page. Pressed twice, it is the same page. */
export function payment(sales: Sales, orderId: string, sum: string): HTMLElement {
  const idempotencyKey = crypto.randomUUID();
  const problem = h('p.alert', { role: 'alert', hidden: true });
  const press = async () => {
    pay.disabled = problem.hidden = true;
    let code: string | undefined = 'UNEXPECTED';
    try {
      const { payload } = await sales.account.core.graphql(startMyPayment, { input: { orderId, returnUrl: location.href.replace(/#.*/, ''), idempotencyKey } });
      if (payload.page) location.assign(payload.page.url);
      code = payload.errors[0]?.code;
    } catch { /* told as what nobody expected */ }
    pay.disabled = false;
    problem.hidden = !code;
    problem.textContent = code ? mistakeText(worded(sales), { code }) : '';
  };
  const pay = button('button', sales.own('pay', { sum }), () => void press());
  return h('div.pay', {}, pay, problem);
}
