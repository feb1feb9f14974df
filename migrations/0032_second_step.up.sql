-- Staff may prove a second thing beside their password: a code of an app (TOTP, RFC 6238).

ALTER TABLE site ADD COLUMN second_step_required boolean NOT NULL DEFAULT false; -- staff without one set it up when they next sign in

CREATE TABLE staff_second_step (
    site_id      uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    staff_id     uuid NOT NULL,
    secret       bytea,                                     -- sealed; NULL until the first one is confirmed
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0,                 -- the time step of the newest code that was taken: no code works twice
    offered      bytea,                                     -- sealed; a secret that was shown and takes the place of the other when confirmed
    offered_at   timestamptz,
    PRIMARY KEY (site_id, staff_id),
    FOREIGN KEY (site_id, staff_id) REFERENCES staff (site_id, id) ON DELETE CASCADE,
    CHECK ((secret IS NULL) = (confirmed_at IS NULL)),
    CHECK ((offered IS NULL) = (offered_at IS NULL))
);

-- For whoever has lost the app. Each works once; 80 random bits need no slow hash.
CREATE TABLE staff_recovery_code (
    site_id   uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    staff_id  uuid NOT NULL,
    code_hash bytea NOT NULL,                               -- SHA-256
    used_at   timestamptz,
    PRIMARY KEY (site_id, staff_id, code_hash),
    FOREIGN KEY (site_id, staff_id) REFERENCES staff_second_step (site_id, staff_id) ON DELETE CASCADE
);

-- What happened to how staff sign in, and who did it.
CREATE TABLE staff_sign_in_event (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    staff_id   uuid NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('second_step_confirmed', 'second_step_removed', 'recovery_codes_made', 'recovery_code_used', 'password_changed', 'second_step_required', 'second_step_optional')),
    actor_id   uuid NOT NULL,
    actor_name text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, staff_id) REFERENCES staff (site_id, id) ON DELETE CASCADE
);
CREATE INDEX staff_sign_in_event_of ON staff_sign_in_event (site_id, staff_id, id);
