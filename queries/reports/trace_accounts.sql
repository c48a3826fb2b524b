-- The accounts whose trail is in the lake.
-- grain: one row per account
-- reads: ingested_accounts
select account_id
from ingested_accounts
order by account_id
