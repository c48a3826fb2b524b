-- Facts of earlier builds that rest on a session or an issuing call which this build makes anew:
-- they stand only if it, or another, tells them again. In a build from nothing also those whose
-- session is gone, unless it is so old that its records may have been removed
-- (`compact --keep-days`).
-- grain: one row per fact
-- reads: dirty_sessions, new_issued_credentials, new_sessions, stored_first_seen, this_build
select
    s.fact_id,
    coalesce(s.session_id, s.event_id) as told_by
from stored_first_seen as s
cross join this_build as b
where
    s.retracted_at is null
    and (
        (
            s.kind = 'account-crossing'
            and s.event_id in (select unnest(c.event_ids) from new_issued_credentials as c)
        )
        or s.session_id in (select d.session_id from dirty_sessions as d)
        or s.session_id in (select n.session_id from new_sessions as n)
        or (
            b.is_full
            and s.session_id is not null
            and s.first_time
            >= (select min(n.first_seen) + interval 2 days from new_sessions as n)
        )
    )
