import { MantineProvider, MantineThemeProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { lazy, Suspense } from 'react';
import { createBrowserRouter, Navigate, Outlet, Route, RouterProvider, Routes } from 'react-router';
import { ApiProvider } from './api/api-provider';
import { SessionGate, useSession } from './feature/session/session';
import { LocaleProvider, useLocale } from './locale/locale';
import { ConfirmProvider } from './part/confirm';
import { LeavingGuard } from './part/leaving';
import { Shell } from './shell/shell';
import { styleNonce } from './theme/nonce';
import { schemeManager } from './theme/scheme';
import { theme, variables } from './theme/theme';

// Each page is a file of its own in the bundle, fetched when first needed.
const SignInPage = lazy(() => import('./feature/session/sign-in-page'));
const InvitationPage = lazy(() => import('./feature/session/invitation-page'));
const DashboardPage = lazy(() => import('./feature/dashboard/dashboard-page'));
const ContactsPage = lazy(() => import('./feature/contact/contacts-page'));
const NewPersonPage = lazy(() => import('./feature/contact/new-person-page'));
const ContactPage = lazy(() => import('./feature/contact/contact-page'));
const DuplicatesPage = lazy(() => import('./feature/duplicate/duplicates-page'));
const MergePage = lazy(() => import('./feature/duplicate/merge-page'));
const SegmentsPage = lazy(() => import('./feature/segment/segments-page'));
const SegmentPage = lazy(() => import('./feature/segment/segment-page'));
const SegmentEditPage = lazy(() => import('./feature/segment/segment-edit-page'));
const GroupsPage = lazy(() => import('./feature/group/groups-page'));
const GroupPage = lazy(() => import('./feature/group/group-page'));
const SalePage = lazy(() => import('./feature/sale/sale-page'));
const OffersPage = lazy(() => import('./feature/offer/offers-page'));
const EventsPage = lazy(() => import('./feature/event/events-page'));
const EventPage = lazy(() => import('./feature/event/event-page'));
const CheckInPage = lazy(() => import('./feature/event/check-in-page'));
const CataloguePage = lazy(() => import('./feature/catalogue/catalogue-page'));
const ProductPage = lazy(() => import('./feature/catalogue/product-page'));
const ImportPage = lazy(() => import('./feature/import/import-page'));
const ImportFilePage = lazy(() => import('./feature/import/import-file-page'));
const ImportRunPage = lazy(() => import('./feature/import/import-run-page'));
const BatchesPage = lazy(() => import('./feature/batch/batches-page'));
const BatchPage = lazy(() => import('./feature/batch/batch-page'));
const OrdersPage = lazy(() => import('./feature/order/orders-page'));
const OrderPage = lazy(() => import('./feature/order/order-page'));
const PrivacyPage = lazy(() => import('./feature/privacy/privacy-page'));
const ErasedPage = lazy(() => import('./feature/privacy/erased-page'));
const RetentionPage = lazy(() => import('./feature/privacy/retention-page'));
const AuditPage = lazy(() => import('./feature/privacy/audit-page'));
const SettingsPage = lazy(() => import('./feature/setting/settings-page'));
const FieldsPage = lazy(() => import('./feature/field/fields-page'));
const IndicatorsPage = lazy(() => import('./feature/indicator/indicators-page'));
const LabelSetsPage = lazy(() => import('./feature/label/label-sets-page'));
const ListsPage = lazy(() => import('./feature/list/lists-page'));
const ConsentPage = lazy(() => import('./feature/setting/consent-page'));
const OriginsPage = lazy(() => import('./feature/setting/origins-page'));
const LoginPage = lazy(() => import('./feature/setting/login-page'));
const PaymentsPage = lazy(() => import('./feature/setting/payments-page'));
const SmsPage = lazy(() => import('./feature/setting/sms-page'));
const InboxPage = lazy(() => import('./feature/inbox/inbox-page'));
const ThreadPage = lazy(() => import('./feature/inbox/thread-page'));
const CampaignsPage = lazy(() => import('./feature/campaign/campaigns-page'));
const TemplatesPage = lazy(() => import('./feature/campaign/templates-page'));
const TemplatePage = lazy(() => import('./feature/campaign/template-page'));
const CampaignPage = lazy(() => import('./feature/campaign/campaign-page'));
const WebhooksPage = lazy(() => import('./feature/webhook/webhooks-page'));
const WebhookPage = lazy(() => import('./feature/webhook/webhook-page'));
const EmbedPage = lazy(() => import('./feature/embed/embed-page'));
const LookPage = lazy(() => import('./feature/embed/look-page'));
const TextsPage = lazy(() => import('./feature/embed/texts-page'));
const ThirdPartiesPage = lazy(() => import('./feature/embed/third-parties-page'));
const DomainPage = lazy(() => import('./feature/embed/domain-page'));
const KeysPage = lazy(() => import('./feature/embed/keys-page'));
const LimitsPage = lazy(() => import('./feature/embed/limits-page'));
const MySignInPage = lazy(() => import('./feature/session/my-sign-in-page'));
const StaffPage = lazy(() => import('./feature/staff/staff-page'));
const MailPage = lazy(() => import('./feature/mail/mail-page'));
const NotFoundPage = lazy(() => import('./shell/not-found-page'));

// A router of this kind lets a form ask before one leaves it.
const router = createBrowserRouter(
  [
    {
      path: '*',
      element: (
        <LeavingGuard>
          <Pages />
        </LeavingGuard>
      ),
    },
  ],
  { basename: '/admin' },
);

/** The admin: providers around the routes. */
export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <LocaleProvider>
        <Notices />
        <ApiProvider>
          <ConfirmProvider>
            <RouterProvider router={router} />
          </ConfirmProvider>
        </ApiProvider>
      </LocaleProvider>
    </MantineProvider>
  );
}

