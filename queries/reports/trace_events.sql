-- Events that an id could mean and that were made with no session and no long-term key.
-- grain: one row
-- reads: attributed_events
-- Optional, each finds by itself: $arn, $actor (name or display name), $address.
select
    count(*) as events,
    arg_min(event_id, (event_time, event_id)) as event_id,
    arg_min(event_source || ':' || event_name, (event_time, event_id)) as event_name,
    min(event_time) as first_time
from attributed_events
where
    session_id is null
    and not coalesce(user_access_key_id like 'AKIA%', false)
    and (
        $arn in (actor_arn, user_arn)
        or lower($actor) in (lower(actor_name), lower(actor_display))
        or source_ip_address = $address
    )
