-- What was ever seen for the first time, and when the lake learned it: the facts of earlier
-- builds that still stand, and those that this build's records and sessions tell. Of several
-- that tell a fact the earliest counts. A fact that nothing tells any longer is kept and marked.
-- grain: one row per fact
-- reads: doubted_facts, stored_first_seen, this_build, told_facts
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

facts as (
    select
        t.* exclude (most_events) replace (t.most_events as event_count),
        coalesce(if(s.retracted_at is null, s.learned_at, null), b.built_at) as learned_at,
        null::timestamptz as retracted_at
    from told as t
    cross join this_build as b
    left join stored_first_seen as s on t.fact_id = s.fact_id
    union all by name
    select s.* replace (coalesce(s.retracted_at, b.built_at) as retracted_at)
    from stored_first_seen as s
    cross join this_build as b
    where s.fact_id not in (select t.fact_id from told as t)
)

select * from facts
order by first_time, fact_id
