-- The names of calls that were made, so that what of their requests matters can be looked up.
-- grain: one row per event source and event name
-- reads: events
select
    event_source,
    event_name,
    count(*) as events
from events
where event_source is not null and event_name is not null
group by all
order by event_source, event_name
