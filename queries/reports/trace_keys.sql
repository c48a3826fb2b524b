-- The long-term access keys that an id could mean, with their owner and their use.
-- grain: one row per long-term access key that was used
-- reads: attributed_events
-- Optional, each finds by itself: $access_keys (list), $arn or $actor of the owner, $address.
select
    user_access_key_id as access_key_id,
    max(actor_kind) as actor_kind,
    max(actor_account) as actor_account,
    max(actor_name) as actor_name,
    max(actor_arn) as actor_arn,
    max(actor_display) as actor_display,
    max(evidence) as evidence,
    min(event_time) as first_seen,
    max(event_time) as last_seen,
    count(*) as event_count,
    list_sort(list(distinct source_ip_address)) as source_ips
from attributed_events
where
    user_access_key_id like 'AKIA%'
    and session_id is null
    and (
        list_contains($access_keys, user_access_key_id)
        or actor_arn = $arn
        or lower($actor) in (lower(actor_name), lower(actor_display))
        or source_ip_address = $address
    )
group by user_access_key_id
order by first_seen, access_key_id
