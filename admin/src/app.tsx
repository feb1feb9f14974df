import { MantineProvider, MantineThemeProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { lazy, Suspense } from 'react';
import { BrowserRouter, Navigate, Outlet, Route, Routes } from 'react-router';
import { ApiProvider } from './api/api-provider';
import { SessionGate, useSession } from './feature/session/session';
import { LocaleProvider, useLocale } from './locale/locale';
import { ConfirmProvider } from './part/confirm';
import { Shell } from './shell/shell';
import { styleNonce } from './theme/nonce';
import { schemeManager } from './theme/scheme';
import { theme, variables } from './theme/theme';

// Each page is a file of its own in the bundle, fetched when first needed.
const SignInPage = lazy(() => import('./feature/session/sign-in-page'));
const InvitationPage = lazy(() => import('./feature/session/invitation-page'));
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
const ImportPage = lazy(() => import('./feature/import/import-page'));
const ImportFilePage = lazy(() => import('./feature/import/import-file-page'));
const ImportRunPage = lazy(() => import('./feature/import/import-run-page'));
const BatchesPage = lazy(() => import('./feature/batch/batches-page'));
const BatchPage = lazy(() => import('./feature/batch/batch-page'));
const SettingsPage = lazy(() => import('./feature/setting/settings-page'));
const FieldsPage = lazy(() => import('./feature/field/fields-page'));
const LabelSetsPage = lazy(() => import('./feature/label/label-sets-page'));
const ListsPage = lazy(() => import('./feature/list/lists-page'));
const ConsentPage = lazy(() => import('./feature/setting/consent-page'));
const OriginsPage = lazy(() => import('./feature/setting/origins-page'));
const LoginPage = lazy(() => import('./feature/setting/login-page'));
const WebhooksPage = lazy(() => import('./feature/webhook/webhooks-page'));
const WebhookPage = lazy(() => import('./feature/webhook/webhook-page'));
const EmbedPage = lazy(() => import('./feature/embed/embed-page'));
const MySignInPage = lazy(() => import('./feature/session/my-sign-in-page'));
const StaffPage = lazy(() => import('./feature/staff/staff-page'));
const MailPage = lazy(() => import('./feature/mail/mail-page'));
const NotFoundPage = lazy(() => import('./shell/not-found-page'));

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
            <BrowserRouter basename="/admin">
              <Pages />
            </BrowserRouter>
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
            <Route path="import" element={<ImportPage />} />
            <Route path="import/file/:uploadId" element={<ImportFilePage />} />
            <Route path="import/:id" element={<ImportRunPage />} />
            <Route path="batches" element={<BatchesPage />} />
            <Route path="batches/:id" element={<BatchPage />} />
            <Route path="settings/fields" element={<FieldsPage />} />
            <Route path="settings/labels" element={<LabelSetsPage />} />
            <Route path="settings/lists" element={<ListsPage />} />
            <Route path="settings/consent" element={<ConsentPage />} />
            <Route path="settings/origins" element={<OriginsPage />} />
            <Route path="settings/login" element={<LoginPage />} />
            <Route path="settings/webhooks" element={<WebhooksPage />} />
            <Route path="settings/webhooks/:id" element={<WebhookPage />} />
            <Route path="embed" element={<EmbedPage />} />
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
  return <Navigate to={site.contactManagement ? '/contacts' : '/settings'} replace />;
}

// Until contact management is enabled there is nothing to manage (T-14): the way leads to the switch.
function OnlyEnabled() {
  const { site } = useSession();
  return site.contactManagement ? <Outlet /> : <Navigate to="/settings" replace />;
}
