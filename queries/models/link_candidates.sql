-- Every issuing call that could have made a session, by each rule of the ladder that fits, the
-- lower the rank the better the rule (semantics.md 3.2).
-- grain: one row per session key, issuing call and rule
-- kind: view
-- reads: exact_candidates, loose_candidates
select * from exact_candidates
union all
select * from loose_candidates
