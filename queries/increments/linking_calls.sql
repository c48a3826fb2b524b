-- The issuing calls that sessions being built could have come from.
-- grain: one row per issuing call
-- reads: issued_credentials, new_exact_candidates, new_loose_candidates
select *
from issued_credentials
where
    issue_id in (
        select e.issue_id from new_exact_candidates as e
        union all
        select l.issue_id from new_loose_candidates as l
    )
