-- Bursts of denied calls: a caller who was denied at least ten times within ten minutes. The two
-- copies of one cross-account call count once. Whole days are looked at, so that it does not
-- matter on which night a record came. A caller is a principal id, or an ARN where there is none.
-- grain: one row per caller and UTC day with a burst
-- reads: day_events
with denied as (
    select
        coalesce(user_principal_id, user_arn) as principal_id,
        user_arn,
        recipient_account_id as account_id,
        event_id,
        event_time
    from day_events
    where
        regexp_matches(
            error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
        )
        and coalesce(user_principal_id, user_arn) is not null
    qualify
        row_number() over (
            partition by
                coalesce(user_principal_id, user_arn), coalesce(shared_event_id, event_id)
            order by event_id, recipient_account_id
        ) = 1
),

counted as (
    select
        *,
        event_time::date as day,
        lag(event_time, 9) over (
            partition by principal_id, event_time::date
            order by event_time, event_id
        ) as ninth_before
    from denied
),

bursts as (
    select
        principal_id,
        day,
        count(*) as event_count,
        min(ninth_before) filter (event_time <= ninth_before + interval 10 minutes) as first_time
    from counted
    group by principal_id, day
    having first_time is not null
)

select
    substr(md5('denied-burst|' || b.principal_id || '|' || b.day), 1, 16) as fact_id,
    'denied-burst' as kind,
    'direct' as evidence,
    b.principal_id,
    max(c.user_arn) as actor_arn,
    min(c.account_id) as account_id,
    min(c.event_id) as event_id,
    b.first_time,
    b.event_count
from bursts as b
inner join counted as c
    on b.principal_id = c.principal_id and b.first_time = c.event_time
group by b.principal_id, b.day, b.first_time, b.event_count
