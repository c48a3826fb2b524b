-- The issuing calls that sessions being built could have come from, and those that their callers
-- could have come from: whether the keys of a caller tell two people apart decides whether the
-- session is split; where a record shows a caller without its session, which of the caller's
-- sessions were alive decides.
-- grain: one row per issuing call
-- reads: caller_candidates, known_calls, new_exact_candidates, new_loose_candidates
with direct as (
    select *
    from known_calls
    where
        issue_id in (
            select e.issue_id from new_exact_candidates as e
            union all
            select l.issue_id from new_loose_candidates as l
        )
),

vague as (
    select
        coalesce(caller_principal_id, caller_arn) as wearer,
        issued_at,
        issued_at::date - unnest([0, 1]) as alive_on
    from direct
    where caller_is_vague
),

alive as (
    select k.issue_id
    from (
        select
            issue_id,
            issued_at,
            unnest([principal_id, session_arn]) as wearer
        from known_calls
        where issue_kind = 'role'
    ) as k
    semi join vague as v
        on
            k.wearer = v.wearer
            and k.issued_at::date = v.alive_on
            and k.issued_at between v.issued_at - interval 12 hours and v.issued_at
),

above as (
    select c.issue_id
    from caller_candidates as c
    semi join direct as d
        on
            d.caller_principal_id = c.principal_id
            and d.caller_creation_date is not distinct from c.creation_date
)

select * from direct
union
select * from known_calls
where
    issue_id in (
        select a.issue_id from above as a
        union all
        select v.issue_id from alive as v
    )
