-- Chains that rest on an event that is not in the lake.
-- grain: one row per session and event
-- reads: chains, events
select
    c.session_id,
    p.event_id
from chains as c
cross join unnest(c.evidence_events) as p (event_id)
anti join events as e on p.event_id = e.event_id
