-- Facts of earlier builds that rest on a session or an issuing call which this build makes anew:
-- they stand only if it, or another, tells them again. In a build from nothing also those whose
-- session is gone; but where facts are older than the oldest session, records were removed
-- (`compact --keep-days`), and those of the first two days after that may miss their proof.
-- grain: one row per fact
-- reads: dirty_sessions, new_issued_credentials, new_sessions, stored_first_seen, this_build
with beginning as (
    select
        min(n.started_at) as first_time,
        (
            select min(f.first_time) from stored_first_seen as f
            where f.session_id is not null
        ) < first_time as is_after_removal
    from new_sessions as n
)

select
    s.fact_id,
    coalesce(s.session_id, s.event_id) as told_by
from stored_first_seen as s
cross join this_build as t
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
            t.is_full
            and s.session_id is not null
            and s.first_time
            >= (
                select b.first_time + if(b.is_after_removal, interval 2 days, interval 0 days)
                from beginning as b
            )
        )
    )
