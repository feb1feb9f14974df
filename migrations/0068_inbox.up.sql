-- Messages between the people who have accounts and the site's staff (P-22). A campaign into inboxes begins a thread for each; its id follows
-- from the campaign's and the contact's, so there is one however often it is written.
CREATE TABLE inbox_thread (
    site_id       uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id            uuid NOT NULL,
    contact_id    uuid NOT NULL,
    subject       text NOT NULL CHECK (subject <> '' AND length(subject) <= 200),
    campaign_id   uuid,                                      -- what it began with; null: staff began it
    talk          boolean NOT NULL,                          -- staff began it, or the person has answered: it is in the staff's inbox
    closed        boolean NOT NULL DEFAULT false,
    assigned_to   uuid,
    person_unread int NOT NULL DEFAULT 0,                    -- messages that the person has not read
    staff_unread  int NOT NULL DEFAULT 0,
    last_at       timestamptz NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, assigned_to) REFERENCES staff (site_id, id) ON DELETE SET NULL (assigned_to)
);
CREATE INDEX inbox_thread_of ON inbox_thread (site_id, contact_id, last_at DESC, id DESC);
CREATE INDEX inbox_thread_open ON inbox_thread (site_id, closed, last_at DESC, id DESC) WHERE talk;
CREATE INDEX inbox_thread_unread ON inbox_thread (site_id) WHERE talk AND staff_unread > 0;
CREATE INDEX inbox_thread_assigned ON inbox_thread (site_id, assigned_to) WHERE assigned_to IS NOT NULL;

CREATE TABLE inbox_message (
    site_id     uuid NOT NULL,
    id          uuid NOT NULL,
    thread_id   uuid NOT NULL,
    author      text COLLATE "C" NOT NULL CHECK (author IN ('person', 'staff')),
    author_id   uuid,                                        -- the account, or who of the staff
    author_name text NOT NULL,
    body        text NOT NULL CHECK (body <> '' AND length(body) <= 10000),
    at          timestamptz NOT NULL,
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, thread_id) REFERENCES inbox_thread (site_id, id) ON DELETE CASCADE
);
CREATE INDEX inbox_message_of ON inbox_message (site_id, thread_id, id);
CREATE INDEX inbox_message_by ON inbox_message (site_id, author_id, at) WHERE author = 'person';

ALTER PUBLICATION carnet ADD TABLE inbox_thread (site_id, id, contact_id);
