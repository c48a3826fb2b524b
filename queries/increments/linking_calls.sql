-- The issuing calls that sessions being built could have come from, and those that their callers
-- could have come from: whether the keys of a caller tell two people apart decides whether the
-- session is split.
-- grain: one row per issuing call
-- reads: known_calls, new_exact_candidates, new_loose_candidates, stored_link_candidates
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

above as (
    select c.issue_id
    from stored_link_candidates as c
    semi join direct as d
        on
            d.caller_principal_id = c.principal_id
            and d.caller_creation_date is not distinct from c.creation_date
)

select * from direct
union
select * from known_calls
where issue_id in (select a.issue_id from above as a)
