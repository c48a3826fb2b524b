-- Every change of a long-term credential in the lake, oldest first.
-- grain: one row per change of a long-term credential
-- reads: credential_changes
select *
from credential_changes
order by changed_at, credential_id, event_id
