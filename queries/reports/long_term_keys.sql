-- Long-term access keys that signed a call, with their age where the lake saw them created.
-- grain: one row per access key and owner
-- reads: attributed_events, events
-- The age is counted to the last use in the lake, not to today, so that it never changes.
with created as (
    select
        issued_access_key_id as access_key_id,
        min(event_time) as created_at
    from events
    where event_name = 'CreateAccessKey' and error_code is null
    group by all
)

select
    e.user_access_key_id as access_key_id,
    e.actor_kind,
    e.actor_account,
    e.actor_name,
    e.actor_arn,
    e.actor_display,
    c.created_at,
    date_diff('day', c.created_at, max(e.event_time)) as age_days,
    min(e.event_time) as first_used,
    max(e.event_time) as last_used,
    count(distinct e.event_date) as days_used,
    count(*) as events,
    count(*) filter (where e.error_code is not null) as failed,
    list_sort(
        list(distinct e.source_ip_address) filter (where e.source_ip_address is not null)
    ) as source_addresses,
    list_sort(list(distinct e.event_source)) as services
from attributed_events as e
left join created as c on e.user_access_key_id = c.access_key_id
where e.user_access_key_id like 'AKIA%'
group by
    e.user_access_key_id,
    e.actor_kind,
    e.actor_account,
    e.actor_name,
    e.actor_arn,
    e.actor_display,
    c.created_at
order by age_days desc nulls last, events desc, access_key_id asc
