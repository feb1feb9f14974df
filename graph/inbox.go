package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/inbox"
	"carnet/internal/live"
	"carnet/internal/site"
)

// Messages between people and staff: the staff's side, then the person's.

func threadID(t *inbox.Thread) uuid.UUID { return t.ID }

func (r *queryResolver) Inbox(ctx context.Context, closed, mine bool, first *int, after *string) (model.InboxThreadConnection, error) {
	page, err := r.Resolver.Inbox.List(ctx, inbox.Filter{Closed: closed, Mine: mine}, size(first), text(after))
	return model.InboxThreadConnection(connect[model.InboxThreadEdge](page.Threads, page.More, after, (*inbox.Thread).Cursor)), err
}

func (r *queryResolver) InboxThread(ctx context.Context, id uuid.UUID) (inbox.Thread, error) {
	t, err := r.Resolver.Inbox.ByID(ctx, id)
	if err != nil {
		return inbox.Thread{}, err
	}
	return *t, nil
}

func (r *queryResolver) InboxColleagues(ctx context.Context) ([]*inbox.Colleague, error) {
	return r.Resolver.Inbox.Colleagues(ctx)
}

func (r *personResolver) Threads(ctx context.Context, objs []*contact.Person, first int) ([][]*inbox.Thread, error) {
	ids := allIDs(objs, personID)
	by, err := r.Inbox.Of(ctx, ids, first)
	return listsOf(ids, by), err
}

func (r *inboxThreadResolver) Contact(ctx context.Context, objs []*inbox.Thread) ([]contact.Contact, error) {
	return r.contactsOf(ctx, allIDs(objs, func(t *inbox.Thread) uuid.UUID { return t.ContactID }))
}

func (r *inboxThreadResolver) AssignedTo(ctx context.Context, objs []*inbox.Thread) ([]*inbox.Colleague, error) {
	by, err := r.Inbox.Names(ctx, named(objs, func(t *inbox.Thread) *uuid.UUID { return t.AssignedTo }))
	out := make([]*inbox.Colleague, len(objs))
	for i, t := range objs {
		if t.AssignedTo != nil {
			out[i] = by[*t.AssignedTo]
		}
	}
	return out, err
}

func (r *inboxThreadResolver) Last(ctx context.Context, objs []*inbox.Thread) ([]*inbox.Message, error) {
	ids := allIDs(objs, threadID)
	by, err := r.Inbox.Last(ctx, ids)
	return ordered(ids, by), err
}

// ordered gives what there is of ids, in their order.
func ordered[T any](ids []uuid.UUID, by map[uuid.UUID]*T) []*T {
	out := make([]*T, len(ids))
	for i, id := range ids {
		out[i] = by[id]
	}
	return out
}

func (r *inboxThreadResolver) Messages(ctx context.Context, obj *inbox.Thread, first *int, after *string) (model.InboxMessageConnection, error) {
	page, err := r.Inbox.Messages(ctx, obj, size(first), text(after))
	return messagePage(page, after), err
}

func messagePage(page inbox.MessagePage, after *string) model.InboxMessageConnection {
	return model.InboxMessageConnection(connect[model.InboxMessageEdge](page.Messages, page.More, after, func(m *inbox.Message) string { return m.ID.String() }))
}

