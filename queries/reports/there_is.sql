-- What there is to ask for: every account, role and actor, and the moments of the first and last
-- event; for a question that nothing answers.
-- grain: one row per account, role or actor
-- reads: attributed_events
with found as (
    select
        'account' as kind,
        recipient_account_id as name,
        event_time
    from attributed_events
    union all
    select
        'role' as kind,
        unnest(chain) as name,
        event_time
    from attributed_events
    union all
    select
        'actor' as kind,
        coalesce(actor_name, actor_arn) as name,
        event_time
    from attributed_events
    union all
    select
        'service' as kind,
        event_source as name,
        event_time
    from attributed_events
)

select
    kind,
    name,
    count(*) as events,
    min(event_time) as first_time,
    max(event_time) as last_time
from found
where name is not null
group by kind, name
order by kind asc, events desc, name asc
