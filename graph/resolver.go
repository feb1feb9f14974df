// Package graph is the GraphQL face of Carnet: resolvers by domain, the @auth directive, the error
// presenter and the executor with its limits. A resolver decodes, calls one domain method and
// returns; rules live below.
package graph

import (
	"log/slog"

	"carnet/internal/account"
	"carnet/internal/audit"
	"carnet/internal/campaign"
	"carnet/internal/contact"
	"carnet/internal/dashboard"
	"carnet/internal/field"
	"carnet/internal/inbox"
	"carnet/internal/indicator"
	"carnet/internal/message"
	"carnet/internal/privacy"
	"carnet/internal/sale"
	"carnet/internal/segment"
	"carnet/internal/site"
	"carnet/internal/sms"
	"carnet/internal/webhook"
)

// Resolver holds what resolvers call.
type Resolver struct {
	Sites      *site.Service
	Fields     *field.Service
	Contacts   *contact.Service
	Batches    *contact.Batches
	Twins      *contact.Twins
	Segments   *segment.Service
	Watcher    *segment.Watcher
	Accounts   *account.Service
	Privacy    *privacy.Service
	Audit      *audit.Service
	Sales      *sale.Service
	Indicators *indicator.Service
	Counts     *dashboard.Service
	Messages   *message.Service
	Texts      *sms.Service
	Inbox      *inbox.Service
	Campaigns  *campaign.Service
	Webhooks   *webhook.Service
	Changes    *ChangeFeed
	ServerURL  string
	Log        *slog.Logger
}

type (
	accountResolver              struct{ *Resolver }
	answerResolver               struct{ *Resolver }
	balanceEntryResolver         struct{ *Resolver }
	batchItemResolver            struct{ *Resolver }
	batchRunResolver             struct{ *Resolver }
	campaignResolver             struct{ *Resolver }
	campaignRecipientResolver    struct{ *Resolver }
	campaignTemplateResolver     struct{ *Resolver }
	meansAdviceResolver          struct{ *Resolver }
	mailingResolver              struct{ *Resolver }
	bookingResolver              struct{ *Resolver }
	choiceResolver               struct{ *Resolver }
	consentEntryResolver         struct{ *Resolver }
	consentPurposeResolver       struct{ *Resolver }
	consentResolver              struct{ *Resolver }
	contactConnectionResolver    struct{ *Resolver }
	contactMoneyResolver         struct{ *Resolver }
	contactOptionResolver        struct{ *Resolver }
	customFieldResolver          struct{ *Resolver }
	dashboardResolver            struct{ *Resolver }
	duplicateConnectionResolver  struct{ *Resolver }
	auditEntryResolver           struct{ *Resolver }
	retentionResolver            struct{ *Resolver }
	erasurePreviewResolver       struct{ *Resolver }
	erasureResolver              struct{ *Resolver }
	eventContactResolver         struct{ *Resolver }
	eventResolver                struct{ *Resolver }
	exportResolver               struct{ *Resolver }
	fieldConditionResolver       struct{ *Resolver }
	groupResolver                struct{ *Resolver }
	handMemberConnectionResolver struct{ *Resolver }
	historyEntryResolver         struct{ *Resolver }
	importRowResolver            struct{ *Resolver }
	importRunResolver            struct{ *Resolver }
	indicatorResolver            struct{ *Resolver }
	labelResolver                struct{ *Resolver }
	linkTypeResolver             struct{ *Resolver }
	meResolver                   struct{ *Resolver }
	mutationResolver             struct{ *Resolver }
	offerResolver                struct{ *Resolver }
	myProfileResolver            struct{ *Resolver }
	orderLineResolver            struct{ *Resolver }
	orderResolver                struct{ *Resolver }
	organizationResolver         struct{ *Resolver }
	pendingConsentResolver       struct{ *Resolver }
	personResolver               struct{ *Resolver }
	privacyRequestResolver       struct{ *Resolver }
	productPriceResolver         struct{ *Resolver }
	productResolver              struct{ *Resolver }
	queryResolver                struct{ *Resolver }
	quoteItemResolver            struct{ *Resolver }
	ruleCostResolver             struct{ *Resolver }
	quotaResolver                struct{ *Resolver }
	savedViewResolver            struct{ *Resolver }
	segmentPreviewResolver       struct{ *Resolver }
	segmentResolver              struct{ *Resolver }
	siteResolver                 struct{ *Resolver }
	staffResolver                struct{ *Resolver }
	subscriptionResolver         struct{ *Resolver }
	ticketResolver               struct{ *Resolver }
	salesSummaryResolver         struct{ *Resolver }
	viewerResolver               struct{ *Resolver }
	webhookDeliveryResolver      struct{ *Resolver }
	webhookResolver              struct{ *Resolver }
)

