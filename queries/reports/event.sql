-- The copies of one event in all accounts, by its id or the beginning of it; where several ids
-- begin so, up to six of them.
-- grain: one row per event and account
-- reads: attributed_events, events
with ids as (
    select distinct event_id
    from events
    where starts_with(event_id, $event_id)
    order by event_id
    limit 6
)

select a.*
from attributed_events as a
inner join ids on a.event_id = ids.event_id
order by a.event_id asc, a.recipient_account_id asc
