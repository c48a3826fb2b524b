-- What the lake covers: events, days and the first and last event of each account and region.
-- grain: one row per account and region
-- reads: events
-- $since time: events from this time on.
-- $until time: events before this time.
select
    recipient_account_id as account,
    aws_region as region,
    count(*) as events,
    count(distinct event_date) as days,
    min(event_time) as first_time,
    max(event_time) as last_time
from events
where
    ($since is null or event_time >= $since)
    and ($until is null or event_time < $until)
group by all
order by account asc nulls last, region asc nulls last
