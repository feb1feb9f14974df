DROP PUBLICATION carnet;
DROP TABLE mail, rate_bucket, signing_key, checkout, dpop_proof, access_token, account_session, auth_code,
    social_attempt, email_challenge, login_provider, account_identity, account;
