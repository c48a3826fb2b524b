-- From when until when the lake has events of each account.
-- grain: one row per account
-- reads: ingested_accounts
select *
from ingested_accounts
order by account_id
