-- Why it is not known who began these sessions' chains.
-- grain: one row per session that starts a chain and whose beginning is not in the lake
-- reads: session_gaps
-- $session_ids (list).
select *
from session_gaps
where list_contains($session_ids, session_id)
order by session_id
