-- Runs of days without an event between an account's first and last day in the lake.
-- grain: one row per account and run of missing days
-- reads: events
-- A quiet account has such days; a busy one whose trail or delivery stopped has them too.
-- $since time: events from this time on.
-- $until time: events before this time.
with days as (
    select distinct
        recipient_account_id as account,
        event_date
    from events
    where
        ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

neighbours as (
    select
        account,
        event_date,
        lead(event_date) over (partition by account order by event_date) as next_date
    from days
)

select
    account,
    event_date + 1 as first_day,
    next_date - 1 as last_day,
    next_date - event_date - 1 as days
from neighbours
where next_date - event_date > 1
order by account asc nulls last, first_day asc