// The links from the executable schema to the resolvers.

// Account resolves contacts' accounts.
func (r *Resolver) Account() AccountResolver { return &accountResolver{r} }

// Answer resolves answers.
func (r *Resolver) Answer() AnswerResolver { return &answerResolver{r} }

// Me resolves who is signed in.
func (r *Resolver) Me() MeResolver { return &meResolver{r} }

// MyProfile resolves one's own record.
func (r *Resolver) MyProfile() MyProfileResolver { return &myProfileResolver{r} }

// FieldCondition resolves conditions of fields.
func (r *Resolver) FieldCondition() FieldConditionResolver { return &fieldConditionResolver{r} }

// BatchItem resolves the contacts of batches.
func (r *Resolver) BatchItem() BatchItemResolver { return &batchItemResolver{r} }

// BatchRun resolves batches.
func (r *Resolver) BatchRun() BatchRunResolver { return &batchRunResolver{r} }

// Campaign resolves campaigns.
func (r *Resolver) Campaign() CampaignResolver { return &campaignResolver{r} }

// CampaignTemplate resolves kept texts.
func (r *Resolver) CampaignTemplate() CampaignTemplateResolver { return &campaignTemplateResolver{r} }

// MeansAdvice resolves which means to use with contacts.
func (r *Resolver) MeansAdvice() MeansAdviceResolver { return &meansAdviceResolver{r} }

// CampaignRecipient resolves whom campaigns are for.
func (r *Resolver) CampaignRecipient() CampaignRecipientResolver {
	return &campaignRecipientResolver{r}
}

// Mailing resolves campaigns in a contact's history.
func (r *Resolver) Mailing() MailingResolver { return &mailingResolver{r} }

// Choice resolves choices.
func (r *Resolver) Choice() ChoiceResolver { return &choiceResolver{r} }

// Consent resolves consents.
func (r *Resolver) Consent() ConsentResolver { return &consentResolver{r} }

// PendingConsent resolves what waits to be confirmed.
func (r *Resolver) PendingConsent() PendingConsentResolver { return &pendingConsentResolver{r} }

// ConsentEntry resolves the ledger's lines.
func (r *Resolver) ConsentEntry() ConsentEntryResolver { return &consentEntryResolver{r} }

// ConsentPurpose resolves purposes.
func (r *Resolver) ConsentPurpose() ConsentPurposeResolver { return &consentPurposeResolver{r} }

// DuplicateConnection resolves totals.
func (r *Resolver) DuplicateConnection() DuplicateConnectionResolver {
	return &duplicateConnectionResolver{r}
}

// ContactConnection resolves totals.
func (r *Resolver) ContactConnection() ContactConnectionResolver {
	return &contactConnectionResolver{r}
}

// ContactOption resolves options of the site's own lists.
func (r *Resolver) ContactOption() ContactOptionResolver { return &contactOptionResolver{r} }

// CustomField resolves custom fields.
func (r *Resolver) CustomField() CustomFieldResolver { return &customFieldResolver{r} }

// Dashboard resolves what is counted of a period.
func (r *Resolver) Dashboard() DashboardResolver { return &dashboardResolver{r} }

// Export resolves exports.
func (r *Resolver) Export() ExportResolver { return &exportResolver{r} }

// Group resolves groups.
func (r *Resolver) Group() GroupResolver { return &groupResolver{r} }

// HandMemberConnection resolves totals.
func (r *Resolver) HandMemberConnection() HandMemberConnectionResolver {
	return &handMemberConnectionResolver{r}
}

// HistoryEntry resolves history entries.
func (r *Resolver) HistoryEntry() HistoryEntryResolver { return &historyEntryResolver{r} }

// ImportRow resolves rows of imports.
func (r *Resolver) ImportRow() ImportRowResolver { return &importRowResolver{r} }

// ImportRun resolves imports.
func (r *Resolver) ImportRun() ImportRunResolver { return &importRunResolver{r} }

// Indicator resolves indicators of the site's own.
func (r *Resolver) Indicator() IndicatorResolver { return &indicatorResolver{r} }

// Label resolves labels.
func (r *Resolver) Label() LabelResolver { return &labelResolver{r} }

