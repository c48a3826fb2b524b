-- How many events of each hat came from one source address.
-- grain: one row per hat (session or long-term key)
-- reads: events, identified_events, session_ids
-- $address; $session_ids, $access_keys (lists of hats).
select
    s.session_id as hat_id,
    count(*) as events
from identified_events as e
inner join session_ids as s
    on
        e.principal_id = s.principal_id
        and e.creation_date is not distinct from s.creation_date
        and e.user_access_key_id is not distinct from s.access_key_id
where e.source_ip_address = $address and list_contains($session_ids, s.session_id)
group by s.session_id
union all
select
    user_access_key_id as hat_id,
    count(*) as events
from events
where
    source_ip_address = $address
    and user_access_key_id in (select unnest($access_keys))
    and (session_creation_date is null or coalesce(user_principal_id, user_arn) is null)
group by user_access_key_id