func threadPayload(ctx context.Context, t *inbox.Thread, err error) (out model.InboxThreadPayload, _ error) {
	if err == nil {
		out.Thread = t
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) AnswerThread(ctx context.Context, in model.AnswerThreadInput) (model.InboxThreadPayload, error) {
	t, err := r.Inbox.Answer(ctx, in.ID, in.Body)
	return threadPayload(ctx, t, err)
}

func (r *mutationResolver) ReadThread(ctx context.Context, in model.ThreadInput) (model.InboxThreadPayload, error) {
	t, err := r.Inbox.Read(ctx, in.ID)
	return threadPayload(ctx, t, err)
}

func (r *mutationResolver) UpdateThread(ctx context.Context, in model.UpdateThreadInput) (model.InboxThreadPayload, error) {
	change := inbox.Change{Closed: in.Closed.Value()}
	change.AssignedTo, change.Assign = in.AssignedToID.ValueOK()
	t, err := r.Inbox.Update(ctx, in.ID, change)
	return threadPayload(ctx, t, err)
}

func (r *meResolver) Threads(ctx context.Context, _ *account.Me, first *int, after *string) (model.MyThreadConnection, error) {
	page, err := r.Inbox.MyThreads(ctx, size(first), text(after))
	rows := make([]*inbox.Mine, len(page.Threads))
	for i, t := range page.Threads {
		rows[i] = &inbox.Mine{Thread: *t}
	}
	return model.MyThreadConnection(connect[model.MyThreadEdge](rows, page.More, after, func(t *inbox.Mine) string { return t.Cursor() })), err
}

func (r *meResolver) Thread(ctx context.Context, _ *account.Me, id uuid.UUID) (inbox.Mine, error) {
	t, err := r.Inbox.MyThread(ctx, id)
	if err != nil {
		return inbox.Mine{}, err
	}
	return inbox.Mine{Thread: *t}, nil
}

func (r *meResolver) Unread(ctx context.Context, _ *account.Me) (int, error) {
	n, _, err := r.Inbox.MyUnread(ctx)
	return n, err
}

func (r *meResolver) HasThreads(ctx context.Context, _ *account.Me) (bool, error) {
	page, err := r.Inbox.MyThreads(ctx, 1, "")
	return len(page.Threads) > 0, err
}

func (r *meResolver) Ticket(ctx context.Context, _ *account.Me) (string, error) {
	return r.Accounts.Ticket(ctx)
}

func (r *myThreadResolver) Last(ctx context.Context, objs []*inbox.Mine) ([]*inbox.Message, error) {
	ids := allIDs(objs, func(t *inbox.Mine) uuid.UUID { return t.ID })
	by, err := r.Inbox.MyLast(ctx, ids)
	return ordered(ids, by), err
}

func (r *myThreadResolver) Messages(ctx context.Context, obj *inbox.Mine, first *int, after *string) (model.InboxMessageConnection, error) {
	page, err := r.Inbox.MyMessages(ctx, &obj.Thread, size(first), text(after))
	return messagePage(page, after), err
}

func myThreadPayload(ctx context.Context, t *inbox.Thread, err error) (out model.MyThreadPayload, _ error) {
	if err == nil {
		out.Thread = &inbox.Mine{Thread: *t}
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) AnswerMyThread(ctx context.Context, in model.AnswerThreadInput) (model.MyThreadPayload, error) {
	t, err := r.Inbox.Reply(ctx, in.ID, in.Body)
	return myThreadPayload(ctx, t, err)
}

func (r *mutationResolver) ReadMyThread(ctx context.Context, in model.ThreadInput) (model.MyThreadPayload, error) {
	t, err := r.Inbox.MyRead(ctx, in.ID)
	return myThreadPayload(ctx, t, err)
}

// The keys under which inboxes are followed: what all staff see of a site's, and one person's.
const (
	inboxOfSite   = "inbox of a site"
	inboxOfPerson = "inbox of a person"
)

// paceOfInbox is the least time between two counts, so that a campaign into inboxes does not count for each of its messages.
const paceOfInbox = 300 * time.Millisecond

func (r *subscriptionResolver) InboxUnread(ctx context.Context) (<-chan int, error) {
	if _, err := r.Inbox.Unread(ctx); err != nil {
		return nil, err
	}
	return follow(ctx, r.Changes, ChangeKey{inboxOfSite, site.ActorOf(ctx).SiteID}, paceOfInbox, func(live.LSN) (int, bool, error) {
		n, err := r.Inbox.Unread(ctx)
		return n, false, err
	}), nil
}

func (r *subscriptionResolver) MyUnread(ctx context.Context) (<-chan int, error) {
	_, contactID, err := r.Inbox.MyUnread(ctx)
	if err != nil {
		return nil, err
	}
	return follow(ctx, r.Changes, ChangeKey{inboxOfPerson, contactID}, paceOfInbox, func(live.LSN) (int, bool, error) {
		n, _, err := r.Inbox.MyUnread(ctx)
		return n, false, err
	}), nil
}

func (r *subscriptionResolver) InboxThreadChanged(ctx context.Context, id uuid.UUID) (<-chan inbox.Thread, error) {
	if _, err := r.Inbox.ByID(ctx, id); err != nil {
		return nil, err
	}
	return follow(ctx, r.Changes, ChangeKey{"inbox_thread", id}, 0, func(live.LSN) (inbox.Thread, bool, error) {
		t, err := r.Inbox.ByID(ctx, id)
		if err != nil {
			return inbox.Thread{}, true, err
		}
		return *t, false, nil
	}), nil
}

// InboxThread resolves threads as staff see them.
func (r *Resolver) InboxThread() InboxThreadResolver { return &inboxThreadResolver{r} }

// MyThread resolves threads as their persons see them.
func (r *Resolver) MyThread() MyThreadResolver { return &myThreadResolver{r} }

type (
	inboxThreadResolver struct{ *Resolver }
	myThreadResolver    struct{ *Resolver }
)