// Their cross has no words of its own.
function Notices() {
  const { t } = useLocale();
  return (
    <MantineThemeProvider theme={{ components: { Notification: { defaultProps: { closeButtonProps: { 'aria-label': t('action.close') } } } } }}>
      <Notifications position="bottom-right" limit={4} />
    </MantineThemeProvider>
  );
}

function Pages() {
  return (
    <Suspense fallback={null}>
      <Routes>
        <Route path="/sign-in" element={<SignInPage />} />
        <Route path="/invitation" element={<InvitationPage />} />
        <Route element={<Inside />}>
          <Route index element={<Start />} />
          <Route path="settings" element={<SettingsPage />} />
          <Route path="my-sign-in" element={<MySignInPage />} />
          <Route path="staff" element={<StaffPage />} />
          <Route path="mail" element={<MailPage />} />
          <Route element={<OnlyEnabled />}>
            <Route path="dashboard" element={<DashboardPage />} />
            <Route path="contacts" element={<ContactsPage />} />
            <Route path="organizations" element={<ContactsPage kind="ORGANIZATION" />} />
            <Route path="contacts/new" element={<NewPersonPage />} />
            <Route path="contacts/:id/:tab?" element={<ContactPage />} />
            <Route path="duplicates" element={<DuplicatesPage />} />
            <Route path="merge/:left/:right" element={<MergePage />} />
            <Route path="segments" element={<SegmentsPage />} />
            <Route path="segments/new" element={<SegmentEditPage />} />
            <Route path="segments/:id" element={<SegmentPage />} />
            <Route path="segments/:id/edit" element={<SegmentEditPage />} />
            <Route path="groups" element={<GroupsPage />} />
            <Route path="groups/:id" element={<GroupPage />} />
            <Route path="sale" element={<SalePage />} />
            <Route path="offers" element={<OffersPage />} />
            <Route path="events" element={<EventsPage />} />
            <Route path="events/:id" element={<EventPage />} />
            <Route path="events/:id/check-in" element={<CheckInPage />} />
            <Route path="catalogue" element={<CataloguePage />} />
            <Route path="catalogue/:id" element={<ProductPage />} />
            <Route path="import" element={<ImportPage />} />
            <Route path="import/file/:uploadId" element={<ImportFilePage />} />
            <Route path="import/:id" element={<ImportRunPage />} />
            <Route path="batches" element={<BatchesPage />} />
            <Route path="batches/:id" element={<BatchPage />} />
            <Route path="orders" element={<OrdersPage />} />
            <Route path="orders/:id" element={<OrderPage />} />
            <Route path="inbox" element={<InboxPage />} />
            <Route path="inbox/:id" element={<ThreadPage />} />
            <Route path="campaigns" element={<CampaignsPage />} />
            <Route path="campaigns/templates" element={<TemplatesPage />} />
            <Route path="campaigns/templates/:id" element={<TemplatePage />} />
            <Route path="campaigns/:id" element={<CampaignPage />} />
            <Route path="privacy" element={<PrivacyPage />} />
            <Route path="privacy/erased" element={<ErasedPage />} />
            <Route path="privacy/retention" element={<RetentionPage />} />
            <Route path="privacy/audit" element={<AuditPage />} />
            <Route path="settings/fields" element={<FieldsPage />} />
            <Route path="settings/labels" element={<LabelSetsPage />} />
            <Route path="settings/indicators" element={<IndicatorsPage />} />
            <Route path="settings/lists" element={<ListsPage />} />
            <Route path="settings/consent" element={<ConsentPage />} />
            <Route path="settings/origins" element={<OriginsPage />} />
            <Route path="settings/login" element={<LoginPage />} />
            <Route path="settings/payments" element={<PaymentsPage />} />
            <Route path="settings/sms" element={<SmsPage />} />
            <Route path="settings/webhooks" element={<WebhooksPage />} />
            <Route path="settings/webhooks/:id" element={<WebhookPage />} />
            <Route path="embed" element={<EmbedPage />} />
            <Route path="embed/look" element={<LookPage />} />
            <Route path="embed/texts" element={<TextsPage />} />
            <Route path="embed/others" element={<ThirdPartiesPage />} />
            <Route path="embed/domain" element={<DomainPage />} />
            <Route path="embed/keys" element={<KeysPage />} />
            <Route path="embed/limits" element={<LimitsPage />} />
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </Suspense>
  );
}

function Inside() {
  return (
    <SessionGate>
      <Shell>
        <Outlet />
      </Shell>
    </SessionGate>
  );
}

function Start() {
  const { site } = useSession();
  return <Navigate to={site.contactManagement ? '/dashboard' : '/settings'} replace />;
}

// Until contact management is enabled there is nothing to manage (T-14): the way leads to the switch.
function OnlyEnabled() {
  const { site } = useSession();
  return site.contactManagement ? <Outlet /> : <Navigate to="/settings" replace />;
}
