-- Sessions whose source identity changes: inside the session, or from the session that put it
-- on. STS sets it once for a whole chain (semantics.md 5), so such records are forged, altered
-- or wrongly linked.
-- grain: one row per session with a change
-- reads: session_facts, session_links, sessions
-- Optional: $session_ids (list), only these.
select
    s.session_id,
    s.parent_session_id,
    s.role_arn,
    s.session_name,
    s.account_id,
    s.started_at,
    f.least_source_identity as source_identity,
    case
        when f.source_identity <> f.least_source_identity then f.source_identity
        when l.source_identity <> f.source_identity then l.source_identity
        else p.source_identity
    end as other_source_identity,
    case
        when f.source_identity <> f.least_source_identity then 'session'
        when l.source_identity <> f.source_identity then 'issuing call'
        else 'parent'
    end as differs_from,
    coalesce(l.event_ids, []) as event_ids
from sessions as s
inner join session_facts as f on s.session_id = f.session_id
left join session_links as l on s.session_id = l.session_id and l.outcome = 'found'
left join session_facts as p on l.parent_session_id = p.session_id
where
    ($session_ids is null or list_contains($session_ids, s.session_id))
    and (
        f.source_identity <> f.least_source_identity
        or l.source_identity <> f.source_identity
        or p.source_identity <> f.source_identity
    )
order by s.started_at, s.session_id
