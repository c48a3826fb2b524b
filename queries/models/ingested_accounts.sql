-- The accounts whose trail is in the lake: those that events were delivered to.
-- grain: one row per account
-- kind: view
-- reads: events
select
    recipient_account_id as account_id,
    min(event_time) as first_time,
    max(event_time) as last_time
from events
where recipient_account_id is not null
group by recipient_account_id
