-- How well the lake's events are attributed: events and sessions by evidence grade.
-- grain: one row per evidence grade
-- reads: attributed_events
-- $since time: events from this time on.
-- $until time: events before this time.
select
    evidence,
    count(*) as events,
    100.0 * count(*) / sum(count(*)) over () as percent,
    count(distinct session_id) as sessions
from attributed_events
where
    ($since is null or event_time >= $since)
    and ($until is null or event_time < $until)
group by evidence
order by list_position(
    ['direct', 'proven', 'matched', 'ambiguous', 'claimed', 'none'], evidence
)