// LinkType resolves types of link.
func (r *Resolver) LinkType() LinkTypeResolver { return &linkTypeResolver{r} }

// Mutation resolves mutations.
func (r *Resolver) Mutation() MutationResolver { return &mutationResolver{r} }

// Organization resolves organizations.
func (r *Resolver) Organization() OrganizationResolver { return &organizationResolver{r} }

// Person resolves persons.
func (r *Resolver) Person() PersonResolver { return &personResolver{r} }

// PrivacyRequest resolves what persons ask about their own data.
func (r *Resolver) PrivacyRequest() PrivacyRequestResolver { return &privacyRequestResolver{r} }

// Query resolves queries.
func (r *Resolver) Query() QueryResolver { return &queryResolver{r} }

// SavedView resolves views of the contact list.
func (r *Resolver) SavedView() SavedViewResolver { return &savedViewResolver{r} }

// Segment resolves segments.
func (r *Resolver) Segment() SegmentResolver { return &segmentResolver{r} }

// RuleCost resolves what rules cost.
func (r *Resolver) RuleCost() RuleCostResolver { return &ruleCostResolver{r} }

// SegmentPreview resolves previews.
func (r *Resolver) SegmentPreview() SegmentPreviewResolver { return &segmentPreviewResolver{r} }

// Site resolves sites.
func (r *Resolver) Site() SiteResolver { return &siteResolver{r} }

// Staff resolves members of staff.
func (r *Resolver) Staff() StaffResolver { return &staffResolver{r} }

// Viewer resolves who calls.
func (r *Resolver) Viewer() ViewerResolver { return &viewerResolver{r} }

// Subscription resolves subscriptions.
func (r *Resolver) Subscription() SubscriptionResolver { return &subscriptionResolver{r} }

// Webhook resolves webhooks.
func (r *Resolver) Webhook() WebhookResolver { return &webhookResolver{r} }

// WebhookDelivery resolves what webhooks are told.
func (r *Resolver) WebhookDelivery() WebhookDeliveryResolver { return &webhookDeliveryResolver{r} }

// AuditEntry resolves entries of the audit log.
func (r *Resolver) AuditEntry() AuditEntryResolver { return &auditEntryResolver{r} }

// Retention resolves how long is kept what nobody uses.
func (r *Resolver) Retention() RetentionResolver { return &retentionResolver{r} }

// Erasure resolves who was erased.
func (r *Resolver) Erasure() ErasureResolver { return &erasureResolver{r} }

// ErasurePreview resolves what erasing would do.
func (r *Resolver) ErasurePreview() ErasurePreviewResolver { return &erasurePreviewResolver{r} }

// Event resolves events.
func (r *Resolver) Event() EventResolver { return &eventResolver{r} }

// Offer resolves offers.
func (r *Resolver) Offer() OfferResolver { return &offerResolver{r} }

// EventContact resolves who has a part in events.
func (r *Resolver) EventContact() EventContactResolver { return &eventContactResolver{r} }

// ProductPrice resolves prices of groups and memberships.
func (r *Resolver) ProductPrice() ProductPriceResolver { return &productPriceResolver{r} }

// Quota resolves quotas.
func (r *Resolver) Quota() QuotaResolver { return &quotaResolver{r} }

// Order resolves orders.
func (r *Resolver) Order() OrderResolver { return &orderResolver{r} }

// OrderLine resolves the lines of orders.
func (r *Resolver) OrderLine() OrderLineResolver { return &orderLineResolver{r} }

// Product resolves products.
func (r *Resolver) Product() ProductResolver { return &productResolver{r} }

// QuoteItem resolves the things of a quote.
func (r *Resolver) QuoteItem() QuoteItemResolver { return &quoteItemResolver{r} }

// Ticket resolves tickets.
func (r *Resolver) Ticket() TicketResolver { return &ticketResolver{r} }

// BalanceEntry resolves what changed contacts' balances.
func (r *Resolver) BalanceEntry() BalanceEntryResolver { return &balanceEntryResolver{r} }

// Booking resolves bookings.
func (r *Resolver) Booking() BookingResolver { return &bookingResolver{r} }

// ContactMoney resolves what contacts have with the site.
func (r *Resolver) ContactMoney() ContactMoneyResolver { return &contactMoneyResolver{r} }

// SalesSummary resolves what follows from sales.
func (r *Resolver) SalesSummary() SalesSummaryResolver { return &salesSummaryResolver{r} }
