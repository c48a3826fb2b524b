-- What was ever seen for the first time, and when the lake learned it: the facts of earlier
-- builds that still stand, and those that this build's records and sessions tell. Of several
-- that tell a fact the earliest counts. A fact that nothing tells any longer is kept and marked.
-- One that is told again keeps the time it was learned at, as if it had never been doubted; but
-- where a night was closed in between, the night took it back: that stays, and the fact has a
-- further row, learned now.
-- grain: one row per fact and time it was learned
-- reads: closed_nights, doubted_facts, stored_first_seen, this_build, told_facts
with standing as (
    select * exclude (learned_at, retracted_at)
    from stored_first_seen
    where
        retracted_at is null
        and fact_id not in (select d.fact_id from doubted_facts as d)
),

told as (
    select
        *,
        max(event_count) over (partition by fact_id) as most_events
    from (
        from told_facts
        union all by name
        from standing
    ) as t
    qualify
        row_number() over (partition by fact_id order by first_time, session_id, event_id) = 1
),

open_facts as (
    select *
    from stored_first_seen
    where
        retracted_at is null
        or retracted_at > coalesce(
            (select max(n.closed_at) from closed_nights as n), '-infinity'::timestamptz
        )
),

facts as (
    select
        t.* exclude (most_events) replace (t.most_events as event_count),
        coalesce(o.learned_at, b.built_at) as learned_at,
        null::timestamptz as retracted_at
    from told as t
    cross join this_build as b
    left join open_facts as o on t.fact_id = o.fact_id
    union all by name
    select o.* replace (coalesce(o.retracted_at, b.built_at) as retracted_at)
    from open_facts as o
    cross join this_build as b
    where o.fact_id not in (select t.fact_id from told as t)
    union all by name
    select s.*
    from stored_first_seen as s
    where
        not exists (
            select 1 from open_facts as o
            where s.fact_id = o.fact_id and s.learned_at is not distinct from o.learned_at
        )
)

select * from facts
order by first_time, fact_id, learned_at
