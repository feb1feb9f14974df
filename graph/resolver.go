// Package graph is the GraphQL face of Carnet: resolvers by domain, the @auth directive, the error
// presenter and the executor with its limits. A resolver decodes, calls one domain method and
// returns; rules live below.
package graph

import (
	"log/slog"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/field"
	"carnet/internal/message"
	"carnet/internal/segment"
	"carnet/internal/site"
	"carnet/internal/webhook"
)

// Resolver holds what resolvers call.
type Resolver struct {
	Sites     *site.Service
	Fields    *field.Service
	Contacts  *contact.Service
	Batches   *contact.Batches
	Twins     *contact.Twins
	Segments  *segment.Service
	Watcher   *segment.Watcher
	Accounts  *account.Service
	Messages  *message.Service
	Webhooks  *webhook.Service
	Changes   *ChangeFeed
	ServerURL string
	Log       *slog.Logger
}

type (
	accountResolver              struct{ *Resolver }
	answerResolver               struct{ *Resolver }
	meResolver                   struct{ *Resolver }
	myProfileResolver            struct{ *Resolver }
	fieldConditionResolver       struct{ *Resolver }
	batchItemResolver            struct{ *Resolver }
	batchRunResolver             struct{ *Resolver }
	choiceResolver               struct{ *Resolver }
	consentEntryResolver         struct{ *Resolver }
	consentPurposeResolver       struct{ *Resolver }
	consentResolver              struct{ *Resolver }
	contactConnectionResolver    struct{ *Resolver }
	contactOptionResolver        struct{ *Resolver }
	customFieldResolver          struct{ *Resolver }
	duplicateConnectionResolver  struct{ *Resolver }
	exportResolver               struct{ *Resolver }
	groupResolver                struct{ *Resolver }
	handMemberConnectionResolver struct{ *Resolver }
	historyEntryResolver         struct{ *Resolver }
	importRowResolver            struct{ *Resolver }
	importRunResolver            struct{ *Resolver }
	labelResolver                struct{ *Resolver }
	linkTypeResolver             struct{ *Resolver }
	mutationResolver             struct{ *Resolver }
	organizationResolver         struct{ *Resolver }
	personResolver               struct{ *Resolver }
	queryResolver                struct{ *Resolver }
	savedViewResolver            struct{ *Resolver }
	segmentPreviewResolver       struct{ *Resolver }
	ruleCostResolver             struct{ *Resolver }
	segmentResolver              struct{ *Resolver }
	siteResolver                 struct{ *Resolver }
	staffResolver                struct{ *Resolver }
	subscriptionResolver         struct{ *Resolver }
	viewerResolver               struct{ *Resolver }
	webhookResolver              struct{ *Resolver }
	webhookDeliveryResolver      struct{ *Resolver }
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

// Choice resolves choices.
func (r *Resolver) Choice() ChoiceResolver { return &choiceResolver{r} }

// Consent resolves consents.
func (r *Resolver) Consent() ConsentResolver { return &consentResolver{r} }

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
