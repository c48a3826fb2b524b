-- The accounts whose trail is in the lake, from when until when.
-- grain: one row per account
-- reads: ingested_accounts
select
    account_id,
    first_time,
    last_time
from ingested_accounts
order by account_id
